"""Money is set aside before a call and closed by its answer, to the micro."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from barbershop.models import AuditEntry
from barbershop.tests.factories import ShopFactory, UserFactory
from communications import budgets
from communications.models import Budget, BudgetReservation
from communications.tests.budget_calls import begin, claimed, move, sums
from communications.tests.factories import DispatchFactory

pytestmark = pytest.mark.django_db

NOW = timezone.now()
CENT = 10_000


@pytest.fixture
def dispatch():
    return DispatchFactory()


@pytest.fixture
def month(dispatch):
    """One dollar for this month; another shop has its own."""
    budgets.set_month(ShopFactory(), 7 * CENT, now=NOW)
    budgets.set_month(dispatch.shop, 100 * CENT, now=NOW)
    return Budget.objects.get(shop=dispatch.shop)


def reserve(dispatch, *costs):
    """The positions of what did not fit, of one call."""
    attempt = claimed(dispatch, *costs, now=NOW)
    found = list(attempt.communications.order_by("pk").values_list("pk", flat=True))
    pairs = list(zip(found, costs, strict=True))
    with transaction.atomic():
        refused = budgets.reserve(dispatch=dispatch, costs={attempt.pk: pairs}, now=NOW)
    return [found.index(pk) for pk in sorted(refused)]


def test_what_a_call_costs_is_reserved_and_spent_when_it_is_accepted(dispatch, month):
    attempt = claimed(dispatch, 3 * CENT, 4 * CENT, now=NOW)

    begin(attempt, now=NOW)
    assert sums(month) == (7 * CENT, 0, 0)
    move(attempt, "accepted", now=NOW)

    assert sums(month) == (0, 7 * CENT, 0)
    assert BudgetReservation.objects.get().state == "settled"
    assert sums(Budget.objects.exclude(pk=month.pk).get()) == (0, 0, 0)


def test_what_was_not_sent_gives_its_money_back(dispatch, month):
    attempt = claimed(dispatch, 5 * CENT, now=NOW)
    begin(attempt, now=NOW)

    move(attempt, "released", now=NOW)

    assert sums(month) == (0, 0, 0)
    assert BudgetReservation.objects.get().state == "released"


@pytest.mark.parametrize("steps", [["unknown"], ["unknown", "not_sent"]])
def test_money_stays_reserved_while_nobody_knows(dispatch, month, steps):
    attempt = claimed(dispatch, 5 * CENT, now=NOW)
    begin(attempt, now=NOW)

    for step in steps:
        move(attempt, step, now=NOW)

    assert sums(month) == (5 * CENT, 0, 0)


@pytest.mark.parametrize(("end", "expected"), [("accepted", (0, 5, 0)), ("released", (0, 0, 0))])
@pytest.mark.parametrize("steps", [["unknown"], ["unknown", "not_sent"]])
def test_money_of_an_unknown_call_is_closed_by_what_is_found_out(
    dispatch, month, steps, end, expected
):
    attempt = claimed(dispatch, 5, now=NOW)
    begin(attempt, now=NOW)

    for step in [*steps, end]:
        move(attempt, step, now=NOW)

    assert sums(month) == expected


def test_late_proof_of_a_released_call_is_kept_apart_and_is_gone_all_the_same(dispatch, month):
    first = claimed(dispatch, 60 * CENT, now=NOW)
    begin(first, now=NOW)
    move(first, "released", now=NOW)
    second = claimed(dispatch, 90 * CENT, now=NOW)
    begin(second, now=NOW)

    move(first, "accepted", now=NOW)

    assert sums(month) == (90 * CENT, 0, 60 * CENT)
    assert month.left_micros == 0
    assert reserve(dispatch, 1) == [0]


def test_answers_of_many_calls_are_booked_together(dispatch, month, django_assert_num_queries):
    attempts = [claimed(dispatch, CENT, now=NOW) for _ in range(5)]
    for attempt in attempts:
        begin(attempt, now=NOW)
    ids = [attempt.pk for attempt in attempts]

    with django_assert_num_queries(3):
        budgets.settle(ids, now=NOW)

    assert sums(month) == (0, 5 * CENT, 0)


@pytest.mark.parametrize("number", [1, 20])
def test_many_calls_are_reserved_together(dispatch, month, django_assert_num_queries, number):
    attempts = [claimed(dispatch, 1, now=NOW) for _ in range(number)]
    costs = {attempt.pk: [(attempt.pk, 1)] for attempt in attempts}

    with transaction.atomic(), django_assert_num_queries(4):
        budgets.reserve(dispatch=dispatch, costs=costs, now=NOW)

    assert sums(month) == (number, 0, 0)


def test_a_second_answer_moves_no_money(dispatch, month):
    attempt = claimed(dispatch, CENT, now=NOW)
    begin(attempt, now=NOW)
    move(attempt, "accepted", now=NOW)

    budgets.settle([attempt.pk], now=NOW)
    budgets.release([attempt.pk], now=NOW)

    assert sums(month) == (0, CENT, 0)


def test_what_fits_goes_in_order_and_a_dear_message_does_not_hold_back_a_cheap_one(dispatch, month):
    assert reserve(dispatch, 40 * CENT, 70 * CENT, 60 * CENT, 1, 0) == [1, 3]
    assert sums(month) == (100 * CENT, 0, 0)


def test_what_costs_nothing_goes_when_nothing_is_left(dispatch, month):
    reserve(dispatch, 100 * CENT)

    assert reserve(dispatch, 0, 1, 0) == [1]


def test_the_limit_is_not_passed_by_a_single_micro(dispatch, month):
    assert reserve(dispatch, 100 * CENT - 1) == []
    assert reserve(dispatch, 2) == [0]
    assert reserve(dispatch, 1) == []
    assert reserve(dispatch, 1) == [0]


def test_the_database_itself_refuses_to_be_overspent(month):
    with pytest.raises(IntegrityError, match="budget_is_never_overspent"), transaction.atomic():
        Budget.objects.filter(pk=month.pk).update(reserved_micros=CENT, spent_micros=100 * CENT)


def test_a_campaign_keeps_its_own_budget_and_the_months(dispatch, month):
    dispatch.budget = budgets.open_for(shop=dispatch.shop, limit_micros=10 * CENT)
    dispatch.save()

    assert reserve(dispatch, 10 * CENT, CENT) == [1]

    assert sums(month) == sums(dispatch.budget) == (10 * CENT, 0, 0)
    month.refresh_from_db()
    assert (month.exhausted_at, dispatch.budget.exhausted_at) == (None, NOW)


def test_a_campaigns_budget_does_not_help_when_the_month_is_spent(dispatch, month):
    dispatch.budget = budgets.open_for(shop=dispatch.shop, limit_micros=1000 * CENT)
    dispatch.save()

    assert reserve(dispatch, 101 * CENT) == [0]
    assert sums(dispatch.budget) == (0, 0, 0)
    month.refresh_from_db()
    assert (month.exhausted_at, dispatch.budget.exhausted_at) == (NOW, None)


def test_a_booking_is_confirmed_whatever_it_costs(dispatch, month):
    reminder = DispatchFactory(shop=dispatch.shop, kind="transactional", budget=month)

    assert reserve(reminder, 500 * CENT) == []
    assert sums(month) == (0, 0, 0)


def test_a_trial_is_counted(month, dispatch):
    trial = DispatchFactory(shop=dispatch.shop, kind="test")

    assert reserve(trial, 30 * CENT, 71 * CENT) == [1]
    assert sums(month) == (30 * CENT, 0, 0)


def test_without_a_budget_nothing_is_limited_or_written(dispatch):
    budgets.set_month(ShopFactory(), 0, now=NOW)

    assert reserve(dispatch, 10**12) == []
    assert not BudgetReservation.objects.exists()


def test_a_gate_that_is_rolled_back_has_reserved_nothing(dispatch, month):
    attempt = claimed(dispatch, CENT, now=NOW)

    with transaction.atomic():
        budgets.reserve(dispatch=dispatch, costs={attempt.pk: [(1, CENT)]}, now=NOW)
        transaction.set_rollback(True)

    assert sums(month) == (0, 0, 0)
    assert not BudgetReservation.objects.exists()


def test_eighty_and_a_hundred_percent_are_recorded_once(dispatch, month):
    reserve(dispatch, 80 * CENT - 1)
    month.refresh_from_db()
    assert (month.warned_at, month.exhausted_at) == (None, None)

    reserve(dispatch, 1)
    month.refresh_from_db()
    assert (month.warned_at, month.exhausted_at) == (NOW, None)

    reserve(dispatch, 20 * CENT)
    reserve(dispatch, 1)
    Budget.objects.update(warned_at=NOW - dt.timedelta(days=1))
    reserve(dispatch, 1)
    month.refresh_from_db()
    assert (month.warned_at, month.exhausted_at) == (NOW - dt.timedelta(days=1), NOW)


def test_raising_takes_back_the_warning_and_lowering_gives_it(dispatch, month):
    reserve(dispatch, 100 * CENT)

    budgets.set_month(dispatch.shop, 101 * CENT, now=NOW)
    month.refresh_from_db()
    assert (month.warned_at, month.exhausted_at) == (NOW, None)

    budgets.set_month(dispatch.shop, 200 * CENT, now=NOW)
    month.refresh_from_db()
    assert (month.warned_at, month.exhausted_at) == (None, None)

    budgets.set_month(dispatch.shop, 100 * CENT, now=NOW)
    month.refresh_from_db()
    assert (month.warned_at, month.exhausted_at) == (NOW, NOW)


def test_a_limit_below_what_is_gone_is_refused_and_says_the_lowest(dispatch, month):
    attempt = claimed(dispatch, 30 * CENT + 1, now=NOW)
    begin(attempt, now=NOW)
    move(attempt, "accepted", now=NOW)
    reserve(dispatch, 20 * CENT)

    with pytest.raises(budgets.LimitTooLow, match=r"\$0\.500001: it is spent") as refused:
        budgets.set_month(dispatch.shop, 50 * CENT, now=NOW)

    assert refused.value.lowest == 50 * CENT + 1
    month.refresh_from_db()
    assert month.limit_micros == 100 * CENT
    budgets.set_month(dispatch.shop, refused.value.lowest, now=NOW)


def test_who_set_a_limit_is_on_record(month):
    owner = UserFactory()

    budgets.set_month(month.shop, 200 * CENT, by=owner, now=NOW)

    entry = AuditEntry.objects.filter(shop=month.shop).latest("seq")
    assert (entry.action, entry.actor, entry.object_id) == ("budget.set", owner, str(month.pk))
    assert entry.detail.before == {"limit_micros": 100 * CENT}
    assert entry.detail.after == {"limit_micros": 200 * CENT}
