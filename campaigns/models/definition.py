"""The plan of a campaign: what is said to whom, and why."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from barbershop.models import ShopOwned, ShopQuerySet, Stamped, one_of


class CampaignType(models.TextChoices):
    EMAIL = "email"
    SMS = "sms", "SMS"
    MULTI = "multi", "Email and SMS"


class CampaignPolicy(models.TextChoices):
    ALL = "all", "Every channel"
    FIRST_AVAILABLE = "first_available", "The first channel that reaches the person"


class CampaignStatus(models.TextChoices):
    DRAFT = "draft"
    SCHEDULED = "scheduled"
    ACTIVE = "active"
    ARCHIVED = "archived"


class CampaignDefinition(ShopOwned, Stamped):
    """A campaign as planned. Editable while a draft; what was sent is the dispatch's content.

    draft: being written. scheduled: starts by itself at ``scheduled_for``.
    active: has been executed, or is run by an automation. archived: put away.
    """

    Type = CampaignType

    class Category(models.TextChoices):
        PROMOTIONAL = "promotional"
        WELCOME = "welcome"
        BIRTHDAY = "birthday"
        WIN_BACK = "win_back", "Win-back"
        VIP = "vip", "VIP"
        REFERRAL = "referral"
        MILESTONE = "milestone"
        REBOOK = "rebook"
        REVIEW = "review", "Review request"
        FILL_A_CHAIR = "fill_a_chair", "Fill a chair"
        SEASONAL = "seasonal"
        REMINDER = "reminder"
        OTHER = "other"

    class Trigger(models.TextChoices):
        MANUAL = "manual"
        SCHEDULED = "scheduled"
        BEHAVIORAL = "behavioral"
        LIFECYCLE = "lifecycle"

    Policy = CampaignPolicy

    Status = CampaignStatus

    name = models.CharField(max_length=160)
    campaign_type = models.CharField(max_length=5, choices=Type.choices)
    category = models.CharField(
        max_length=15, choices=Category.choices, default=Category.PROMOTIONAL
    )
    trigger = models.CharField(max_length=10, choices=Trigger.choices, default=Trigger.MANUAL)
    channel_policy = models.CharField(max_length=15, choices=Policy.choices, default=Policy.ALL)
    target_criteria = models.JSONField(default=dict, blank=True)
    primary_goal = models.CharField(max_length=60, blank=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.DRAFT)
    scheduled_for = models.DateTimeField(null=True, blank=True)
    holdout_percent = models.PositiveSmallIntegerField(
        default=0, validators=[MaxValueValidator(50)], help_text="Deliberately not messaged."
    )
    offer = models.ForeignKey(
        "campaigns.Offer", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    excludes_booked = models.BooleanField(
        default=False, help_text="Nobody who has an appointment coming up."
    )
    excludes_visited_days = models.PositiveSmallIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(3650)],
        help_text="Nobody who was here within so many days.",
    )
    budget_micros = models.PositiveBigIntegerField(
        null=True, blank=True, help_text="Millionths of the currency unit; none: no own limit."
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = ShopQuerySet.as_manager()

    class Meta:
        db_table = "campaign_definitions"
        ordering = ["-created_at", "-pk"]
        constraints = [
            one_of("campaign_type", CampaignType, name="campaign_type_is_known"),
            one_of("status", CampaignStatus, name="campaign_status_is_known"),
            one_of("channel_policy", CampaignPolicy, name="campaign_channel_policy_is_known"),
            models.CheckConstraint(
                condition=~Q(status="scheduled") | Q(scheduled_for__isnull=False),
                name="campaign_scheduled_has_a_time",
            ),
            models.CheckConstraint(
                condition=Q(holdout_percent__lte=50), name="campaign_holdout_is_at_most_half"
            ),
        ]
        indexes = [models.Index(fields=["shop", "status"], name="campaigns_by_status")]
        verbose_name = "campaign"

    def __str__(self) -> str:
        return self.name

    @property
    def is_editable(self) -> bool:
        return self.status in {self.Status.DRAFT, self.Status.SCHEDULED}


class SegmentMode(models.TextChoices):
    INCLUDE = "include"
    EXCLUDE = "exclude"


class CampaignSegment(ShopOwned):
    """A saved segment that a campaign includes or excludes."""

    Mode = SegmentMode

    definition = models.ForeignKey(
        CampaignDefinition, on_delete=models.CASCADE, related_name="campaign_segments"
    )
    segment = models.ForeignKey(
        "customers.CustomerSegment", on_delete=models.PROTECT, related_name="+"
    )
    mode = models.CharField(max_length=7, choices=Mode.choices, default=Mode.INCLUDE)

    class Meta:
        db_table = "campaign_segments"
        constraints = [
            models.UniqueConstraint(fields=["definition", "segment"], name="campaign_segment_once"),
            one_of("mode", SegmentMode, name="campaign_segment_mode_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.mode} {self.segment}"
