"""Reserving money for a call before it begins, and closing the reservation by its answer.

A budget is one row that all workers of a shop want. It is locked last in their transactions and
for a few statements only.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from django.db.models import F

from communications.budgets.months import budgets_of
from communications.models import Budget, BudgetReservation, Dispatch

State = BudgetReservation.State
# By attempt: its messages, each with what it costs in millionths of the currency unit.
Costs = Mapping[int, Sequence[tuple[int, int]]]


def reserve(*, dispatch: Dispatch, costs: Costs, now: dt.datetime) -> set[int]:
    """Set aside what calls are about to cost; call it in the gate's transaction, as its last lock.

    Every message that fits is paid for, in the order given; a dear one does not keep a cheaper
    one behind it from going.

    Returns:
        The ids of the messages that do not fit. What costs nothing always does.
    """
    if not any(micros for messages in costs.values() for _, micros in messages):
        return set()
    budgets = budgets_of(dispatch, now=now, lock=True)
    if not budgets:
        return set()
    left = min(budget.left_micros for budget in budgets)
    amounts: dict[int, int] = defaultdict(int)
    refused: dict[int, int] = {}
    for attempt_id, messages in costs.items():
        for pk, micros in messages:
            if micros > left:
                refused[pk] = micros
            else:
                left -= micros
                amounts[attempt_id] += micros
    _write(budgets, amounts={pk: sum_ for pk, sum_ in amounts.items() if sum_}, now=now)
    _note(budgets, dearest=max(refused.values(), default=0), now=now)
    return set(refused)


def _write(budgets: list[Budget], *, amounts: dict[int, int], now: dt.datetime) -> None:
    total = sum(amounts.values())
    BudgetReservation.objects.bulk_create(
        BudgetReservation(
            shop_id=budget.shop_id, budget=budget, attempt_id=attempt_id, amount_micros=amount
        )
        for budget in budgets
        for attempt_id, amount in amounts.items()
    )
    for budget in budgets:
        budget.reserved_micros += total


def _note(budgets: list[Budget], *, dearest: int, now: dt.datetime) -> None:
    """Write the rows, with the moment at which 80 % was reached and something did not fit."""
    for budget in budgets:
        budget.note(now=now)
        if dearest > budget.left_micros:
            budget.exhausted_at = budget.exhausted_at or now
        budget.save(update_fields=["reserved_micros", "warned_at", "exhausted_at", "updated_at"])


def settle(attempt_ids: Collection[int], *, now: dt.datetime) -> None:
    """The provider has these calls: what was reserved is spent.

    A reservation that had been given back is spent all the same, though perhaps no money is left
    for it: it is kept apart as ``late_micros``, so that the limit stays a limit for all others.
    """
    for budget_id, sums in _close(
        attempt_ids, of=[State.RESERVED, State.RELEASED], as_=State.SETTLED, now=now
    ).items():
        Budget.objects.filter(pk=budget_id).update(
            reserved_micros=F("reserved_micros") - sums[State.RESERVED],
            spent_micros=F("spent_micros") + sums[State.RESERVED],
            late_micros=F("late_micros") + sums[State.RELEASED],
            updated_at=now,
        )


def release(attempt_ids: Collection[int], *, now: dt.datetime) -> None:
    """These calls did definitely not happen: what was reserved may be spent by others."""
    for budget_id, sums in _close(
        attempt_ids, of=[State.RESERVED], as_=State.RELEASED, now=now
    ).items():
        Budget.objects.filter(pk=budget_id).update(
            reserved_micros=F("reserved_micros") - sums[State.RESERVED], updated_at=now
        )


def _close(
    attempt_ids: Collection[int], *, of: list[str], as_: str, now: dt.datetime
) -> dict[int, dict[str, int]]:
    """Close the reservations of calls that the transaction holds.

    Returns:
        By budget, in the order in which budgets are locked: the sum of what was in each state.
    """
    order = (F("budget__month").asc(nulls_last=True), "budget")
    found = list(
        BudgetReservation.objects.filter(attempt__in=attempt_ids, state__in=of)
        .order_by(*order)
        .values_list("pk", "budget_id", "state", "amount_micros")
    )
    sums: dict[int, dict[str, int]] = {}
    for _, budget_id, state, micros in found:
        sums.setdefault(budget_id, defaultdict(int))[state] += micros
    if found:
        ids = [pk for pk, *_ in found]
        BudgetReservation.objects.filter(pk__in=ids).update(state=as_, closed_at=now)
    return sums
