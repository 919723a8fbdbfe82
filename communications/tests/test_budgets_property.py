"""Whatever happens in whatever order: the books balance after every step."""

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from communications import budgets
from communications.models import Budget, BudgetReservation, DeliveryAttempt
from communications.tests.budget_calls import begin, claimed, move, sums
from communications.tests.factories import CommunicationFactory, DispatchFactory

NOW = timezone.now()
MOST = 1_000

amounts = st.integers(0, MOST)
calls = st.integers(0, 9)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("begin"), st.lists(amounts, min_size=1, max_size=3)),
        st.tuples(st.sampled_from(["accepted", "released", "unknown", "not_sent"]), calls),
        st.tuples(st.sampled_from(["month", "campaign"]), amounts.map(lambda a: 3 * a)),
    ),
    max_size=25,
)


class Books:
    """A dispatch with both budgets, and what its figures should be, counted the slow way."""

    def __init__(self):
        self.dispatch = DispatchFactory()
        own = budgets.open_for(shop=self.dispatch.shop, limit_micros=2 * MOST)
        budgets.set_month(self.dispatch.shop, 2 * MOST, now=NOW)
        self.dispatch.budget = own
        self.dispatch.save()
        self.month = Budget.objects.get(shop=self.dispatch.shop, month__isnull=False)
        self.attempts: list[DeliveryAttempt] = []
        self.late = 0

    def take(self, what, detail) -> None:
        if what == "begin":
            attempt = claimed(self.dispatch, *detail, now=NOW)
            self.attempts += [attempt] if begin(attempt, now=NOW) else []
        elif what in ("month", "campaign"):
            self.set_limit(what, detail)
        elif detail < len(self.attempts):
            self.answer(self.attempts[detail], what)

    def set_limit(self, which, micros) -> None:
        budget = self.month if which == "month" else self.dispatch.budget
        budget.refresh_from_db()
        if micros < budget.lowest_micros:
            with pytest.raises(budgets.LimitTooLow):
                budgets.set_limit(budget, micros, now=NOW)
        else:
            budgets.set_limit(budget, micros, now=NOW)

    def answer(self, attempt, to) -> None:
        freed = attempt.reservations.filter(budget=self.month, state="released").first()
        if move(attempt, to, now=NOW) and to == "accepted" and freed:
            self.late += freed.amount_micros

    def must_balance(self) -> None:
        for budget in (self.month, self.dispatch.budget):
            reserved, spent, late = sums(budget)
            assert reserved + spent <= budget.limit_micros
            assert late == self.late
            assert reserved == self.sum_of(budget, "reserved")
            assert spent + late == self.sum_of(budget, "settled")

    def sum_of(self, budget, state) -> int:
        rows = BudgetReservation.objects.filter(budget=budget, state=state)
        return sum(rows.values_list("amount_micros", flat=True))


class AnyOrder(TestCase):
    @settings(max_examples=60, deadline=None)
    @given(steps)
    def test_books_balance_after_every_step(self, steps):
        CommunicationFactory()  # somebody else's
        books = Books()
        for what, detail in steps:
            books.take(what, detail)
            books.must_balance()
