"""The ledger: one row per person, channel and dispatch."""

import uuid

from django.db import models
from django.db.models import Case, CharField, F, Q, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from barbershop.models import ShopOwned, ShopQuerySet, one_of
from communications.models.attempt import DeliveryAttempt
from customers.channels import Channel, Topic


class CommunicationQuerySet(ShopQuerySet):
    def with_state(self):
        """Annotate ``state``: a message in a call is in whatever state its call is in."""
        in_call = Q(send_state=CustomerCommunication.SendState.IN_CALL)
        return self.annotate(
            state=Case(
                When(in_call, then=F("attempt__state")),
                default=F("send_state"),
                output_field=CharField(),
            ),
            sending_at=Case(When(in_call, then=F("attempt__sending_at"))),
            accepted_at=Coalesce(
                F("proven_at"),
                Case(
                    When(
                        in_call & Q(attempt__state=DeliveryAttempt.State.ACCEPTED),
                        then=F("attempt__answered_at"),
                    )
                ),
            ),
        )

    def accepted(self):
        """Messages that the provider took: the denominator of delivery."""
        return self.filter(
            send_state=CustomerCommunication.SendState.IN_CALL,
            attempt__state=DeliveryAttempt.State.ACCEPTED,
        )

    def counted(self):
        """Messages that count in figures: everything but tests."""
        return self.exclude(dispatch__kind="test")


class SendState(models.TextChoices):
    PENDING = "pending"
    IN_CALL = "in_call", "In a call"
    BLOCKED = "blocked"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


