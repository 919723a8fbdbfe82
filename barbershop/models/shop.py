"""The tenant: a franchise, its shops, and who works there."""

import zoneinfo

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, RegexValidator
from django.db import models
from django.db.models import Q

from barbershop.models.owned import Stamped, one_of


def validate_timezone(value: str) -> None:
    if value not in zoneinfo.available_timezones():
        raise ValidationError(f"{value} is not an IANA time zone such as America/New_York.")


def validate_https(value: str) -> None:
    if not value.startswith("https://"):
        raise ValidationError("It must be a web address that begins with https://.")


class Organization(Stamped):
    """A franchise, or the single owner of a single shop."""

    name = models.CharField(max_length=120)
    slug = models.SlugField(unique=True)

    class Meta:
        db_table = "organizations"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class BarbershopQuerySet(models.QuerySet):
    def for_user(self, user):
        """The shops a person may see: his own, or all of an organisation he belongs to."""
        if not user.is_authenticated:
            return self.none()
        if user.is_superuser:
            return self
        memberships = Membership.objects.filter(user=user)
        return self.filter(
            Q(pk__in=memberships.filter(shop__isnull=False).values("shop"))
            | Q(organization__in=memberships.filter(shop__isnull=True).values("organization"))
        )


class Barbershop(Stamped):
    """One location, and the tenant: every other row belongs to one."""

    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="shops")
    name = models.CharField(max_length=120)
    slug = models.SlugField(unique=True)
    timezone = models.CharField(
        max_length=64, default="America/New_York", validators=[validate_timezone]
    )
    currency = models.CharField(
        max_length=3, default="USD", validators=[RegexValidator(r"^[A-Z]{3}\Z")]
    )
    country = models.CharField(
        max_length=2, default="US", validators=[RegexValidator(r"^[A-Z]{2}\Z")]
    )
    language = models.CharField(max_length=10, default="en")
    postal_address = models.CharField(
        max_length=300, blank=True, help_text="Printed in every marketing email: the law asks."
    )
    phone = models.CharField(max_length=20, blank=True)
    booking_url = models.URLField(blank=True)
    logo_url = models.URLField(blank=True)
    terms_url = models.URLField(
        blank=True,
        validators=[validate_https],
        help_text="The shop's terms of its messages, beside the words people agree to: carriers "
        "look for the link.",
    )
    privacy_url = models.URLField(
        blank=True,
        validators=[validate_https],
        help_text="The shop's privacy policy, in the same place and for the same reason.",
    )
    brand_color = models.CharField(
        max_length=7, default="#1f2a44", validators=[RegexValidator(r"^#[0-9a-fA-F]{6}\Z")]
    )
    website_url = models.URLField(blank=True)
    instagram_url = models.URLField(blank=True)
    facebook_url = models.URLField(blank=True)
    review_url = models.URLField(blank=True, help_text="Where customers may leave a review.")
    spending_medium_from = models.PositiveBigIntegerField(
        null=True,
        blank=True,
        help_text="Minor units; with the next one it replaces thirds of the shop's own customers.",
    )
    spending_high_from = models.PositiveBigIntegerField(
        null=True, blank=True, help_text="Minor units."
    )
    sms_window_start = models.TimeField(default="09:00", help_text="Earliest local time for texts.")
    sms_window_end = models.TimeField(default="20:00", help_text="Latest local time for texts.")
    cap_messages = models.PositiveSmallIntegerField(
        default=2, help_text="Marketing messages per person within the cap period."
    )
    cap_sms = models.PositiveSmallIntegerField(
        default=1, help_text="Marketing texts per person within the cap period."
    )
    cap_period_days = models.PositiveSmallIntegerField(default=7)
    sends_on_closed_days = models.BooleanField(
        default=False, help_text="Marketing texts go out on days on which the shop is closed, too."
    )
    sms_double_opt_in = models.BooleanField(
        default=False, help_text="A sign-up counts only after a reply of YES."
    )
    email_double_opt_in = models.BooleanField(
        default=False, help_text="A sign-up counts only after a click on the link."
    )
    attribution_click_days = models.PositiveSmallIntegerField(
        default=7, validators=[MaxValueValidator(90)], help_text="Booked so soon after a click."
    )
    attribution_delivery_days = models.PositiveSmallIntegerField(
        default=3, validators=[MaxValueValidator(90)], help_text="Booked so soon after delivery."
    )
    sends_above_need_approval = models.PositiveIntegerField(
        null=True, blank=True, help_text="Campaigns above this audience need a second person."
    )
    suspended_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="Since then nothing is sent."
    )
    suspended_reason = models.CharField(max_length=200, blank=True, editable=False)
    suspended_by = models.ForeignKey(
        "barbershop.User",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    objects = BarbershopQuerySet.as_manager()

    class Meta:
        db_table = "barbershops"
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(sms_window_start__lt=models.F("sms_window_end")),
                name="barbershop_sms_window_starts_before_it_ends",
            ),
            models.CheckConstraint(
                condition=Q(spending_medium_from=None, spending_high_from=None)
                | Q(spending_medium_from__isnull=False, spending_high_from__isnull=False)
                & Q(spending_high_from__gt=models.F("spending_medium_from")),
                name="barbershop_spending_tiers_rise",
            ),
            models.CheckConstraint(
                condition=Q(suspended_at=None, suspended_reason="")
                | Q(Q(suspended_at__isnull=False), ~Q(suspended_reason="")),
                name="barbershop_suspension_has_both_time_and_reason",
            ),
            models.CheckConstraint(
                condition=Q(terms_url="") | Q(terms_url__startswith="https://"),
                name="barbershop_terms_are_behind_https",
            ),
            models.CheckConstraint(
                condition=Q(privacy_url="") | Q(privacy_url__startswith="https://"),
                name="barbershop_privacy_policy_is_behind_https",
            ),
        ]

    def clean(self):
        """Running campaigns print the address as it is when an email goes out."""
        super().clean()
        if self.pk and not self.postal_address.strip():
            stored = Barbershop.objects.filter(pk=self.pk).exclude(postal_address="")
            if stored.exists():
                said = "Change it, do not empty it: emails that are on their way must show it."
                raise ValidationError({"postal_address": said})

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.timezone)


