"""Calls to a provider. A call carries the state of every message in it."""

import uuid

from django.db import models
from django.db.models import Q

from barbershop.models import AppendOnly, ShopOwned, one_of
from customers.channels import Channel


class AttemptState(models.TextChoices):
    CLAIMED = "claimed"
    SENDING = "sending"
    ACCEPTED = "accepted"
    RELEASED = "released"
    UNKNOWN = "unknown"
    NOT_SENT = "not_sent", "Not sent"


class DeliveryAttempt(ShopOwned):
    """One provider call with one or many messages.

    claimed: messages are ours until ``lease_until``; no byte has left.
    sending: committed before the call; from here a crash is ``unknown``, never "try again".
    accepted: the provider has them.
    released: definitely not sent; its messages went back to pending or were refused.
    unknown: the answer was ambiguous or never came.
    not_sent: unknown past its horizon, with no sign that the provider had it.
    """

    State = AttemptState

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    dispatch = models.ForeignKey(
        "communications.Dispatch", on_delete=models.PROTECT, related_name="attempts"
    )
    account = models.ForeignKey(
        "communications.ProviderAccount",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    channel = models.CharField(max_length=5, choices=Channel.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.CLAIMED)
    message_count = models.PositiveIntegerField(default=0)
    claimed_at = models.DateTimeField()
    lease_until = models.DateTimeField()
    sending_at = models.DateTimeField(null=True, blank=True)
    call_deadline = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    http_status = models.PositiveSmallIntegerField(null=True, blank=True)
    provider_id = models.CharField(max_length=120, blank=True)
    error = models.CharField(max_length=300, blank=True)
    sender = models.CharField(max_length=254, blank=True, help_text="The address it went out from.")
    body_digest = models.CharField(
        max_length=64, blank=True, help_text="SHA-256 of a text, to find it in the provider's list."
    )
    lookups = models.PositiveSmallIntegerField(
        default=0, help_text="How often the provider's list was asked in vain."
    )
    next_lookup_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "delivery_attempts"
        ordering = ["-pk"]
        constraints = [
            one_of("state", AttemptState, name="delivery_attempt_state_is_known"),
            models.CheckConstraint(
                condition=Q(sending_at=None, call_deadline=None)
                | Q(sending_at__isnull=False, call_deadline__isnull=False),
                name="delivery_attempt_call_has_start_and_deadline",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["sending", "accepted", "unknown", "not_sent"])
                | Q(sending_at__isnull=False),
                name="delivery_attempt_began_before_it_ended",
            ),
        ]
        indexes = [
            models.Index(
                fields=["lease_until"],
                condition=Q(state="claimed"),
                name="delivery_attempts_claimed",
            ),
            models.Index(
                fields=["call_deadline"],
                condition=Q(state__in=["sending", "unknown"]),
                name="delivery_attempts_open",
            ),
            models.Index(fields=["provider_id"], name="delivery_attempts_by_provider"),
        ]

    def __str__(self) -> str:
        return f"attempt {self.pk} ({self.state})"


class AttemptDeparture(AppendOnly):
    """A message that left its call with another outcome than the call's.

    Together with the current attempt these rows are the history of a message.
    """

    class Outcome(models.TextChoices):
        REQUEUED = "requeued"
        ABSENT = "absent", "Not in the provider's list"
        RETRIED = "retried", "Sent again without knowing: it is transactional"
        FREED = "freed", "Released by a person"
        BLOCKED = "blocked"
        REJECTED = "rejected"
        CANCELLED = "cancelled"

    shop = models.ForeignKey("barbershop.Barbershop", on_delete=models.PROTECT, related_name="+")
    attempt = models.ForeignKey(
        DeliveryAttempt, on_delete=models.PROTECT, related_name="departures"
    )
    communication = models.ForeignKey(
        "communications.CustomerCommunication",
        on_delete=models.PROTECT,
        related_name="departures",
    )
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    reason = models.CharField(max_length=120, blank=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "attempt_departures"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.communication_id} {self.outcome}"
