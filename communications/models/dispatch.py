"""One run of sending, and the content that it sends."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from barbershop.models import ShopOwned, ShopQuerySet, one_of
from customers.channels import Channel


class DispatchQuerySet(ShopQuerySet):
    def running(self):
        return self.filter(state=Dispatch.State.RUNNING)


class DispatchKind(models.TextChoices):
    MARKETING = "marketing"
    TRANSACTIONAL = "transactional"
    TEST = "test"


class DispatchState(models.TextChoices):
    PREPARING = "preparing"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"


class PauseCause(models.TextChoices):
    PERSON = "person", "A person"
    PROVIDER = "provider", "The provider refused us"
    BUDGET = "budget", "The budget is spent"
    REPUTATION = "reputation", "Too many complaints or bounces"


class Dispatch(ShopOwned):
    """One run of sending: an execution, one tick of an automation step, or a test.

    preparing: its audience is being written; nothing is sent yet.
    running: pending messages are claimed and sent, not before ``starts_at``.
    paused: nothing new begins; calls already begun are answered.
    done: no message is pending or in a call.
    cancelled: what was pending will never be sent.
    failed: it could not be prepared; nothing was sent.
    """

    Kind = DispatchKind

    State = DispatchState

    PauseCause = PauseCause

    STOPPABLE = frozenset({State.PREPARING, State.RUNNING, State.PAUSED})
    OVER = frozenset({State.DONE, State.CANCELLED, State.FAILED})

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=15, choices=Kind.choices, default=Kind.MARKETING)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PREPARING)
    paused_reason = models.CharField(max_length=200, blank=True)
    pause_cause = models.CharField(
        max_length=10,
        choices=PauseCause.choices,
        blank=True,
        help_text="What ends the pause: a person, or a raised budget.",
    )
    budget = models.ForeignKey(
        "communications.Budget", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    is_cap_exempt = models.BooleanField(
        default=False, help_text="The shop's frequency cap does not count; the law's does."
    )
    excludes_booked = models.BooleanField(
        default=False, help_text="Nobody who has an appointment coming up."
    )
    excludes_visited_days = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Nobody who was here within so many days."
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    starts_at = models.DateTimeField(
        null=True, blank=True, help_text="No call begins before: the undo window."
    )
    prepared_at = models.DateTimeField(
        null=True, blank=True, help_text="When the last message had been written."
    )
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = DispatchQuerySet.as_manager()

    class Meta:
        db_table = "dispatches"
        ordering = ["-pk"]
        verbose_name_plural = "dispatches"
        constraints = [
            one_of("kind", DispatchKind, name="dispatch_kind_is_known"),
            one_of("state", DispatchState, name="dispatch_state_is_known"),
            models.CheckConstraint(
                condition=Q(paused_reason="") | Q(state="paused"),
                name="dispatch_paused_reason_only_while_paused",
            ),
            models.CheckConstraint(
                condition=Q(pause_cause="") | Q(state="paused"),
                name="dispatch_pause_cause_only_while_paused",
            ),
        ]
        indexes = [
            models.Index(
                fields=["shop", "id"], condition=Q(state="running"), name="dispatches_running"
            )
        ]

    def __str__(self) -> str:
        return f"dispatch {self.pk} ({self.state})"

    @property
    def waits_for_its_shop(self) -> bool:
        """A campaign of a suspended shop goes on afterwards; nothing else is of use then."""
        return self.kind == DispatchKind.MARKETING and self.shop.suspended_at is not None


class MessageContent(ShopOwned):
    """What one arm of one dispatch says on one channel. Immutable once written."""

    dispatch = models.ForeignKey(Dispatch, on_delete=models.CASCADE, related_name="contents")
    channel = models.CharField(max_length=5, choices=Channel.choices)
    variant_label = models.CharField(max_length=20, blank=True)
    variation = models.CharField(
        max_length=40, blank=True, help_text="Of the arm: in another language, for one season."
    )
    subject = models.CharField(max_length=250, blank=True)
    text = models.TextField(blank=True, help_text="SMS text, or the plain part of an email.")
    html = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "message_contents"
        constraints = [
            models.UniqueConstraint(
                fields=["dispatch", "variant_label", "variation", "channel"],
                name="message_content_once_per_arm_variation_and_channel",
            ),
            one_of("channel", Channel, name="message_content_channel_is_known"),
        ]

    def __str__(self) -> str:
        return self.subject or self.text[:60]
