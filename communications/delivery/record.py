"""Writing down what a call came to.

Guarded by the attempt's state: an event or the sweeper may have been first.
"""

import datetime as dt

from django.db import transaction

from communications import outbox
from communications.channels import Answer, DeliveryError, Failure
from communications.delivery import claim, leave
from communications.models import (
    AttemptDeparture,
    CustomerCommunication,
    DeliveryAttempt,
    Incident,
)

State = DeliveryAttempt.State
FIRST_PAUSE = dt.timedelta(seconds=5)
LONGEST_PAUSE = dt.timedelta(minutes=10)


def accepted(attempt: DeliveryAttempt, answer: Answer, *, now: dt.datetime) -> None:
    """One write for every message in the call."""
    DeliveryAttempt.objects.filter(
        pk=attempt.pk, state__in=[State.SENDING, State.UNKNOWN, State.ACCEPTED]
    ).update(
        state=State.ACCEPTED,
        answered_at=now,
        http_status=answer.status,
        provider_id=answer.provider_id,
    )


def failed(
    attempt: DeliveryAttempt, error: DeliveryError, *, now: dt.datetime
) -> list[DeliveryAttempt]:
    """Act on what is certain after a failure.

    Returns:
        Smaller calls to make instead, when the provider refused a batch as a whole.
    """
    if error.failure is Failure.UNKNOWN:
        unknown(attempt, reason=f"{error.code}: {error}", status=error.status, now=now)
        return []
    if error.failure is Failure.TOO_LARGE or error.failure is Failure.REJECTED:
        return _refused(attempt, error, now=now)
    with transaction.atomic():
        leave.release(
            attempt,
            reason=f"{error.code}: {error}",
            status=error.status,
            not_before=now + _pause(attempt, error),
            now=now,
        )
    if error.failure is Failure.REFUSED_US:
        _stop(attempt, error)
    return []


def unknown(
    attempt: DeliveryAttempt, *, reason: str, now: dt.datetime, status: int | None = None
) -> bool:
    """The provider may or may not have it: it is never sent again blindly."""
    won = DeliveryAttempt.objects.filter(pk=attempt.pk, state=State.SENDING).update(
        state=State.UNKNOWN, answered_at=now, error=reason[:300], http_status=status
    )
    return bool(won)


def _refused(attempt, error, *, now) -> list[DeliveryAttempt]:
    members = CustomerCommunication.objects.filter(attempt=attempt).order_by("pk")
    ids = list(members.values_list("pk", flat=True))
    if len(ids) > 1 and error.index is None:
        return claim.split(attempt, now=now)
    index = error.index if error.index is not None and error.index < len(ids) else 0
    with transaction.atomic():
        leave.depart(
            attempt,
            ids=[ids[index]],
            outcome=AttemptDeparture.Outcome.REJECTED,
            reason=error.code if error.code != Failure.REJECTED.value else str(error) or "rejected",
            now=now,
        )
        leave.release(attempt, reason=str(error), status=error.status, now=now)
    return []


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
    reason = f"The provider refused our credentials ({error.status}). Check the provider's keys."
    if outbox.pause(attempt.dispatch, reason=reason):
        Incident.objects.create(
            shop_id=attempt.shop_id,
            kind=Incident.Kind.PROVIDER_REFUSED_US,
            dispatch=attempt.dispatch,
            attempt=attempt,
            detail=reason,
        )
