"""Calls that cost money, begun as the gate begins them."""

import datetime as dt

from django.db import transaction

from communications import budgets
from communications.delivery import hold, transitions
from communications.models import Budget, CustomerCommunication, DeliveryAttempt
from communications.tests.factories import CommunicationFactory

MINUTE = dt.timedelta(minutes=1)
State = DeliveryAttempt.State


def claimed(dispatch, *costs, messages=None, now) -> DeliveryAttempt:
    """A call with one message per cost, in micros; ``messages`` are pending ones to take."""
    attempt = DeliveryAttempt.objects.create(
        shop=dispatch.shop,
        dispatch=dispatch,
        channel="email",
        message_count=len(costs),
        claimed_at=now,
        lease_until=now + MINUTE,
    )
    messages = messages or [_pending(dispatch) for _ in costs]
    for pk, cost in zip(messages, costs, strict=True):
        CustomerCommunication.objects.filter(pk=pk).update(
            send_state="in_call", attempt=attempt, cost_micros=cost
        )
    return attempt


def _pending(dispatch) -> int:
    content = dispatch.contents.first()
    return CommunicationFactory(dispatch=dispatch, **({"content": content} if content else {})).pk


def begin(attempt, *, now) -> bool:
    """The gate's part that is about money; False when nothing of the call could be paid."""
    with transaction.atomic():
        dispatch = hold.hold_dispatch(attempt.dispatch_id)
        DeliveryAttempt.objects.select_for_update().get(pk=attempt.pk, state=State.CLAIMED)
        members = CustomerCommunication.objects.filter(attempt=attempt).order_by("pk")
        costs = list(members.values_list("pk", "cost_micros"))
        refused = budgets.reserve(dispatch=dispatch, costs={attempt.pk: costs}, now=now)
        members.filter(pk__in=refused).update(send_state="pending", attempt=None, cost_micros=0)
        if len(refused) == len(costs):
            move(attempt, State.RELEASED, now=now)
            return False
        move(attempt, State.SENDING, now=now, sending_at=now, call_deadline=now + MINUTE)
    return True


def move(attempt, to, *, now, **written) -> list[int]:
    """To a state, from whichever it may come."""
    froms = [from_ for from_, goal in transitions.ALLOWED if goal == to]
    call = DeliveryAttempt.objects.filter(pk=attempt.pk)
    return transitions.move(call, to=to, from_=froms, now=now, **written)


def sums(budget: Budget) -> tuple[int, int, int]:
    """Reserved, spent and late, as they stand now."""
    budget.refresh_from_db()
    return budget.reserved_micros, budget.spent_micros, budget.late_micros
