"""What a campaign gave away is part of what it cost."""

import datetime as dt

import pytest
from django.utils import timezone

from analytics import home, overview, performance
from analytics.tests.factories import booking, delivered
from campaigns.tests.factories import ExecutionFactory, OfferCodeFactory, OfferFactory

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def run():
    offer = OfferFactory()
    execution = ExecutionFactory(definition__shop=offer.shop, definition__offer=offer)
    other = ExecutionFactory(definition__shop=offer.shop, definition__offer=offer)
    for who, discount in ((execution, 700), (execution, 300), (other, 50), (None, 9)):
        OfferCodeFactory(
            offer=offer, execution=who, redeemed_at=NOW - dt.timedelta(hours=1), discount=discount
        )
    OfferCodeFactory(offer=offer, execution=execution)
    return execution


def test_discounts_of_redeemed_codes_count_in_cost_and_return(run):
    first = delivered(run, at=NOW - dt.timedelta(hours=3))
    booking(run, first, at=NOW - dt.timedelta(hours=2), revenue=5000)

    totals = performance.of(run.definition, now=NOW).totals

    assert (totals.discounts, totals.revenue) == (1000, 5000)
    assert (totals.cost, totals.roi) == (1000, 4.0)


def test_channels_carry_the_cost_of_their_messages_alone(run):
    delivered(run, at=NOW, cost_micros=120_000)

    found = performance.of(run.definition, now=NOW)

    assert (found.channels["email"].cost, found.totals.cost) == (12, 1012)


def test_discounts_cost_one_query_and_none_without_an_offer(run, django_assert_num_queries):
    delivered(run, at=NOW)
    with django_assert_num_queries(5):
        performance.of(run.definition, now=NOW)
    run.definition.offer = None
    with django_assert_num_queries(4):
        performance.of(run.definition, now=NOW)


def test_home_counts_the_discounts_that_campaigns_gave_in_the_period(run):
    found = overview.of(run.shop, now=NOW)

    assert home.cost_of(run.shop, found) == 1050
