"""Every change of a call's state: which there are, and the one function that makes them.

A message in a call is in the state of its call (docs/adr/0005). How messages enter and leave
calls stands in ``claim`` and ``leave``.
"""

import datetime as dt
from collections.abc import Collection

from django.db import transaction
from django.db.models import QuerySet

from communications import budgets
from communications.models import DeliveryAttempt

State = DeliveryAttempt.State

ALLOWED = frozenset(
    {
        (State.CLAIMED, State.SENDING),  # the gate: from here it may have left
        (State.CLAIMED, State.RELEASED),  # swept, paused, or nobody left
        (State.SENDING, State.ACCEPTED),  # an answer, or a verified report
        (State.SENDING, State.RELEASED),  # definitely not sent
        (State.SENDING, State.UNKNOWN),  # an ambiguous answer, or none
        (State.UNKNOWN, State.ACCEPTED),  # a late answer, a report, or the provider's list
        (State.UNKNOWN, State.RELEASED),  # absent from the list, retried, or freed by a person
        (State.UNKNOWN, State.NOT_SENT),  # past its horizon without a sign
        (State.NOT_SENT, State.ACCEPTED),  # late evidence
        (State.NOT_SENT, State.RELEASED),  # freed by a person
        (State.RELEASED, State.ACCEPTED),  # late evidence
    }
)
# What a call has reserved stays reserved while nobody knows, and after the horizon too.
MONEY = {State.ACCEPTED: budgets.settle, State.RELEASED: budgets.release}


class NotAllowed(Exception):
    """A transition that the state machine does not have: a fault of ours."""


def move(
    calls: QuerySet[DeliveryAttempt],
    *,
    to: str,
    now: dt.datetime,
    from_: Collection[str],
    **written,
) -> list[int]:
    """Bring calls into a state, if they are still in one of ``from_``.

    Args:
        written: further columns of the same update. ``answered_at`` is set by itself.

    Returns:
        The ids of the calls that this call moved; whoever else was first keeps the others.

    Raises:
        NotAllowed: for a step that is not in ``ALLOWED``.
    """
    for state in from_:
        if (state, to) not in ALLOWED:
            raise NotAllowed(f"{state} to {to}")
    if to != State.SENDING:
        written.setdefault("answered_at", now)
    with transaction.atomic():
        found = calls.filter(state__in=from_).select_for_update(of=("self",)).order_by("pk")
        moved = list(found.values_list("pk", flat=True))
        if moved:
            DeliveryAttempt.objects.filter(pk__in=moved).update(state=to, **written)
        if moved and to in MONEY:
            MONEY[to](moved, now=now)
    return moved
