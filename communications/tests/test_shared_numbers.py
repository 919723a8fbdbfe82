"""The law's hours and caps are those of the number: what one record knows holds for all with it."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from barbershop.tests.factories import ShopFactory
from communications import compliance
from communications.compliance import Moments, Person, Terms, findings
from communications.delivery import claim, gate
from communications.tests.factories import CommunicationFactory, DispatchFactory
from communications.tests.test_frequency import BEGINS, HAD_ENOUGH, had, next_one
from communications.tests.waiting import state_of, waiting
from customers.models import Customer
from customers.tests.consents import opt_in
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db

NEW_YORK, TOLL_FREE = "+12122340100", "+18002340100"
MIAMI_ZIP, HONOLULU_ZIP, SOLDIERS_ZIP, NEW_YORK_ZIP = "33101", "96801", "09012", "10001"
BREAKFAST = dt.datetime(2026, 6, 2, 13, 30, tzinfo=dt.UTC)  # 9:30 in New York, 3:30 in Honolulu
MARKETING = Terms()


@pytest.fixture
def shop():
    """A shop whose own cap is never reached."""
    return ShopFactory(timezone="America/New_York", cap_messages=100, cap_sms=100)


def agreed(shop, **fields):
    customer = CustomerFactory(shop=shop, **{"phone": NEW_YORK} | fields)
    opt_in(customer, "sms")
    return customer


def considered(shop, now=BREAKFAST, **options):
    found = compliance.consider(
        Customer.objects.for_shop(shop),
        shop=shop,
        channels=["sms"],
        topic="marketing",
        terms=MARKETING,
        now=now,
        **options,
    )
    return {pk: verdicts["sms"] for pk, verdicts in found}


def place(customer):
    return Moments(customer.shop, terms=MARKETING, now=BREAKFAST).place(Person.of(customer))


@pytest.mark.parametrize("is_cap_exempt", [False, True])
def test_law_counts_for_everybody_with_a_number_that_one_record_places_in_florida(
    shop, is_cap_exempt
):
    moved, twin = agreed(shop, zip=MIAMI_ZIP), agreed(shop)
    neighbour = agreed(shop, phone="+12122340101")

    def one_more(person):
        return next_one(person, channel="sms", is_cap_exempt=is_cap_exempt)

    assert [one_more(moved) for _ in range(3)] == [BEGINS] * 3
    assert one_more(twin) == one_more(moved) == HAD_ENOUGH
    assert [one_more(neighbour) for _ in range(4)] == [BEGINS] * 4


def test_sister_shops_record_counts_and_a_strangers_does_not(shop):
    sister = ShopFactory(organization=shop.organization)
    stranger = ShopFactory(cap_messages=100, cap_sms=100)
    agreed(sister, zip=MIAMI_ZIP)

    for where, fourth in ((shop, HAD_ENOUGH), (stranger, BEGINS)):
        person = agreed(where)
        for _ in range(3):
            had(person, channel="sms", days_ago=0.5)
        assert next_one(person, channel="sms") == fourth


@pytest.mark.quiet_hours
@pytest.mark.parametrize("is_sister", [False, True])
def test_freeze_gate_forecast_and_explanation_wait_for_the_latest_morning(shop, is_sister):
    other = ShopFactory(organization=shop.organization) if is_sister else shop
    here = agreed(shop)
    agreed(other, zip=HONOLULU_ZIP)
    nine = dt.datetime(2026, 6, 2, 9, tzinfo=ZoneInfo("Pacific/Honolulu"))

    frozen, forecast = (considered(shop, is_everybody=every)[here.pk] for every in (False, True))
    rules = compliance.rules(here, channel="sms", topic="marketing", terms=MARKETING, now=BREAKFAST)
    dispatch = DispatchFactory(shop=shop, starts_at=BREAKFAST)
    message = CommunicationFactory(dispatch=dispatch, channel="sms", customer=here)
    gate.begin(claim.claim(dispatch=dispatch, channel="sms", now=BREAKFAST), now=BREAKFAST)
    message.refresh_from_db()

    assert frozen.not_before == forecast.not_before == nine
    (hours,) = [rule.found for rule in rules if rule.name == "quiet hours"]
    assert hours == findings.Hours(is_open=False, opens_at=nine)
    assert (state_of(message), message.not_before) == ("pending", nine)


@pytest.mark.quiet_hours
def test_next_turn_is_that_of_the_number_too(shop, django_assert_num_queries):
    here = agreed(shop)
    agreed(shop, zip=HONOLULU_ZIP)
    moments = Moments(shop, terms=MARKETING, now=BREAKFAST)
    evening = dt.datetime(2026, 6, 2, 20, tzinfo=ZoneInfo("America/New_York"))

    moments.turn(Person.of(here), channel="sms")
    with django_assert_num_queries(0):
        turn = moments.after(compliance.Turn(until=evening), Person.of(here))

    morning = dt.datetime(2026, 6, 3, 9, tzinfo=ZoneInfo("Pacific/Honolulu"))
    assert turn.not_before == morning


@pytest.mark.quiet_hours
def test_number_that_one_record_places_nowhere_is_closed_for_all(shop):
    here = agreed(shop)
    agreed(shop, zip=SOLDIERS_ZIP)

    assert {found.refusal for found in considered(shop).values()} == {"unknown_zone"}
    assert place(here).zones == frozenset()


def test_record_that_says_nothing_adds_nothing(shop):
    silent, known = (agreed(shop, phone=TOLL_FREE, zip=zip) for zip in ("", NEW_YORK_ZIP))

    assert place(silent).zones == frozenset()
    assert (place(known).zones, place(known).states) == ({"America/New_York"}, {"NY"})


def test_zone_and_states_are_those_of_all_records(shop):
    here = agreed(shop)
    agreed(shop, zip=MIAMI_ZIP)
    agreed(shop, timezone="Pacific/Honolulu")
    agreed(shop, zip=HONOLULU_ZIP, phone="+12122340101")

    assert place(here).states == {"NY", "FL"}
    assert place(here).zones == {"America/New_York", "Pacific/Honolulu"}


def test_records_are_asked_for_once_however_many_there_are(shop):
    sister = ShopFactory(organization=shop.organization)

    def queries(number):
        dispatch = DispatchFactory(shop=shop, starts_at=BREAKFAST)
        for message in waiting(dispatch, number, channel="sms"):
            CustomerFactory(shop=sister, phone=message.customer.phone, zip=MIAMI_ZIP)
        attempts = claim.claim(dispatch=dispatch, channel="sms", now=BREAKFAST)
        with CaptureQueriesContext(connection) as gated:
            assert len(gate.begin(attempts, now=BREAKFAST)) == number
        with CaptureQueriesContext(connection) as frozen:
            considered(shop)
        with CaptureQueriesContext(connection) as forecast:
            considered(shop, is_everybody=True)
        return len(gated), len(frozen), len(forecast)

    assert queries(1) == queries(20)
