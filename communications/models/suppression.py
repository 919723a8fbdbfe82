"""Addresses that must not be used. Matched by HMAC, so that they outlive an erasure."""

from django.conf import settings
from django.db import models

from barbershop.models import AppendOnly, AppendOnlyQuerySet, one_of
from customers.channels import Channel


class SuppressionQuerySet(AppendOnlyQuerySet):
    def active(self):
        return self.filter(lift=None)


class SuppressionCause(models.TextChoices):
    UNSUBSCRIBED = "unsubscribed"
    STOP = "stop", "Replied STOP"
    COMPLAINED = "complained"
    BOUNCED = "bounced", "Hard bounce"
    PROVIDER = "provider", "Refused by the provider"
    ERASED = "erased"
    MANUAL = "manual", "By the shop"
    HELD = "held", "Held until a person has read a reply"


class Suppression(AppendOnly):
    """One reason why an address must not be used by one shop. Append-only; see the lift."""

    Cause = SuppressionCause
    EMPTIED = frozenset({"note"})

    shop = models.ForeignKey("barbershop.Barbershop", on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(max_length=5, choices=Channel.choices)
    address_hmac = models.CharField(max_length=32)
    cause = models.CharField(max_length=15, choices=Cause.choices)
    note = models.CharField(max_length=200, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = SuppressionQuerySet.as_manager()

    class Meta:
        db_table = "suppressions"
        ordering = ["-pk"]
        constraints = [
            one_of("cause", SuppressionCause, name="suppression_cause_is_known"),
            one_of("channel", Channel, name="suppression_channel_is_known"),
            models.CheckConstraint(
                condition=~models.Q(address_hmac=""), name="suppression_has_an_address"
            ),
        ]
        indexes = [
            models.Index(fields=["shop", "channel", "address_hmac"], name="suppressions_by_address")
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.cause}"


class SuppressionLift(AppendOnly):
    """The end of a suppression, by START or by a person."""

    EMPTIED = frozenset({"reason"})

    shop = models.ForeignKey("barbershop.Barbershop", on_delete=models.PROTECT, related_name="+")
    suppression = models.OneToOneField(Suppression, on_delete=models.PROTECT, related_name="lift")
    reason = models.CharField(max_length=200)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    lifted_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "suppression_lifts"

    def __str__(self) -> str:
        return self.reason
