"""Whose birthday is in the month that it is where the shop is."""

import datetime as dt

import pytest

from barbershop.tests.factories import ShopFactory
from customers import criteria
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db
NEW_YEAR = dt.datetime(2027, 1, 1, tzinfo=dt.UTC)  # still December in New York
MIDNIGHT = dt.datetime(2027, 1, 1, 5, tzinfo=dt.UTC)
MOMENT = dt.timedelta(microseconds=1)
THIS_MONTH = {"birthday_this_month": True}


@pytest.fixture
def shop():
    return ShopFactory(timezone="America/New_York")


def born(shop, month, day=31):
    return CustomerFactory(shop=shop, birth_month=month, birth_day=month and day)


def chosen(raw, shop, now):
    found = criteria.parse(raw).select(shop=shop, now=now)
    return set(found.values_list("pk", flat=True))


def test_the_month_is_the_shops_and_everybody_else_has_none_this_month(shop):
    december, january, unknown = born(shop, 12), born(shop, 1), born(shop, None)
    born(ShopFactory(), 12)

    assert chosen(THIS_MONTH, shop, NEW_YEAR) == {december.pk}
    assert chosen(THIS_MONTH, shop, MIDNIGHT - MOMENT) == {december.pk}
    assert chosen(THIS_MONTH, shop, MIDNIGHT) == {january.pk}
    for others in ({"birthday_this_month": False}, {"not": THIS_MONTH}):
        assert chosen(others, shop, NEW_YEAR) == {january.pk, unknown.pk}


def test_a_whole_month_counts_whatever_the_day(shop):
    people = {born(shop, 2, day).pk for day in (1, 28, 29)}
    born(shop, 1)
    born(shop, 3, 1)

    assert chosen(THIS_MONTH, shop, dt.datetime(2027, 2, 28, 18, tzinfo=dt.UTC)) == people


@pytest.mark.parametrize(
    ("month", "turns"),
    [
        (12, [MIDNIGHT, dt.datetime(2027, 12, 1, 5, tzinfo=dt.UTC)]),
        (1, [MIDNIGHT, dt.datetime(2027, 2, 1, 5, tzinfo=dt.UTC)]),
        # Summer time begins within March.
        (
            3,
            [
                dt.datetime(2027, 3, 1, 5, tzinfo=dt.UTC),
                dt.datetime(2027, 4, 1, 4, tzinfo=dt.UTC),
            ],
        ),
        (None, []),
    ],
)
def test_it_turns_when_his_month_begins_and_when_it_is_over(shop, month, turns):
    assert criteria.parse(THIS_MONTH).turning_points(born(shop, month), now=NEW_YEAR) == turns


def test_findings_say_the_day(shop):
    asked = criteria.parse(THIS_MONTH)

    def finding(month):
        (found,) = asked.findings(born(shop, month), now=NEW_YEAR)
        return found.sentence, found.holds, found.found

    said = "whose birthday is this month"
    assert finding(12) == (said, True, "31 December, today")
    assert finding(1) == (said, False, "31 January, in 31 days")
    assert finding(None) == (said, False, "birthday unknown")


@pytest.mark.parametrize(
    ("day", "said"),
    [
        (30, "30 December, in 364 days"),
        (31, "31 December, today"),
        (1, "1 January, in 1 day"),
        (2, "2 January, in 2 days"),
    ],
)
def test_tomorrow_is_in_one_day(shop, day, said):
    customer = CustomerFactory(shop=shop, birth_month=12 if day > 2 else 1, birth_day=day)

    (found,) = criteria.parse({"birthday_in_days": {"max": 7}}).findings(customer, now=NEW_YEAR)

    assert found.found == said
