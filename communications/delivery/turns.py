"""Whose turn it is: shops one after the other, and within a shop its dispatches.

Nothing is kept for it. Who had the latest call stands in the ledger, so that workers that come and
go share out what little there is; a run remembers on top of it whom it has served itself.
"""

import datetime as dt
from collections.abc import Hashable
from dataclasses import dataclass

from django.db.models import OuterRef, Q, Subquery

from communications.models import CustomerCommunication, DeliveryAttempt, Dispatch
from customers.channels import Channel

RECENT = 1000  # calls that are looked at; who is not among them has waited longest


@dataclass(frozen=True)
class Turn:
    """One dispatch may claim once on one channel."""

    dispatch: Dispatch
    channel: str

    @property
    def shop(self) -> tuple[str, int]:
        return self.channel, self.dispatch.shop_id

    @property
    def own(self) -> tuple[str, str, int]:
        return self.channel, "dispatch", self.dispatch.pk


class Turns:
    """The order of one run of sending."""

    def __init__(self):
        self._latest: dict[Hashable, int] = {}

    def due(self, *, now: dt.datetime) -> list[Turn]:
        """One turn for each shop and channel with something to send, the longest unserved first."""
        turns = _waiting(now)
        if len(turns) > 1:
            self._look_at_the_ledger()
        turns.sort(
            key=lambda turn: (
                self._latest.get(turn.shop, 0),
                self._latest.get(turn.own, 0),
                turn.dispatch.pk,
            )
        )
        first: dict[Hashable, Turn] = {}
        for turn in turns:
            first.setdefault(turn.shop, turn)
        return list(first.values())

    def was_served(self, turn: Turn, attempts: list[DeliveryAttempt]) -> None:
        for attempt in attempts:
            self._note(turn.shop, attempt.pk)
            self._note(turn.own, attempt.pk)

    def _look_at_the_ledger(self) -> None:
        calls = DeliveryAttempt.objects.order_by("-pk")
        rows = calls.values_list("pk", "channel", "shop_id", "dispatch_id")[:RECENT]
        for pk, channel, shop_id, dispatch_id in rows:
            self._note((channel, shop_id), pk)
            self._note((channel, "dispatch", dispatch_id), pk)

    def _note(self, key: Hashable, pk: int) -> None:
        self._latest[key] = max(pk, self._latest.get(key, 0))


def _waiting(now: dt.datetime) -> list[Turn]:
    """Every dispatch and channel in which a message may go now, by one query."""
    due = Q(not_before=None) | Q(not_before__lte=now)
    pending = CustomerCommunication.objects.filter(
        due, dispatch=OuterRef("pk"), send_state=CustomerCommunication.SendState.PENDING
    )
    # The oldest rather than whether there is one: for that PostgreSQL reads the table from its
    # beginning, where everything was sent long ago.
    oldest = {
        name: Subquery(pending.filter(channel=name).order_by("pk").values("pk")[:1])
        for name in Channel.values
    }
    running = Dispatch.objects.running().filter(starts_at__lte=now).select_related("shop")
    # Of a suspended shop only what the gate refuses for good; campaigns wait.
    running = running.exclude(kind=Dispatch.Kind.MARKETING, shop__suspended_at__isnull=False)
    return [
        Turn(dispatch, channel)
        for dispatch in running.annotate(**oldest)
        for channel in Channel.values
        if getattr(dispatch, channel)
    ]
