"""How much is enough: the shop's cap by person and organisation, the law's by number."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from barbershop.tests.factories import ShopFactory
from communications import frequency
from communications.delivery import claim, gate, leave
from communications.models import DeliveryAttempt
from communications.tests.factories import CommunicationFactory, DispatchFactory
from communications.tests.reports import in_call
from communications.tests.waiting import state_of, waiting
from customers.tests.consents import opt_in
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db

NOW = timezone.now()
DAY = dt.timedelta(days=1)
MIAMI, NEW_YORK = "+13055550100", "+12122340100"


@pytest.fixture
def generous():
    """A shop whose own cap is never reached."""
    return ShopFactory(cap_messages=100, cap_sms=100)


def had(customer, *, days_ago=1.0, state="accepted", channel="email", **dispatch):
    """A marketing message whose call began so long ago."""
    message = in_call(
        state=state,
        channel=channel,
        customer=customer,
        dispatch=DispatchFactory(shop=customer.shop, **dispatch),
    )
    if state != "claimed":
        DeliveryAttempt.objects.filter(pk=message.attempt_id).update(
            sending_at=NOW - days_ago * DAY
        )
    return message


def next_one(customer, *, channel="email", **dispatch):
    """What the gate does with one more message."""
    dispatch = DispatchFactory(shop=customer.shop, starts_at=NOW, **dispatch)
    if channel == "sms":
        opt_in(customer, "sms")
    message = CommunicationFactory(dispatch=dispatch, channel=channel, customer=customer)
    gate.begin(claim.claim(dispatch=dispatch, channel=channel, now=NOW), now=NOW)
    message.refresh_from_db()
    return state_of(message), message.reason


BEGINS, HAD_ENOUGH = ("sending", ""), ("blocked", "frequency_cap")


def test_third_message_in_a_week_is_one_too_many(shop):
    person, neighbour = CustomerFactory.create_batch(2, shop=shop)
    had(person)

    assert next_one(person) == BEGINS
    assert next_one(person) == HAD_ENOUGH
    assert next_one(neighbour) == BEGINS


def test_second_text_in_a_week_is_one_too_many_and_an_email_is_not(shop):
    person = CustomerFactory(shop=shop)
    had(person, channel="sms")

    assert next_one(person, channel="sms") == HAD_ENOUGH
    assert next_one(person) == BEGINS


def test_texts_and_emails_count_together(shop):
    person = CustomerFactory(shop=shop)
    had(person, channel="email")
    had(person, channel="sms")

    assert next_one(person) == HAD_ENOUGH


def test_cap_ends_with_its_period(shop):
    person = CustomerFactory(shop=shop)
    for _ in range(2):
        had(person, days_ago=7)

    assert next_one(person) == BEGINS


def test_shop_decides_how_much_and_how_long():
    person = CustomerFactory(shop=ShopFactory(cap_messages=1, cap_period_days=30))
    had(person, days_ago=29.9)

    assert next_one(person) == HAD_ENOUGH


def test_shop_that_permits_nothing_sends_nothing():
    shop = ShopFactory(cap_messages=5, cap_sms=0)
    person = CustomerFactory(shop=shop)

    assert next_one(person, channel="sms") == HAD_ENOUGH
    assert next_one(person) == BEGINS


@pytest.mark.parametrize("state", ["sending", "accepted", "unknown"])
def test_message_counts_from_the_moment_its_call_began(state):
    person = CustomerFactory(shop=ShopFactory(cap_messages=1))
    had(person, state=state)

    assert next_one(person) == HAD_ENOUGH


@pytest.mark.parametrize("state", ["claimed", "released", "not_sent"])
def test_message_that_was_not_sent_does_not_count(state):
    person = CustomerFactory(shop=ShopFactory(cap_messages=1))
    had(person, state=state)

    assert next_one(person) == BEGINS


@pytest.mark.parametrize("kind", ["transactional", "test"])
def test_reminders_and_tests_do_not_count_and_are_not_counted(kind):
    person = CustomerFactory(shop=ShopFactory(cap_messages=1))
    had(person, kind=kind)
    assert next_one(person) == BEGINS

    assert next_one(person, kind="transactional") == BEGINS


def test_family_that_shares_a_phone_gets_one_text_together(shop):
    mother, son = (CustomerFactory(shop=shop, phone=NEW_YORK) for _ in range(2))
    had(mother, channel="sms")

    assert next_one(son, channel="sms") == HAD_ENOUGH


def test_shops_of_one_organisation_count_together_and_strangers_do_not(shop):
    sister = ShopFactory(organization=shop.organization, cap_messages=1)
    stranger = ShopFactory(cap_messages=1)
    had(CustomerFactory(shop=shop, email="sam@example.test"))

    assert next_one(CustomerFactory(shop=sister, email="sam@example.test")) == HAD_ENOUGH
    assert next_one(CustomerFactory(shop=stranger, email="sam@example.test")) == BEGINS


def test_birthdays_pass_the_shops_cap(shop):
    person = CustomerFactory(shop=shop)
    for _ in range(3):
        had(person, channel="sms")

    assert next_one(person, channel="sms", is_cap_exempt=True) == BEGINS


@pytest.mark.parametrize("is_cap_exempt", [False, True])
def test_of_four_campaigns_in_a_day_three_reach_a_number_in_florida(generous, is_cap_exempt):
    miami = CustomerFactory(shop=generous, phone=MIAMI)
    new_york = CustomerFactory(shop=generous, phone=NEW_YORK)

    def four(person):
        return [next_one(person, channel="sms", is_cap_exempt=is_cap_exempt) for _ in range(4)]

    assert four(miami) == [BEGINS, BEGINS, BEGINS, HAD_ENOUGH]
    assert four(new_york) == [BEGINS] * 4


@pytest.mark.parametrize(
    "where",
    [
        {"phone": "+14055550100"},  # Oklahoma
        {"phone": "+14105550100"},  # Maryland
        {"phone": NEW_YORK, "zip": "33101"},  # moved to Florida and kept his number
        {"phone": "+15555550100"},  # may be in any state
    ],
)
def test_law_caps_whoever_may_be_in_one_of_its_states(generous, where):
    person = CustomerFactory(shop=generous, **where)
    for _ in range(3):
        had(person, channel="sms", days_ago=0.9)

    assert next_one(person, channel="sms") == HAD_ENOUGH


def test_law_looks_back_a_rolling_day_and_at_texts_only(generous):
    person = CustomerFactory(shop=generous, phone=MIAMI)
    had(person, channel="sms", days_ago=1)
    had(person, channel="email", days_ago=0.1)
    for _ in range(2):
        had(person, channel="sms", days_ago=0.9)

    assert next_one(person, channel="sms") == BEGINS
    assert next_one(person, channel="sms") == HAD_ENOUGH


def test_room_comes_back_when_a_call_did_not_happen():
    person = CustomerFactory(shop=ShopFactory(cap_messages=1))
    assert next_one(person) == BEGINS
    assert next_one(person) == HAD_ENOUGH

    (begun,) = DeliveryAttempt.objects.filter(state="sending")
    leave.release(begun, reason="the line was down", now=NOW)

    assert next_one(person) == BEGINS


def test_gate_asks_as_often_for_thirty_people_as_for_one(shop):
    def queries(number):
        dispatch = DispatchFactory(shop=shop, starts_at=NOW)
        for message in waiting(dispatch, number, channel="sms"):
            had(message.customer, days_ago=3)
        attempts = claim.claim(dispatch=dispatch, channel="sms", now=NOW)
        with CaptureQueriesContext(connection) as asked:
            assert len(gate.begin(attempts, now=NOW)) == number
        return len(asked)

    assert queries(1) == queries(30)


def test_verdicts_name_each_cap_with_what_was_had(shop):
    person = CustomerFactory(shop=shop, phone=MIAMI)
    had(person, channel="sms", days_ago=0.5)
    had(person, channel="email", days_ago=2)
    caps = frequency.caps(shop, is_exempt=False, now=NOW)

    found = caps.verdicts(
        channel="sms",
        email_hmac=person.email_hmac,
        phone_hmac=person.phone_hmac,
        states={"FL"},
    )

    assert [(v.rule, v.had, v.most, v.is_over) for v in found] == [
        ("texts in 24 hours (FL)", 1, 3, False),
        ("texts in 7 days", 1, 1, True),
        ("messages in 7 days", 2, 2, True),
    ]
