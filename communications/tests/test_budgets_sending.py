"""The sending loop and a budget, against a real HTTP provider."""

import datetime as dt

import pytest
from django.db import connection
from django.db.models import Q, Sum
from django.utils import timezone

from barbershop.tests.at_once import at_once
from barbershop.tests.browser import database_in_a_file
from barbershop.tests.factories import ShopFactory
from communications import budgets, delivery
from communications.models import Budget, CustomerCommunication, DeliveryAttempt, ProviderAccount
from communications.tests.budget_calls import sums
from communications.tests.factories import DispatchFactory
from communications.tests.waiting import waiting

pytestmark = pytest.mark.django_db(transaction=True)
DOLLAR = 1_000_000


@pytest.fixture
def shop():
    return ShopFactory(name="Main Street")


def running(shop, **values):
    now = timezone.now()
    return DispatchFactory(shop=shop, starts_at=now, prepared_at=now, **values)


def price_of(dispatch) -> int:
    """Micros of the next text of a dispatch."""
    budgets.set_month(dispatch.shop, 0)
    short = budgets.shortage(dispatch, now=timezone.now())
    Budget.objects.all().delete()
    return short.cost


def states(dispatch) -> list[str]:
    found = dispatch.communications.with_state().order_by("pk")
    return sorted(found.values_list("state", flat=True))


def test_a_spent_budget_pauses_and_a_raised_one_sends_the_rest(shop, providers):
    dispatch = running(shop)
    waiting(dispatch, 5, channel="sms")
    price = price_of(dispatch)
    budgets.set_month(shop, 4 * price - 1)

    delivery.send_due()

    dispatch.refresh_from_db()
    assert states(dispatch) == ["accepted"] * 3 + ["pending"] * 2
    assert (dispatch.state, dispatch.pause_cause) == ("paused", "budget")
    assert "the next text costs $0.0" in dispatch.paused_reason
    assert sums(Budget.objects.get()) == (0, 3 * price, 0)

    assert budgets.set_month(shop, 5 * price) == 1
    delivery.send_due()

    assert len(providers.accepted()) == 5
    assert sums(Budget.objects.get()) == (0, 5 * price, 0)


def test_emails_of_one_call_are_paid_one_by_one(shop, providers):
    dispatch = running(shop, budget=budgets.open_for(shop=shop, limit_micros=3 * 399))
    waiting(dispatch, 5)

    delivery.send_due()

    dispatch.refresh_from_db()
    assert len(providers.accepted()) == 3
    assert "This campaign's budget of $0.001197 is spent" in dispatch.paused_reason
    assert sums(dispatch.budget) == (0, 3 * 399, 0)


def test_a_booking_is_confirmed_when_the_budget_is_spent(shop, providers):
    budgets.set_month(shop, 0)
    reminder = running(shop, kind="transactional")
    waiting(reminder)

    delivery.send_due()

    assert states(reminder) == ["accepted"]
    assert sums(Budget.objects.get()) == (0, 0, 0)


def test_the_sweep_lets_a_dispatch_go_on_when_the_month_is_over(shop, providers):
    budgets.set_month(shop, 399)
    Budget.objects.update(spent_micros=399)
    dispatch = running(shop)
    waiting(dispatch)
    delivery.send_due()
    dispatch.refresh_from_db()
    assert dispatch.state == "paused"

    delivery.sweep(now=timezone.now() + dt.timedelta(days=32))

    dispatch.refresh_from_db()
    assert dispatch.state == "running"


def test_nothing_is_overspent_by_workers_at_a_provider_that_fails(shop, providers, tmp_path):
    with database_in_a_file(tmp_path):
        hands = 8 if connection.vendor == "postgresql" else 3
        dispatches = [running(shop) for _ in range(2)]
        for dispatch in dispatches:
            waiting(dispatch, 40, channel="sms")
            waiting(dispatch, 5)
        price = price_of(dispatches[0])
        budgets.set_month(shop, 50 * price + price // 2)
        month = Budget.objects.get()
        for fault in ("drop_after_accept", "500_after", "500_before", "400_plain"):
            providers.set_fault(fault, 0.1)

        for _ in range(3):
            at_once(hands, lambda _: delivery.send_due())
            budgets.resume_affordable()  # what was refused has given its money back
            ProviderAccount.objects.update(failures=0, open_until=None)

        cost = CustomerCommunication.objects.filter(shop=shop).aggregate
        by_state = {
            state: cost(sum=Sum("cost_micros", filter=Q(attempt__state=state)))["sum"] or 0
            for state in DeliveryAttempt.State.values
        }
        reserved, spent, late = sums(month)
        assert (spent, late) == (by_state["accepted"], 0)
        assert reserved == by_state["unknown"] > 0
        assert spent + reserved <= month.limit_micros
        assert month.left_micros < price
        settled = month.reservations.filter(state="settled").aggregate(sum=Sum("amount_micros"))
        assert settled["sum"] == spent
        billed = sum(line.get("price_micros", 399) for line in providers.accepted())
        assert billed <= spent + reserved
