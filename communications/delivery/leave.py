"""Messages that leave their call with another outcome than the call's."""

import datetime as dt
from collections.abc import Collection, Mapping

from barbershop.any_of import AnyOf
from barbershop.personal_data import strike_out
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
    Outcome.ABSENT: SendState.PENDING,
    Outcome.RETRIED: SendState.PENDING,
    Outcome.FREED: SendState.PENDING,
    Outcome.BLOCKED: SendState.BLOCKED,
    Outcome.REJECTED: SendState.REJECTED,
    Outcome.CANCELLED: SendState.CANCELLED,
}
REFUSALS = frozenset({Outcome.BLOCKED, Outcome.REJECTED})


def calls_of(ids: Collection[int]) -> dict[int, int]:
    """``{message id: attempt id}`` of those that are in a call."""
    members = CustomerCommunication.objects.filter(AnyOf("pk", list(ids)), attempt__isnull=False)
    return dict(members.values_list("pk", "attempt_id"))


def depart(
    attempt: DeliveryAttempt,
    *,
    ids: Collection[int],
    outcome: str,
    reason: str,
    now: dt.datetime,
    not_before: dt.datetime | None = None,
) -> int:
    """Take some messages out of a call that the transaction holds (``hold.hold_attempts``).

    Args:
        reason: why; kept on the message when it is refused, and in its history always.
        not_before: for a requeued message, when it may be tried again.

    Returns:
        How many left: those of ``ids`` that were in the call.
    """
    members = CustomerCommunication.objects.filter(pk__in=ids, attempt=attempt)
    leaving = dict.fromkeys(members.values_list("pk", flat=True), attempt.pk)
    return depart_all(
        leaving,
        shop_id=attempt.shop_id,
        outcome=outcome,
        reason=reason,
        now=now,
        not_before=not_before,
    )


def depart_all(
    leaving: Mapping[int, int],
    *,
    shop_id: int,
    outcome: str,
    reason: str,
    now: dt.datetime,
    not_before: dt.datetime | None = None,
) -> int:
    """Take messages out of the calls of one shop, which the transaction holds.

    Args:
        leaving: ``{message id: attempt id}``, of messages that are in these calls.

    Returns:
        How many left.
    """
    if not leaving:
        return 0
    reason = strike_out(reason)  # a provider names the address; this row can never be emptied
    CustomerCommunication.objects.filter(AnyOf("pk", list(leaving))).update(
        send_state=STATE_AFTER[outcome],
        attempt=None,
        reason=reason[:60] if outcome in REFUSALS else "",
        not_before=not_before,
        segments=0,
        cost_micros=0,
    )
    AttemptDeparture.objects.bulk_create(
        AttemptDeparture(
            shop_id=shop_id,
            attempt_id=attempt_id,
            communication_id=pk,
            outcome=outcome,
            reason=reason[:120],
            at=now,
        )
        for pk, attempt_id in leaving.items()
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
    outcome: str = Outcome.REQUEUED,
) -> bool:
    """``release_all`` for one call; whether it was still in one of the states."""
    return bool(
        release_all(
            [attempt],
            reason=reason,
            now=now,
            not_before=not_before,
            status=status,
            states=states,
            outcome=outcome,
        )
    )


def release_all(
    attempts: Collection[DeliveryAttempt],
    *,
    reason: str,
    now: dt.datetime,
    not_before: dt.datetime | None = None,
    status: int | None = None,
    states=OPEN,
    outcome: str = Outcome.REQUEUED,
) -> list[int]:
    """These calls of one dispatch did not happen: their messages wait again.

    Call it in a transaction. Messages of a cancelled dispatch are cancelled instead.

    Args:
        outcome: under which word it stands in the history of each message.

    Returns:
        The ids of the calls that were still in one of the states.
    """
    attempts = list(attempts)
    dispatch = hold.hold_dispatch(attempts[0].dispatch_id)
    written = {} if status is None else {"http_status": status}
    moved = transitions.move(
        DeliveryAttempt.objects.filter(pk__in=[attempt.pk for attempt in attempts]),
        to=DeliveryAttempt.State.RELEASED,
        from_=states,
        now=now,
        error=reason[:300],
        **written,
    )
    members = CustomerCommunication.objects.filter(attempt__in=moved)
    is_cancelled = dispatch.state == Dispatch.State.CANCELLED
    depart_all(
        dict(members.values_list("pk", "attempt_id")),
        shop_id=dispatch.shop_id,
        outcome=Outcome.CANCELLED if is_cancelled else outcome,
        reason=reason,
        now=now,
        not_before=not_before,
    )
    return moved
