"""Any number of workers, every kind of answer: never a micro above the limit, none miscounted."""

import random
from collections import Counter

import pytest
from django.db import connection, transaction
from django.db.models import Sum
from django.utils import timezone

from barbershop.tests.at_once import at_once
from barbershop.tests.browser import database_in_a_file
from communications import budgets
from communications.models import (
    Budget,
    BudgetReservation,
    CustomerCommunication,
    DeliveryAttempt,
    Dispatch,
)
from communications.tests.budget_calls import begin, claimed, move, sums
from communications.tests.factories import CommunicationFactory, ContentFactory, DispatchFactory

pytestmark = pytest.mark.django_db(transaction=True)

NOW = timezone.now()
CALLS_EACH = 6
SEGMENT = 11_800
OUTCOMES = ("accepted", "accepted", "released", "unknown", "killed", "killed before the commit")


@pytest.fixture
def dispatch(tmp_path):
    with database_in_a_file(tmp_path):
        dispatch = DispatchFactory()
        ContentFactory(dispatch=dispatch)
        yield dispatch


def hands() -> int:
    """SQLite has one writer at a time: more hands would only wait longer."""
    return 50 if connection.vendor == "postgresql" else 8


def queued(dispatch, number: int) -> list[int]:
    first = CommunicationFactory(dispatch=dispatch, content=dispatch.contents.get())
    shared = {"content_id": first.content_id, "queued_at": NOW, "channel": "email"}
    CustomerCommunication.objects.bulk_create(
        CustomerCommunication(
            dispatch=dispatch, shop=dispatch.shop, address=f"{n}@x.test", **shared
        )
        for n in range(number - 1)
    )
    return list(dispatch.communications.order_by("pk").values_list("pk", flat=True))


def work(dispatch, messages: list[int], *, limits: list[int], seed: int) -> Counter:
    """One worker: calls of one to three texts of one to three parts, each with some outcome."""
    chance = random.Random(seed)
    done = Counter()
    while messages:
        size = chance.choice((1, 1, 3))
        taken, messages = messages[:size], messages[size:]
        costs = [SEGMENT * chance.choice((1, 1, 2, 3)) for _ in taken]
        attempt = claimed(dispatch, *costs, messages=taken, now=NOW)
        outcome = chance.choice(OUTCOMES)
        if outcome == "killed before the commit":
            with transaction.atomic():
                begin(attempt, now=NOW)
                transaction.set_rollback(True)
        elif not begin(attempt, now=NOW):
            outcome = "too dear"
        elif outcome in ("accepted", "released", "unknown"):
            move(attempt, outcome, now=NOW)
        done[outcome] += 1
        for limit in Budget.objects.filter(pk__in=limits):
            assert limit.spent_micros + limit.reserved_micros <= limit.limit_micros
    return done


def settled(budget) -> int:
    return sum_of(budget.reservations.filter(state="settled"), "amount_micros")


def cost_of(messages, *states) -> int:
    return sum_of(messages.filter(attempt__state__in=states), "cost_micros")


def sum_of(rows, column) -> int:
    return rows.aggregate(sum=Sum(column))["sum"] or 0


def test_fifty_workers_never_overspend_and_every_micro_is_accounted_for(dispatch):
    """Half of them send a campaign with a budget of its own, all of them share the month's."""
    own = budgets.open_for(shop=dispatch.shop, limit_micros=hands() * SEGMENT)
    budgets.set_month(dispatch.shop, hands() * 2 * SEGMENT, now=NOW)
    month = Budget.objects.get(shop=dispatch.shop, month__isnull=False)
    Dispatch.objects.filter(pk=dispatch.pk).update(budget=own)
    other = ContentFactory(dispatch__shop=dispatch.shop).dispatch
    both = [(dispatch, queued(dispatch, hands() * 4)), (other, queued(other, hands() * 4))]
    every = CustomerCommunication.objects.all()

    def one(number):
        ours, messages = both[number % 2]
        share = messages[number // 2 :: hands() // 2]
        return work(ours, share, limits=[own.pk, month.pk], seed=number)

    done = sum(at_once(hands(), one), Counter())

    # Which of the calls is too dear is the threads' affair, so a rare outcome may be missing.
    assert {"accepted", "too dear"} < set(done) <= {*OUTCOMES, "too dear"}
    for budget, messages in ((own, dispatch.communications.all()), (month, every)):
        expected = cost_of(messages, "sending", "unknown"), cost_of(messages, "accepted"), 0
        assert sums(budget) == expected
        assert settled(budget) == budget.spent_micros

    for attempt in DeliveryAttempt.objects.filter(state="sending"):
        move(attempt, "unknown", now=NOW)
    for attempt in DeliveryAttempt.objects.filter(state="unknown"):
        move(attempt, random.Random(attempt.pk).choice(("accepted", "released")), now=NOW)

    for budget, messages in ((own, dispatch.communications.all()), (month, every)):
        # A released call still holds its messages here: it is their cost that does not count.
        assert sums(budget) == (0, cost_of(messages, "accepted"), 0)
        assert settled(budget) == budget.spent_micros


def test_workers_that_want_the_last_segment_get_it_once(dispatch):
    budgets.set_month(dispatch.shop, 10 * SEGMENT - 1, now=NOW)
    month = Budget.objects.get()
    calls = [claimed(dispatch, SEGMENT, messages=[pk], now=NOW) for pk in queued(dispatch, hands())]

    begun = at_once(hands(), lambda n: begin(calls[n], now=NOW))

    assert sum(begun) == min(hands(), 9)
    assert sums(month) == (sum(begun) * SEGMENT, 0, 0)


def test_a_limit_is_lowered_between_workers_but_never_below_what_is_gone(dispatch):
    budgets.set_month(dispatch.shop, 1000 * SEGMENT, now=NOW)
    month = Budget.objects.get()
    calls = [claimed(dispatch, SEGMENT, messages=[pk], now=NOW) for pk in queued(dispatch, hands())]

    def lower_or_begin(number):
        if number % 4:
            return begin(calls[number], now=NOW)
        try:
            return budgets.set_month(dispatch.shop, number * SEGMENT // 2, now=NOW)
        except budgets.LimitTooLow as refused:
            return refused.lowest

    at_once(hands(), lower_or_begin)

    reserved, spent, late = sums(month)
    assert (spent, late) == (0, 0)
    assert reserved <= month.limit_micros
    held = BudgetReservation.objects.filter(state="reserved")
    assert reserved == sum_of(held, "amount_micros")


def test_a_raise_and_a_pause_at_the_same_moment_leave_nothing_paused_that_could_go(dispatch):
    queued(dispatch, 1)
    for _ in range(10):
        Budget.objects.all().delete()
        Dispatch.objects.update(state="running", pause_cause="", paused_reason="", prepared_at=NOW)
        budgets.set_month(dispatch.shop, 0, now=NOW)

        at_once(
            2,
            lambda n: (
                budgets.pause_spent(dispatch, now=NOW)
                if n
                else budgets.set_month(dispatch.shop, SEGMENT, now=NOW)
            ),
        )

        dispatch.refresh_from_db()
        assert dispatch.state == "running"
