"""The month of a budget is the shop's own."""

import datetime as dt

import pytest
from django.db import connection

from barbershop.tests.at_once import at_once
from barbershop.tests.browser import database_in_a_file
from barbershop.tests.factories import ShopFactory
from communications import budgets
from communications.models import Budget

# Still the last of May in New York, the first of June in Berlin.
NIGHT = dt.datetime(2026, 6, 1, 2, 0, tzinfo=dt.UTC)
JULY = dt.datetime(2026, 7, 15, 12, 0, tzinfo=dt.UTC)
DOLLAR = 1_000_000


def test_a_month_begins_at_midnight_of_the_shop(db):
    budgets.set_month(ShopFactory(timezone="America/New_York"), DOLLAR, now=NIGHT)
    budgets.set_month(ShopFactory(timezone="Europe/Berlin"), DOLLAR, now=NIGHT)

    assert list(Budget.objects.order_by("pk").values_list("month", flat=True)) == [
        dt.date(2026, 5, 1),
        dt.date(2026, 6, 1),
    ]


def test_a_new_month_begins_with_the_latest_limit_and_nothing_spent(db):
    shop, other = ShopFactory(), ShopFactory()
    budgets.set_month(shop, 5 * DOLLAR, now=NIGHT - dt.timedelta(days=31))
    budgets.set_month(shop, 3 * DOLLAR, now=NIGHT)
    Budget.objects.update(spent_micros=DOLLAR, reserved_micros=1, warned_at=NIGHT)
    budgets.set_month(other, 9 * DOLLAR, now=JULY - dt.timedelta(days=30))
    budgets.open_for(shop=shop, limit_micros=1)

    july = budgets.month_of(shop, JULY)

    assert (july.month, july.limit_micros) == (dt.date(2026, 7, 1), 3 * DOLLAR)
    assert (july.spent_micros, july.reserved_micros, july.warned_at) == (0, 0, None)


def test_a_month_is_read_again_and_not_made_again(db, django_assert_num_queries):
    shop = ShopFactory()
    budgets.set_month(shop, DOLLAR, now=JULY)

    with django_assert_num_queries(1):
        budgets.month_of(shop, JULY)


def test_a_later_month_is_no_limit_for_an_earlier_one(db):
    shop = ShopFactory()
    budgets.set_month(shop, DOLLAR, now=JULY)

    assert budgets.month_of(shop, NIGHT) is None


def test_a_shop_without_a_budget_gets_none(db):
    budgets.set_month(ShopFactory(), DOLLAR, now=NIGHT)

    assert budgets.month_of(ShopFactory(), JULY) is None
    assert Budget.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_many_workers_begin_a_month_once(tmp_path):
    shop = ShopFactory()
    budgets.set_month(shop, DOLLAR, now=NIGHT)

    with database_in_a_file(tmp_path):
        hands = 20 if connection.vendor == "postgresql" else 6
        found = at_once(hands, lambda number: budgets.month_of(shop, JULY).pk)

        assert len(set(found)) == 1
        assert Budget.objects.filter(month=dt.date(2026, 7, 1)).count() == 1
