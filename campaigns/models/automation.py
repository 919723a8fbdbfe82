"""Rules that start campaigns by themselves."""

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q

from barbershop.models import ShopOwned, Stamped, one_of


class AutomationKind(models.TextChoices):
    WELCOME = "welcome"
    BIRTHDAY = "birthday"
    WIN_BACK = "win_back", "Win-back"


class Automation(ShopOwned, Stamped):
    """A rule set of one kind; one per shop and kind. Active from ``active_from``, no backlog."""

    Kind = AutomationKind

    kind = models.CharField(max_length=20, choices=Kind.choices)
    name = models.CharField(max_length=120)
    active_from = models.DateTimeField(null=True, blank=True, help_text="Off while empty.")
    trigger_days = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Win-back: days without a visit."
    )
    discount_percent = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MaxValueValidator(100)]
    )
    valid_days = models.PositiveSmallIntegerField(null=True, blank=True)
    holdout_percent = models.PositiveSmallIntegerField(
        default=0, validators=[MaxValueValidator(50)]
    )

    class Meta:
        db_table = "automations"
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["shop", "kind"], name="automation_once_per_kind"),
            one_of("kind", AutomationKind, name="automation_kind_is_known"),
            models.CheckConstraint(
                condition=Q(discount_percent=None) | Q(discount_percent__range=(1, 100)),
                name="automation_discount_is_a_percentage",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_active(self) -> bool:
        return self.active_from is not None


class AutomationStep(ShopOwned):
    """One message of an automation: its campaign, and how many days after the trigger."""

    automation = models.ForeignKey(Automation, on_delete=models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField()
    delay_days = models.SmallIntegerField(default=0, help_text="Negative: before the occasion.")
    definition = models.ForeignKey(
        "campaigns.CampaignDefinition", on_delete=models.PROTECT, related_name="+"
    )
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "automation_steps"
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["automation", "position"], name="automation_step_once_per_position"
            )
        ]

    def __str__(self) -> str:
        return f"step {self.position} of {self.automation}"


class AutomationEnrollment(ShopOwned):
    """One person's passage through an automation, for one occurrence."""

    automation = models.ForeignKey(Automation, on_delete=models.PROTECT, related_name="enrollments")
    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="+")
    occurrence_key = models.CharField(max_length=120)
    is_holdout = models.BooleanField(default=False)
    entered_at = models.DateTimeField()
    next_step = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(null=True, blank=True)
    exited_at = models.DateTimeField(null=True, blank=True)
    exit_reason = models.CharField(max_length=60, blank=True)

    class Meta:
        db_table = "automation_enrollments"
        constraints = [
            models.UniqueConstraint(
                fields=["automation", "customer", "occurrence_key"],
                name="automation_enrollment_once_per_occurrence",
            )
        ]
        indexes = [
            models.Index(
                fields=["automation", "next_at"],
                condition=Q(exited_at=None),
                name="automation_enrollments_due",
            )
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.occurrence_key}"
