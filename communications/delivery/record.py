"""Writing down what a call came to.

Guarded by the attempt's state: an event or the sweeper may have been first.
"""

import datetime as dt
from collections.abc import Collection

from django.db import transaction

from communications import outbox, unsubscribe
from communications.channels import UNSENDABLE, Answer, DeliveryError, Failure
from communications.delivery import breaker, claim, clock, hold, leave, transitions
from communications.delivery.each import Each
from communications.delivery.inflight import STALLED
from communications.models import (
    AttemptDeparture,
    CustomerCommunication,
    DeliveryAttempt,
    Dispatch,
    Incident,
)

State = DeliveryAttempt.State
FIRST_PAUSE = dt.timedelta(seconds=5)
LONGEST_PAUSE = dt.timedelta(minutes=10)
OPTED_OUT_AT_TWILIO = "21610"
STATUS = DeliveryAttempt._meta.get_field("http_status")
PROVIDER_ID = DeliveryAttempt._meta.get_field("provider_id")


def accepted(attempt: DeliveryAttempt, answer: Answer, *, now: dt.datetime | None = None) -> None:
    """``accepted_all`` for one call."""
    accepted_all([(attempt, answer)], now=now)


def accepted_all(
    answers: Collection[tuple[DeliveryAttempt, Answer]], *, now: dt.datetime | None = None
) -> None:
    """The provider has these calls: one write for every message in all of them."""
    now = now or clock.database_now()
    calls = DeliveryAttempt.objects.filter(pk__in=[attempt.pk for attempt, _ in answers])
    said = {
        "http_status": Each({a.pk: answer.status for a, answer in answers}, STATUS),
        "provider_id": Each(
            {a.pk: answer.provider_id[: PROVIDER_ID.max_length] for a, answer in answers},
            PROVIDER_ID,
        ),
    }
    moved = transitions.move(
        calls, to=State.ACCEPTED, from_=[State.SENDING, State.UNKNOWN], now=now, **said
    )
    if len(moved) < len(answers):
        # A report was here first: it proved the call and did not know what the answer says.
        calls.exclude(pk__in=moved).filter(state=State.ACCEPTED, provider_id="").update(**said)
    for account_id in {attempt.account_id for attempt, _ in answers} - {None}:
        breaker.succeeded(account_id, now=now)


def failed(
    attempt: DeliveryAttempt, error: DeliveryError, *, now: dt.datetime | None = None
) -> list[DeliveryAttempt]:
    """Act on what is certain after a failure.

    Returns:
        Smaller calls to make instead, when the provider refused a batch as a whole.
    """
    now = now or clock.database_now()
    pause = _pause(attempt, error)
    _tell_the_breaker(attempt, error, pause=pause, now=now)
    if error.failure is Failure.UNKNOWN:
        unknown(attempt, reason=f"{error.code}: {error}", status=error.status, now=now)
        return []
    if error.failure is Failure.TOO_LARGE or error.failure is Failure.REJECTED:
        return _refused(attempt, error, now=now)
    never_began = error.code == STALLED
    with transaction.atomic():
        if never_began:
            outbox.reopen(attempt.dispatch)  # swept, it did not keep its run from being finished
        leave.release(
            attempt,
            reason=f"{error.code}: {error}",
            status=error.status,
            not_before=now + pause,
            now=now,
            # Perhaps swept in the meantime; but that not a byte has left is certain here.
            states=leave.OPEN | {State.UNKNOWN} if never_began else leave.OPEN,
        )
    if error.failure is Failure.REFUSED_US:
        _stop(attempt, error)
    return []


def _tell_the_breaker(
    attempt: DeliveryAttempt, error: DeliveryError, *, pause: dt.timedelta, now: dt.datetime
) -> None:
    """A provider that does not answer is left alone; one that refuses a recipient is well."""
    if attempt.account_id is None or error.code in {UNSENDABLE, STALLED}:
        return
    if error.failure is Failure.NOT_SENT and error.status is not None:
        breaker.wait_until(attempt.account_id, now + pause)  # it answered "not now"
    elif error.failure in {Failure.UNKNOWN, Failure.NOT_SENT}:
        breaker.failed(attempt.account_id, now=now)
    elif error.failure is not Failure.REFUSED_US:
        breaker.succeeded(attempt.account_id, now=now)


def unknown(
    attempt: DeliveryAttempt,
    *,
    reason: str,
    now: dt.datetime | None = None,
    status: int | None = None,
) -> bool:
    """The provider may or may not have it: it is never sent again blindly."""
    now = now or clock.database_now()
    won = transitions.move(
        DeliveryAttempt.objects.filter(pk=attempt.pk),
        to=State.UNKNOWN,
        from_=[State.SENDING],
        now=now,
        error=reason[:300],
        http_status=status,
    )
    return bool(won)


def _refused(attempt, error, *, now) -> list[DeliveryAttempt]:
    """One recipient is at fault, or the batch as a whole: then its halves are tried."""
    members = CustomerCommunication.objects.filter(attempt=attempt).order_by("pk")
    ids = list(members.values_list("pk", flat=True))
    if len(ids) > 1 and (error.index is None or error.index >= len(ids)):
        return claim.split(attempt, now=now)
    at_fault = ids[error.index or 0 : (error.index or 0) + 1]
    with transaction.atomic():
        hold.hold_dispatch(attempt.dispatch_id)
        if not hold.hold_attempts([attempt], states=[State.SENDING]):
            return []
        is_stopped = error.code == OPTED_OUT_AT_TWILIO
        stopped = list(_numbers(members.filter(pk__in=at_fault))) if is_stopped else []
        leave.depart(
            attempt,
            ids=at_fault,
            outcome=AttemptDeparture.Outcome.REJECTED,
            reason=_reason(error),
            now=now,
        )
        leave.release(attempt, reason=str(error), status=error.status, now=now)
        unsubscribe.stopped_at_provider(dict.fromkeys(stopped, now), now=now)
    return []


def _reason(error: DeliveryError) -> str:
    """The provider's code where it has one, else its words."""
    has_code = error.code != Failure.REJECTED.value
    return error.code if has_code else str(error) or "rejected"


def _numbers(messages):
    """``(shop id, HMAC)`` of each."""
    return messages.values_list("shop_id", "address_hmac")


def _pause(attempt: DeliveryAttempt, error: DeliveryError) -> dt.timedelta:
    """How long to wait: as the provider asks, else doubling with every try."""
    if error.retry_after is not None:
        return dt.timedelta(seconds=error.retry_after)
    tries = (
        CustomerCommunication.objects.filter(attempt=attempt)
        .order_by("-attempt_count")
        .values_list("attempt_count", flat=True)
        .first()
    )
    return min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(tries or 0, 12))


def _stop(attempt: DeliveryAttempt, error: DeliveryError) -> None:
    """Nobody's message is at fault: stop, and say what to mend."""
    if error.code == UNSENDABLE:
        reason = f"Nothing can be sent: {error}"
    else:
        reason = f"The provider refused our credentials ({error.status}). Check its keys."
    if outbox.pause(attempt.dispatch, reason=reason, cause=Dispatch.PauseCause.PROVIDER):
        Incident.objects.create(
            shop_id=attempt.shop_id,
            kind=Incident.Kind.PROVIDER_REFUSED_US,
            dispatch=attempt.dispatch,
            attempt=attempt,
            detail=reason[:500],
        )
