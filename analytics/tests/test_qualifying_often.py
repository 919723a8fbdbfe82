"""When somebody would get a campaign who comes so often that very many moments may turn it."""

import datetime as dt
import random
from zoneinfo import ZoneInfo

import pytest

from analytics import explained, explainer
from barbershop.tests.factories import ShopFactory
from campaigns import audience, qualifying, turning, verdicts
from campaigns.tests.factories import DefinitionFactory
from customers.models import Appointment, Customer, Payment
from customers.tests.factories import CustomerFactory, SegmentFactory

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
BEFORE = dt.timedelta(microseconds=1)
NOON = dt.datetime(2035, 6, 1, 12, tzinfo=ZoneInfo("America/New_York"))
SELDOM = {"visit_count": {"max": 2, "days": 365}}
WINDOWS = (
    SELDOM,
    {"visit_count": {"max": 40, "days": 365}},
    {"not": {"visit_count": {"min": 20, "days": 150}}},
    {"not": {"visit_count": {"min": 3, "days": 200}}},
    {"total_spent": {"max": 4000, "days": 180}},
    {"visit_count": {"min": 20, "max": 25, "days": 300}, "last_visit_days": {"min": 40}},
    {
        "any": [
            {"visit_count": {"max": 0, "days": 360}},
            {"last_visit_days": {"min": 90, "max": 91}},
        ]
    },
    {"all": [SELDOM, {"sent_in_month": [3, 4]}]},
    {"not": {"any": [{"last_visit_days": {"max": 20}}, {"visit_count": {"min": 5, "days": 99}}]}},
)


@pytest.fixture
def shop():
    return ShopFactory(timezone="America/New_York")


def regular(shop, *, visits=75, every=4.8, paid=1000, chance=None):
    """Somebody who was here every few days of the past year, and paid each time."""
    found = CustomerFactory(shop=shop)
    Customer.objects.filter(pk=found.pk).update(created_at=NOON - 900 * DAY)
    shift = chance.random() if chance else 0.5
    times = [NOON - (number * every + shift) * DAY for number in range(visits)]
    own = {"shop": shop, "customer": found}
    Appointment.objects.bulk_create(
        Appointment(status="completed", starts_at=at, booked_at=at, **own) for at in times
    )
    Payment.objects.bulk_create(Payment(amount=paid, paid_at=at, **own) for at in times)
    found.refresh_from_db()
    return found, times


def is_in(definition, customer, *, at) -> bool:
    return audience.select(definition, now=at).filter(pk=customer.pk).exists()


@pytest.mark.parametrize(
    "raw", [SELDOM, {"not": {"visit_count": {"min": 3, "days": 365}}}], ids=["plain", "not"]
)
def test_who_comes_more_than_weekly_qualifies_when_all_but_two_visits_are_old(shop, raw):
    customer, times = regular(shop)
    definition = DefinitionFactory(shop=shop, target_criteria=raw)

    found = explainer.explain(definition, customer, now=NOON)

    assert found.qualifies_at == times[2] + 365 * DAY + BEFORE
    assert explainer.explain(definition, customer, now=found.qualifies_at).verdict == "now"
    assert not is_in(definition, customer, at=found.qualifies_at - BEFORE)


def test_exclusion_of_the_visited_is_asked_at_its_end_only(shop, django_assert_max_num_queries):
    customer, times = regular(shop)
    definition = DefinitionFactory(shop=shop, excludes_visited_days=300)
    answer = verdicts.of(definition, customer, now=NOON)

    with django_assert_max_num_queries(40):
        coming = qualifying.next_time(definition, customer, answer, now=NOON)

    assert coming.at == times[0] + 300 * DAY


def test_what_cannot_be_asked_of_all_moments_is_called_not_known(shop, monkeypatch):
    monkeypatch.setattr(turning, "MOST_ASKED", 10)
    customer, times = regular(shop)
    definition = DefinitionFactory(shop=shop, target_criteria=SELDOM)

    found = explainer.explain(definition, customer, now=NOON)

    eleventh = sorted(at + 365 * DAY + BEFORE for at in times)[10]
    assert (found.qualifies_at, found.known_until) == (None, eleventh)
    assert found.waits_for == "not known"
    conclusion = explained.conclusion(found, customer=customer, zone=shop.zone)
    until = explained.at_of(eleventh, shop.zone)
    assert f"Waiting until {until} changes nothing; what comes later is not known." in conclusion
    assert "Waiting alone" not in conclusion


def test_gate_that_says_no_at_too_many_moments_leaves_the_rest_not_known(shop, monkeypatch):
    monkeypatch.setattr(qualifying, "MOST_ASKED", 2)
    customer, _ = regular(shop)
    definition = DefinitionFactory(
        shop=shop,
        target_criteria={"visit_count": {"max": 60, "days": 365}},
        excludes_visited_days=300,
    )
    answer = verdicts.of(definition, customer, now=NOON)

    coming = qualifying.next_time(definition, customer, answer, now=NOON)

    assert isinstance(coming, qualifying.NotKnown)
    assert NOON < coming.until < NOON + 300 * DAY


def test_every_moment_ahead_is_answered_as_the_audience_would_be(shop):
    chance = random.Random(7)
    found = 0
    for number, raw in enumerate(WINDOWS):
        visits = chance.choice([60, 75])
        customer, _ = regular(shop, visits=visits, every=360 / visits, chance=chance)
        definition = DefinitionFactory(shop=shop, target_criteria=raw)
        if number % 2:
            busy = SegmentFactory(shop=shop, criteria={"visit_count": {"min": 70, "days": 365}})
            mode = chance.choice(["include", "exclude"])
            definition.campaign_segments.create(shop=shop, segment=busy, mode=mode)
        ahead = turning.of(definition, customer, now=NOON)

        around = [each - step for each in ahead.moments for step in (BEFORE, 0 * DAY)]
        for moment in [NOON, *chance.sample(around, min(len(around), 24))]:
            assert ahead.matches(moment) == is_in(definition, customer, at=moment), (raw, moment)
            found += ahead.matches(moment)
        answer = verdicts.of(definition, customer, now=NOON)
        if not answer.received:
            coming = qualifying.next_time(definition, customer, answer, now=NOON)
            first = next((each for each in ahead.moments if ahead.matches(each)), None)
            assert (coming and coming.sent_at) == first
    assert 20 < found < 180


def test_ten_leaves_of_a_regular_are_asked_in_few_queries(shop, django_assert_max_num_queries):
    customer, _ = regular(shop)
    raw = {"all": [{"not": {"visit_count": {"min": 3, "days": 360 + n}}} for n in range(10)]}
    definition = DefinitionFactory(shop=shop, target_criteria=raw)

    with django_assert_max_num_queries(60):
        ahead = turning.of(definition, customer, now=NOON)

    assert (len(ahead.moments) > 700, ahead.until) == (True, None)
