import datetime as dt

import pytest

from analytics import overview
from analytics.tests.factories import booking, delivered, message
from barbershop.tests.factories import ShopFactory
from campaigns.tests.factories import ExecutionFactory
from communications.tests.factories import DispatchFactory
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)


def ago(days):
    return NOW - dt.timedelta(days=days)


@pytest.fixture
def shop():
    return ShopFactory(currency="EUR")


@pytest.fixture
def execution(shop):
    return ExecutionFactory(definition__shop=shop, dispatch__state="done")


def test_overview_compares_with_the_period_before(shop, execution):
    for days in (5, 10, 29):
        booking(execution, delivered(execution, at=ago(days)), at=ago(days), confirmed=days == 5)
    for days in (31, 59):
        booking(execution, delivered(execution, at=ago(days)), at=ago(days), revenue=5_000)
    booking(execution, delivered(execution, at=ago(61)), at=ago(61))

    found = overview.of(shop, now=NOW)

    assert found.bookings == overview.Figure(3, 2, 0.5)
    assert found.confirmed == overview.Figure(1, 0, None)
    assert found.revenue == overview.Figure(10_500, 10_000, 0.05)
    assert found.reached == overview.Figure(3, 2, 0.5)
    assert (found.currency, found.since, found.until) == ("EUR", ago(30), NOW)


def test_overview_counts_people_once_and_their_opt_outs_among_the_reached(shop, execution):
    ana, ben = CustomerFactory.create_batch(2, shop=shop)
    delivered(execution, at=ago(3), customer=ana)
    delivered(execution, at=ago(3), customer=ana, channel="sms", unsubscribed_at=ago(2))
    delivered(execution, at=ago(2), customer=ben)
    message(execution)

    found = overview.of(shop, now=NOW)

    assert (found.reached.current, found.sent.current) == (2, 3)
    assert (found.opted_out.current, found.opt_out_rate.current) == (1, 0.5)
    assert found.opt_out_rate.previous is None


def test_overview_leaves_out_other_shops_and_tests(shop):
    intruder = ExecutionFactory(dispatch__state="running")
    booking(intruder, delivered(intruder, at=ago(3)), at=ago(3))
    trial = ExecutionFactory(
        definition__shop=shop, dispatch=DispatchFactory(shop=shop, kind="test", state="done")
    )
    delivered(trial, at=ago(3))

    found = overview.of(shop, now=NOW)

    assert (found.bookings.current, found.reached.current, found.running) == (0, 0, 0)


def test_overview_of_an_empty_shop_has_no_rates(shop):
    found = overview.of(shop, now=NOW)

    assert found.opt_out_rate == overview.Figure(None, None, None)
    assert found.revenue == overview.Figure(0, 0, None)


def test_overview_counts_what_is_under_way(shop):
    for state in ("running", "paused", "preparing", "done", "cancelled"):
        ExecutionFactory(definition__shop=shop, dispatch__state=state)

    assert overview.of(shop, now=NOW).running == 3


@pytest.mark.parametrize("rows", [1, 3])
def test_overview_asks_three_questions(shop, execution, rows, django_assert_num_queries):
    for _ in range(rows):
        booking(execution, delivered(execution, at=ago(3)), at=ago(3))

    with django_assert_num_queries(3):
        overview.of(shop, now=NOW)
