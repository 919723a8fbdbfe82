"""What becomes of calls whose outcome is unknown. Every step may run twice, or in two workers.

1. A text is looked for in Twilio's list, three times. Found: accepted. Absent each time: it waits
   again, once in its life. A look that fails is none.
2. A transactional message goes again after ten minutes, once in its life: late is worse than twice.
   Not in a cancelled run: nothing of it goes again, and what the provider may have is not denied.
3. What has no sign when its horizon has passed counts as not sent, and a person is told.

A report settles a call at any moment (``communications.events.evidence``).
"""

import datetime as dt
from collections.abc import Callable

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, QuerySet

from communications.delivery import lookups, retry, transitions
from communications.delivery.clock import database_now
from communications.models import (
    AttemptDeparture,
    CustomerCommunication,
    DeliveryAttempt,
    Dispatch,
    Incident,
)
from customers.channels import Channel

State = DeliveryAttempt.State
Outcome = AttemptDeparture.Outcome

# After the deadline of the call. SendGrid repeats reports for 24 hours, Twilio for much less.
HORIZON = {Channel.EMAIL: dt.timedelta(hours=26), Channel.SMS: dt.timedelta(hours=2)}
TRANSACTIONAL_AFTER = dt.timedelta(minutes=10)  # since the call began
CHUNK = 500


def resolve_unknown(
    *, now: dt.datetime | None = None, stop: Callable[[], bool] = lambda: False
) -> int:
    """Do for every unknown call what is due; returns how many were settled or put back."""
    now = now or database_now()
    settled = lookups.look_up(now=now, stop=stop)
    settled += _put_back(_absent(), outcome=Outcome.ABSENT, now=now, stop=stop)
    settled += _put_back(_overdue(now), outcome=Outcome.RETRIED, now=now, stop=stop)
    for channel in Channel.values:
        settled += _give_up(channel, now=now, stop=stop)
    return settled


REASONS = {
    Outcome.ABSENT: "not in the provider's list, three times",
    Outcome.RETRIED: "no outcome after ten minutes; transactional, so sent again",
}


def _unknown() -> QuerySet[DeliveryAttempt]:
    return DeliveryAttempt.objects.filter(state=State.UNKNOWN).order_by("pk")


def _absent() -> QuerySet[DeliveryAttempt]:
    return _unknown().filter(_may_go_again(), lookups__gte=lookups.LOOKS)


def _overdue(now: dt.datetime) -> QuerySet[DeliveryAttempt]:
    calls = _unknown().filter(
        _may_go_again(),
        dispatch__kind=Dispatch.Kind.TRANSACTIONAL,
        sending_at__lte=now - TRANSACTIONAL_AFTER,
    )
    # ``retry`` asks this again while it holds the run.
    return calls.exclude(dispatch__state=Dispatch.State.CANCELLED)


def _may_go_again() -> Exists:
    """A message is in the call that no rule has put back yet; ``retry`` asks again under lock."""
    members = CustomerCommunication.objects.filter(attempt=OuterRef("pk"))
    return Exists(members.exclude(Exists(retry.put_back_by_rule())))


def _put_back(calls: QuerySet[DeliveryAttempt], *, outcome: str, now, stop) -> int:
    number = 0
    for attempt in list(calls.select_related("dispatch")):
        if stop():
            break
        number += bool(
            retry.put_back(
                calls.filter(pk=attempt.pk),
                dispatch=attempt.dispatch,
                outcome=outcome,
                reason=REASONS[outcome],
                from_=[State.UNKNOWN],
                now=now,
                once=True,
            )
        )
    return number


def _give_up(channel: str, *, now: dt.datetime, stop) -> int:
    """Past its horizon a call counts as not sent. One incident for each: this happens once."""
    number = 0
    late = _unknown().filter(channel=channel, call_deadline__lte=now - HORIZON[channel])
    while not stop():
        with transaction.atomic():
            chunk = list(late.values_list("pk", flat=True)[:CHUNK])
            moved = transitions.move(
                DeliveryAttempt.objects.filter(pk__in=chunk),
                to=State.NOT_SENT,
                from_=[State.UNKNOWN],
                now=now,
            )
            _report(moved)
        number += len(moved)
        if not chunk:
            break
    return number


def _report(calls: list[int]) -> None:
    Incident.objects.bulk_create(
        Incident(
            shop_id=attempt.shop_id,
            dispatch_id=attempt.dispatch_id,
            attempt=attempt,
            kind=Incident.Kind.UNKNOWN_OUTCOME,
            detail=_in_words(attempt),
        )
        for attempt in DeliveryAttempt.objects.filter(pk__in=calls)
        .annotate(messages=Count("communications"))
        .order_by("pk")
    )


def _in_words(attempt) -> str:
    count = attempt.messages
    what = "text" if attempt.channel == Channel.SMS else "email"
    hours = HORIZON[attempt.channel] // dt.timedelta(hours=1)
    return (
        f"Nobody knows whether {count:,} {what}{'' if count == 1 else 's'} arrived: the provider "
        f"gave no clear answer and reported nothing for {hours} hours. "
        f"{'It counts' if count == 1 else 'They count'} as not sent. Leave it so, or release the "
        "call to send again; whoever did get it has it twice then."
    )


def what_next(attempt: DeliveryAttempt, *, now: dt.datetime) -> str:
    """One sentence for people: what will settle a call without an outcome, and when.

    Empty for a call that has one. Asks the database for nothing but ``attempt.dispatch``.
    """
    if attempt.state == State.NOT_SENT:
        return "No sign of it came in time: it stays not sent until a person releases it."
    if attempt.state == State.SENDING:
        return "The provider is being asked; without an answer it is unknown within a minute."
    if attempt.state != State.UNKNOWN:
        return ""
    hope = "A report of the provider settles it"
    gives_up = _in(attempt.call_deadline + HORIZON[attempt.channel], now=now)
    end = f"without a sign of it, it counts as not sent {gives_up}, and a person decides."
    again_at = attempt.sending_at + TRANSACTIONAL_AFTER
    is_over = attempt.dispatch.state == Dispatch.State.CANCELLED
    is_repeated = attempt.dispatch.kind == Dispatch.Kind.TRANSACTIONAL and not is_over
    if is_repeated and now < again_at:
        again = _in(again_at, now=now)
        return f"{hope}; without one it is sent again {again}, unless it was before."
    look = lookups.next_look(attempt)
    if look is not None:
        return (
            f"Twilio's list of texts is searched {_in(look, now=now)} (look {attempt.lookups + 1} "
            f"of {lookups.LOOKS}); absent each time, it is sent again unless it was before."
        )
    if attempt.lookups >= lookups.LOOKS:
        return f"Twilio's list did not have it, {lookups.LOOKS} times; {end}"
    return f"{hope}; {end}"


def _in(moment: dt.datetime, *, now: dt.datetime) -> str:
    minutes = round((moment - now) / dt.timedelta(minutes=1))
    if minutes < 1:
        return "within a minute"
    if minutes < 120:
        return f"in {minutes} minute{'' if minutes == 1 else 's'}"
    return f"in {round(minutes / 60)} hours"
