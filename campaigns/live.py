"""One run as it stands this moment: counts, calls on the wire, calls without an outcome.

For the ledger command, the admin, the API and the page alike: all of them show these numbers.
"""

import datetime as dt
from dataclasses import dataclass, field

from django.db.models import Case, Count, F, Min, Q, QuerySet, Value, When
from django.utils import timezone

from campaigns import progress
from campaigns.models import CampaignExecution
from communications import incidents
from communications.delivery import retry
from communications.models import CustomerCommunication, DeliveryAttempt, Dispatch, Incident

State = DeliveryAttempt.State
ON_THE_WIRE = (State.SENDING,)
UNRESOLVED = retry.UNRESOLVED
NOT_SENT = State.NOT_SENT.value
FAILED = retry.FAILED | Q(send_state="in_call", attempt__state=NOT_SENT)
SHOWN = 20  # calls; a text is a call of its own, and there may be thousands


@dataclass(frozen=True)
class Calls:
    """Calls in the same situation.

    ``oldest`` are the first ``SHOWN`` of ``number``; each has ``messages``, how many are in it now.
    """

    number: int = 0
    messages: int = 0
    oldest: list[DeliveryAttempt] = field(default_factory=list)

    @property
    def more(self) -> int:
        return self.number - len(self.oldest)

    def __str__(self) -> str:
        calls = "1 call" if self.number == 1 else f"{self.number:,} calls"
        messages = "1 message" if self.messages == 1 else f"{self.messages:,} messages"
        return f"{calls} with {messages}"


@dataclass(frozen=True)
class Later:
    """Messages that wait for a moment, the first of them until ``first_at``."""

    messages: int = 0
    first_at: dt.datetime | None = None


@dataclass(frozen=True)
class Live:
    """``on_the_wire``: begun, not answered. ``unresolved``: the answer was lost, or never came.
    ``incidents`` are the newest ``SHOWN`` of ``open_incidents``.
    """

    execution: CampaignExecution
    counts: progress.Counts
    on_the_wire: Calls
    unresolved: Calls
    incidents: list[Incident]
    open_incidents: int
    later: Later
    as_of: dt.datetime


def of(execution: CampaignExecution, *, now: dt.datetime | None = None) -> Live:
    """The picture of one run: six queries, eleven for a large one.

    What is unsettled is read before it is counted: a call answered in between is in the counts.
    """
    about = incidents.about(execution.dispatch)
    newest = list(about.select_related("communication")[:SHOWN])
    now = now or timezone.now()
    return Live(
        execution=execution,
        on_the_wire=begun(execution.dispatch),
        unresolved=unresolved(execution.dispatch),
        incidents=newest,
        open_incidents=len(newest) if len(newest) < SHOWN else about.count(),
        counts=progress.count([execution])[execution.pk],
        later=_later(execution.dispatch, now=now),
        as_of=now,
    )


def _later(dispatch: Dispatch, *, now: dt.datetime) -> Later:
    waiting = CustomerCommunication.objects.filter(
        dispatch=dispatch, send_state="pending", not_before__gt=now
    )
    return Later(**waiting.aggregate(messages=Count("pk"), first_at=Min("not_before")))


def begun(dispatch: Dispatch) -> Calls:
    """Calls whose first byte may have left and that have not been answered."""
    return _calls(dispatch, ON_THE_WIRE)


def unresolved(dispatch: Dispatch) -> Calls:
    """Calls that may or may not have reached the provider."""
    return _calls(dispatch, UNRESOLVED)


def calls(dispatch: Dispatch, states) -> QuerySet[DeliveryAttempt]:
    """Calls of a run in the given states, the oldest first, each with its ``messages``."""
    found = DeliveryAttempt.objects.for_shop(dispatch.shop_id).filter(state__in=states)
    found = found.filter(dispatch=dispatch).select_related("dispatch", "account")
    return found.annotate(messages=Count("communications")).order_by("sending_at", "pk")


def failed(dispatch: Dispatch) -> dict[str, int]:
    """``{why: messages}`` of what ``execution.retry_failed`` tries again, the most first.

    Why is the provider's own code or words, ``render_error``, or ``not_sent`` for messages of
    calls without a sign from the provider: these may have arrived.
    """
    rows = (
        CustomerCommunication.objects.for_shop(dispatch.shop_id)
        .filter(FAILED, dispatch=dispatch)
        .annotate(why=Case(When(send_state="in_call", then=Value(NOT_SENT)), default=F("reason")))
        .values("why")
        .annotate(messages=Count("pk"))
        .order_by("-messages", "why")
    )
    return {row["why"]: row["messages"] for row in rows}


def _calls(dispatch: Dispatch, states) -> Calls:
    oldest = list(calls(dispatch, states)[:SHOWN])
    if len(oldest) < SHOWN:
        return Calls(len(oldest), sum(call.messages for call in oldest), oldest)
    members = CustomerCommunication.objects.filter(
        dispatch=dispatch, send_state="in_call", attempt__state__in=states
    )
    number = DeliveryAttempt.objects.filter(dispatch=dispatch, state__in=states).count()
    return Calls(number, members.count(), oldest)