class ClosedDay(models.Model):
    """A day on which the shop does not work: a holiday, or every Monday."""

    shop = models.ForeignKey(Barbershop, on_delete=models.CASCADE, related_name="closed_days")
    on = models.DateField(null=True, blank=True)
    weekday = models.PositiveSmallIntegerField(null=True, blank=True, help_text="0 is Monday.")
    reason = models.CharField(max_length=120, blank=True)

    class Meta:
        db_table = "closed_days"
        constraints = [
            models.CheckConstraint(
                condition=Q(on__isnull=True, weekday__isnull=False)
                | Q(on__isnull=False, weekday__isnull=True),
                name="closed_day_is_a_date_or_a_weekday",
            ),
            models.UniqueConstraint(fields=["shop", "on"], name="closed_day_once_per_date"),
            models.UniqueConstraint(fields=["shop", "weekday"], name="closed_day_once_per_weekday"),
        ]

    def __str__(self) -> str:
        return str(self.on or f"weekday {self.weekday}")


class MembershipRole(models.TextChoices):
    OWNER = "owner"
    MANAGER = "manager"
    STAFF = "staff"
    READ_ONLY = "read_only", "Read only"


class Membership(models.Model):
    """What a person may do in one shop, or (without a shop) in all of an organisation."""

    Role = MembershipRole

    user = models.ForeignKey(
        "barbershop.User", on_delete=models.CASCADE, related_name="memberships"
    )
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="+")
    shop = models.ForeignKey(
        Barbershop, null=True, blank=True, on_delete=models.CASCADE, related_name="memberships"
    )
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.STAFF)
    phone = models.CharField(
        max_length=20, blank=True, help_text="Verified number: may receive test texts."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "memberships"
        constraints = [
            models.UniqueConstraint(fields=["user", "shop"], name="membership_once_per_shop"),
            models.UniqueConstraint(
                fields=["user", "organization"],
                condition=Q(shop__isnull=True),
                name="membership_once_per_organization",
            ),
            one_of("role", MembershipRole, name="membership_role_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user} is {self.role} of {self.shop or self.organization}"
