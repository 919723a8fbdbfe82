"""Messages that leave their call with another outcome than the call's."""

import datetime as dt

from communications.delivery import hold, transitions
from communications.models import (
    AttemptDeparture,
    CustomerCommunication,
    DeliveryAttempt,
    Dispatch,
)

SendState = CustomerCommunication.SendState
Outcome = AttemptDeparture.Outcome
OPEN = frozenset({DeliveryAttempt.State.CLAIMED, DeliveryAttempt.State.SENDING})

STATE_AFTER = {
    Outcome.REQUEUED: SendState.PENDING,
    Outcome.BLOCKED: SendState.BLOCKED,
    Outcome.REJECTED: SendState.REJECTED,
    Outcome.CANCELLED: SendState.CANCELLED,
}
REFUSALS = frozenset({Outcome.BLOCKED, Outcome.REJECTED})


def depart(
    attempt: DeliveryAttempt,
    *,
    ids: list[int],
    outcome: str,
    reason: str,
    now: dt.datetime,
    not_before: dt.datetime | None = None,
) -> int:
    """Take some messages out of a call that the transaction holds (``hold.hold_attempt``).

    Args:
        reason: why; kept on the message when it is refused, and in its history always.
        not_before: for a requeued message, when it may be tried again.

    Returns:
        How many left: those of ``ids`` that were in the call.
    """
    members = CustomerCommunication.objects.filter(pk__in=ids, attempt=attempt)
    leaving = list(members.values_list("pk", flat=True))
    members.update(
        send_state=STATE_AFTER[outcome],
        attempt=None,
        reason=reason[:60] if outcome in REFUSALS else "",
        not_before=not_before,
        segments=0,
        cost_micros=0,
    )
    AttemptDeparture.objects.bulk_create(
        AttemptDeparture(
            shop_id=attempt.shop_id,
            attempt=attempt,
            communication_id=pk,
            outcome=outcome,
            reason=reason[:120],
            at=now,
        )
        for pk in leaving
    )
    return len(leaving)


def release(
    attempt: DeliveryAttempt,
    *,
    reason: str,
    now: dt.datetime,
    not_before: dt.datetime | None = None,
    status: int | None = None,
    states=OPEN,
) -> bool:
    """The call definitely did not happen: its messages wait again. Call it in a transaction.

    Messages of a cancelled dispatch are cancelled instead.
    """
    dispatch = hold.hold_dispatch(attempt.dispatch_id)
    won = transitions.move(
        DeliveryAttempt.objects.filter(pk=attempt.pk),
        to=DeliveryAttempt.State.RELEASED,
        from_=states,
        now=now,
        error=reason[:300],
        http_status=status,
    )
    if not won:
        return False
    members = CustomerCommunication.objects.filter(attempt=attempt)
    ids = list(members.values_list("pk", flat=True))
    cancelled = dispatch.state == Dispatch.State.CANCELLED
    outcome = Outcome.CANCELLED if cancelled else Outcome.REQUEUED
    depart(attempt, ids=ids, outcome=outcome, reason=reason, now=now, not_before=not_before)
    return True
