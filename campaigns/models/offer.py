"""Discounts, the codes that carry them, and friends who bring friends."""

import datetime as dt

from django.db import models
from django.db.models import Q
from django.utils.formats import date_format

from barbershop.models import ShopOwned, Stamped, one_of

INSTANT = dt.timedelta(microseconds=1)


class OfferKind(models.TextChoices):
    PERCENT = "percent"
    AMOUNT = "amount"
    SERVICE = "service"


class Offer(ShopOwned, Stamped):
    """What a code is worth: percent points, minor units, or a free service."""

    Kind = OfferKind

    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    value = models.PositiveIntegerField(default=0)
    service = models.ForeignKey(
        "barbershop.Service", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    valid_days = models.PositiveSmallIntegerField(null=True, blank=True)
    code_prefix = models.CharField(max_length=12, blank=True)

    class Meta:
        db_table = "offers"
        ordering = ["name"]
        constraints = [
            one_of("kind", OfferKind, name="offer_kind_is_known"),
            models.CheckConstraint(
                condition=~Q(kind="percent") | Q(value__range=(1, 100)),
                name="offer_percent_is_between_1_and_100",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class OfferCode(ShopOwned):
    """One person's code: issued once, redeemed at most once."""

    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="codes")
    customer = models.ForeignKey(
        "customers.Customer", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    execution = models.ForeignKey(
        "campaigns.CampaignExecution",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    referral = models.ForeignKey(
        "campaigns.Referral",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="codes",
        help_text="The friendship that it rewards.",
    )
    code = models.CharField(max_length=40)
    issued_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    redeemed_at = models.DateTimeField(null=True, blank=True)
    appointment = models.ForeignKey(
        "customers.Appointment", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    discount = models.PositiveIntegerField(default=0, help_text="Given, in minor units.")

    class Meta:
        db_table = "offer_codes"
        constraints = [
            models.UniqueConstraint(fields=["shop", "code"], name="offer_code_once_per_shop"),
            models.UniqueConstraint(
                fields=["execution", "customer"],
                condition=Q(execution__isnull=False, customer__isnull=False),
                name="offer_code_once_per_execution_and_person",
            ),
            models.UniqueConstraint(
                fields=["referral", "customer"],
                condition=Q(referral__isnull=False),
                name="offer_code_once_per_referral_and_person",
            ),
            models.CheckConstraint(
                condition=Q(redeemed_at__isnull=False) | Q(appointment=None, discount=0),
                name="offer_code_discount_only_when_redeemed",
            ),
        ]
        indexes = [models.Index(fields=["shop", "redeemed_at"], name="offer_codes_by_redemption")]

    def __str__(self) -> str:
        return self.code

    def valid_until(self, *, now: dt.datetime) -> str:
        """The last day as messages say it, ``December 22``; with the year where it is another."""
        if self.expires_at is None:
            return ""
        # ``expires_at`` is the first moment at which the code counts no more: a midnight.
        day = (self.expires_at - INSTANT).astimezone(self.shop.zone).date()
        words = date_format(day, "MONTH_DAY_FORMAT")
        is_this_year = day.year == now.astimezone(self.shop.zone).year
        return words if is_this_year else f"{words}, {day.year}"


class Referral(ShopOwned):
    """A friend who came through a customer's link; both are rewarded once."""

    referrer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="+")
    friend = models.OneToOneField("customers.Customer", on_delete=models.PROTECT, related_name="+")
    offer = models.ForeignKey(
        Offer,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="What both get.",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    first_visit_at = models.DateTimeField(null=True, blank=True)
    rewarded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "referrals"
        constraints = [
            models.CheckConstraint(
                condition=~Q(referrer=models.F("friend")), name="referral_is_not_to_oneself"
            )
        ]

    def __str__(self) -> str:
        return f"{self.referrer_id} brought {self.friend_id}"