class CustomerCommunication(ShopOwned):
    """One message to one person on one channel: the ledger row.

    pending: waits for its turn, not before ``not_before``.
    in_call: belongs to ``attempt``, whose state (claimed, sending, accepted, unknown, not_sent)
        is the state of every message in the call. Use ``with_state()`` to read it.
    blocked: refused by the gate; ``reason`` says why.
    rejected: the provider refused this recipient; ``reason`` holds its code.
    cancelled: its dispatch was cancelled first.
    """

    SendState = SendState

    class Reason(models.TextChoices):
        """Why the gate refused; a rejection's reason is the provider's own code instead."""

        NO_ADDRESS = "no_address", "No address"
        INVALID_ADDRESS = "invalid_address", "Invalid address"
        DUPLICATE_ADDRESS = "duplicate_address", "Somebody else with the same address gets it"
        NO_CONSENT = "no_consent", "No consent"
        UNPROVEN = "unproven", "Consent without proof"
        TOPIC = "topic", "Not interested in this topic"
        SUPPRESSED = "suppressed", "Address must not be used"
        HELD_FOR_REVIEW = "held_for_review", "Held until somebody decides"
        FREQUENCY_CAP = "frequency_cap", "Had enough messages lately"
        UNKNOWN_ZONE = "unknown_zone", "Local time unknown"
        QUIET_WINDOW_MISSED = "quiet_window_missed", "Quiet hours until it was too late"
        EXCLUDED = "excluded", "Excluded"
        BOOKED_MEANWHILE = "booked_meanwhile", "Booked in the meantime"
        RENDER_ERROR = "render_error", "The text could not be made"
        SHOP_SUSPENDED = "shop_suspended", "The shop is suspended"

    class Delivery(models.IntegerChoices):
        """What became of an accepted message; a later report never lowers it."""

        NONE = 0, "No report"
        QUEUED = 10, "Queued"
        DEFERRED = 20, "Deferred"
        SENT = 30, "Sent"
        FAILED = 40, "Failed"
        DELIVERED = 50, "Delivered"
        DROPPED = 60, "Dropped"
        BOUNCED = 70, "Bounced"

    # A row changes when it is claimed, and every index is then written again: there are only those
    # that a query needs, and none on a foreign key that another index begins with.
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    shop = models.ForeignKey(
        "barbershop.Barbershop", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    dispatch = models.ForeignKey(
        "communications.Dispatch",
        on_delete=models.PROTECT,
        related_name="communications",
        db_index=False,
    )
    content = models.ForeignKey(
        "communications.MessageContent",
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
    )
    customer = models.ForeignKey(
        "customers.Customer",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="communications",
        db_index=False,
        help_text="Nobody for a test.",
    )
    channel = models.CharField(max_length=5, choices=Channel.choices)
    topic = models.CharField(max_length=20, choices=Topic.choices, default=Topic.MARKETING)
    address = models.CharField(max_length=254, blank=True)
    address_hmac = models.CharField(max_length=32, blank=True)
    dedupe_key = models.CharField(max_length=200, null=True, blank=True)  # noqa: DJ001 unique
    values = models.JSONField(
        default=dict, blank=True, help_text="Flat strings from above: offer code, referral link."
    )

    send_state = models.CharField(
        max_length=10, choices=SendState.choices, default=SendState.PENDING
    )
    reason = models.CharField(max_length=60, blank=True)
    attempt = models.ForeignKey(
        DeliveryAttempt,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="communications",
    )
    attempt_count = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(null=True, blank=True)
    window_end = models.DateTimeField(null=True, blank=True)
    queued_at = models.DateTimeField(default=timezone.now)
    segments = models.PositiveSmallIntegerField(default=0, help_text="Parts of a text.")
    cost_micros = models.PositiveBigIntegerField(
        default=0, help_text="Millionths of the shop's currency unit."
    )

    delivery = models.PositiveSmallIntegerField(choices=Delivery.choices, default=Delivery.NONE)
    error_code = models.CharField(max_length=40, blank=True)
    proven_at = models.DateTimeField(
        null=True, blank=True, help_text="First report that proves the provider had it."
    )
    delivered_at = models.DateTimeField(null=True, blank=True)
    bounced_at = models.DateTimeField(null=True, blank=True, help_text="Bounced, dropped, failed.")
    opened_at = models.DateTimeField(null=True, blank=True)
    clicked_at = models.DateTimeField(null=True, blank=True)
    replied_at = models.DateTimeField(null=True, blank=True)
    unsubscribed_at = models.DateTimeField(null=True, blank=True)
    complained_at = models.DateTimeField(null=True, blank=True)
    machine_opened_at = models.DateTimeField(null=True, blank=True)
    machine_clicked_at = models.DateTimeField(null=True, blank=True)

    objects = CommunicationQuerySet.as_manager()

    class Meta:
        db_table = "customer_communications"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["dispatch", "channel", "customer"],
                name="communication_once_per_person_and_channel",
            ),
            models.UniqueConstraint(
                fields=["dispatch", "channel", "address"],
                condition=~Q(address="") & ~Q(send_state="blocked"),
                name="communication_once_per_address",
            ),
            models.UniqueConstraint(
                fields=["dedupe_key"],
                condition=Q(dedupe_key__isnull=False),
                name="communication_dedupe_key_once",
            ),
            models.CheckConstraint(
                condition=Q(send_state="in_call", attempt__isnull=False)
                | ~Q(send_state="in_call") & Q(attempt=None),
                name="communication_has_attempt_exactly_in_call",
            ),
            models.CheckConstraint(
                condition=~Q(send_state__in=["blocked", "rejected"]) | ~Q(reason=""),
                name="communication_refusal_has_a_reason",
            ),
            one_of("send_state", SendState, name="communication_send_state_is_known"),
            one_of("channel", Channel, name="communication_channel_is_known"),
        ]
        indexes = [
            models.Index(
                fields=["dispatch", "channel", "id"],
                condition=Q(send_state="pending"),
                name="communications_to_send",
            ),
            models.Index(fields=["shop", "-id"], name="communications_of_shop"),
            models.Index(fields=["address_hmac", "queued_at"], name="communications_by_address"),
            models.Index(fields=["customer", "queued_at"], name="communications_of_customer"),
            # Few messages are clicked: choosing by clicks reads those alone.
            models.Index(
                fields=["customer", "clicked_at", "dispatch"],
                condition=Q(clicked_at__isnull=False),
                name="communications_clicked",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.uuid}"
