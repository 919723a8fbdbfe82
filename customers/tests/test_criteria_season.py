"""The month in which it is asked."""

import datetime as dt

import pytest

from barbershop.tests.factories import ShopFactory
from customers import criteria
from customers.criteria import CriteriaError
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db
NEW_YEAR = dt.datetime(2027, 1, 1, tzinfo=dt.UTC)  # still December in New York


def test_month_is_the_shops_and_holds_for_everybody_or_nobody():
    shop = ShopFactory(timezone="America/New_York")
    people = {CustomerFactory(shop=shop).pk, CustomerFactory(shop=shop).pk}
    CustomerFactory()

    def chosen(raw, now):
        found = criteria.parse(raw).select(shop=shop, now=now)
        return set(found.values_list("pk", flat=True))

    assert chosen({"sent_in_month": [11, 12]}, NEW_YEAR) == people
    assert chosen({"sent_in_month": 1}, NEW_YEAR) == set()
    assert chosen({"sent_in_month": 1}, NEW_YEAR + dt.timedelta(hours=5)) == people
    assert chosen({"not": {"sent_in_month": 1}}, NEW_YEAR) == people


def test_it_turns_at_the_first_midnight_of_each_month_in_the_shop():
    customer = CustomerFactory(shop=ShopFactory(timezone="America/New_York"))
    asked = criteria.parse({"sent_in_month": 1})

    turns = asked.turning_points(customer, now=NEW_YEAR)

    assert turns[:2] == [
        dt.datetime(2027, 1, 1, 5, tzinfo=dt.UTC),
        dt.datetime(2027, 2, 1, 5, tzinfo=dt.UTC),
    ]
    assert len(turns) == 12
    (finding,) = asked.findings(customer, now=NEW_YEAR)
    assert (finding.holds, finding.found) == (False, "December")


def test_it_says_itself_and_refuses_a_thirteenth_month():
    asked = criteria.parse({"sent_in_month": [6, 7], "language": "es"})

    assert asked.sentence() == (
        "Customers who are written to in June or July and who speak Spanish."
    )
    with pytest.raises(CriteriaError, match="from 1 to 12"):
        criteria.parse({"sent_in_month": 13})
