"""What people answer by text or email, and what a person decided about it."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from barbershop.models import ShopOwned, one_of
from customers.channels import Channel


class InboundOutcome(models.TextChoices):
    STOP = "stop", "Opted out"
    START = "start", "Opted in again"
    CONFIRMED = "confirmed", "Confirmed the sign-up"
    HELP = "help", "Asked for help"
    TALK = "talk", "Wrote to the shop"
    HELD = "held", "Unclear: held until somebody decides"


class InboundMessage(ShopOwned):
    """One answer to one shop.

    stop, start, confirmed: took effect by itself. help, talk: shown to the shop, no effect.
    held: marketing to the address waits until somebody decides; ``decided_as`` says how.
    """

    Outcome = InboundOutcome

    channel = models.CharField(max_length=5, choices=Channel.choices)
    customer = models.ForeignKey(
        "customers.Customer", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    communication = models.ForeignKey(
        "communications.CustomerCommunication",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="The message that it answers.",
    )
    event_key = models.CharField(max_length=220, help_text="Of the provider's event.")
    address = models.CharField(max_length=254, blank=True, help_text="Emptied by an erasure.")
    address_hmac = models.CharField(max_length=32)
    body = models.TextField(blank=True, help_text="Emptied by an erasure.")
    received_at = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    decided_as = models.CharField(max_length=10, choices=Outcome.choices, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        db_table = "inbound_messages"
        ordering = ["-received_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "event_key"], name="inbound_message_once_per_event"
            ),
            one_of("channel", Channel, name="inbound_message_channel_is_known"),
            one_of("outcome", InboundOutcome, name="inbound_message_outcome_is_known"),
            models.CheckConstraint(
                condition=Q(decided_as="", decided_at=None)
                | Q(decided_as__in=["stop", "talk"], decided_at__isnull=False, outcome="held"),
                name="inbound_message_decided_only_when_held",
            ),
        ]
        indexes = [
            models.Index(fields=["shop", "-received_at"], name="inbound_messages_of_shop"),
            models.Index(
                fields=["shop"],
                condition=Q(outcome="held", decided_at=None),
                name="inbound_messages_undecided",
            ),
            models.Index(fields=["address_hmac"], name="inbound_messages_by_address"),
        ]

    def __str__(self) -> str:
        return f"{self.outcome} at {self.received_at:%Y-%m-%d %H:%M}"
