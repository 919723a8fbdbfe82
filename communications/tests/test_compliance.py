"""What somebody said, and which messages he gets after it."""

import pytest
from django.test import Client
from django.utils import timezone

from barbershop.tests.factories import ShopFactory
from communications import compliance, delivery, links
from communications.tests.factories import DispatchFactory
from communications.tests.reports import in_call
from communications.tests.waiting import waiting
from customers import consent
from customers.models import Customer
from customers.tests.consents import opt_in
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db


def refusal(customer, *, kind, channel="email"):
    topic = "marketing" if kind == "marketing" else "appointments"
    people = compliance.annotate_refusal(
        Customer.objects.all(), shop=customer.shop, channel=channel, topic=topic, kind=kind
    )
    return people.get(pk=customer.pk).refusal


def unsubscribe_from(message):
    Client().post(f"/u/{links.unsubscribe_token(message.uuid)}/")


def test_who_unsubscribes_from_a_reminder_gets_no_more_of_them():
    message = in_call(topic="appointments")
    neighbour = CustomerFactory(shop=message.shop)
    assert refusal(message.customer, kind="transactional") == ""

    unsubscribe_from(message)

    assert refusal(message.customer, kind="transactional") == "topic"
    assert refusal(message.customer, kind="marketing") == "suppressed"
    assert refusal(neighbour, kind="transactional") == ""


def test_who_unsubscribes_from_an_offer_still_gets_reminders():
    message = in_call()

    unsubscribe_from(message)

    assert refusal(message.customer, kind="transactional") == ""


def test_who_wants_reminders_again_gets_them():
    message = in_call(topic="appointments")
    unsubscribe_from(message)

    consent.record(
        customer=message.customer,
        channel="email",
        topic="appointments",
        decision="opted_in",
        source="staff",
        given_at=timezone.now(),
    )

    assert refusal(message.customer, kind="transactional") == ""


@pytest.mark.parametrize("channel", ["email", "sms"])
def test_a_reminder_needs_nobodys_permission(channel):
    customer = CustomerFactory(shop=ShopFactory(country="DE"))

    assert refusal(customer, kind="transactional", channel=channel) == ""
    assert refusal(customer, kind="marketing", channel=channel) == "no_consent"


@pytest.mark.django_db(transaction=True)
def test_the_gate_keeps_back_a_reminder_that_was_unsubscribed_from_meanwhile(providers):
    dispatch = DispatchFactory(kind="transactional", starts_at=timezone.now())
    stays, goes = waiting(dispatch, 2)
    dispatch.communications.update(topic="appointments")
    unsubscribe_from(goes)

    delivery.send_due()

    goes.refresh_from_db()
    assert (goes.send_state, goes.reason) == ("blocked", "topic")
    assert [line["to"] for line in providers.accepted()] == [stays.address]


def test_offer_by_email_needs_the_consent_that_the_customers_country_asks_for():
    shop = ShopFactory(country="US")
    here = CustomerFactory(shop=shop, phone="+12125550100")
    abroad = CustomerFactory(shop=shop, phone="+14165550100")
    agreed = CustomerFactory(shop=shop, phone="+4930123456")
    opt_in(agreed, "email")

    assert refusal(here, kind="marketing") == ""
    assert refusal(abroad, kind="marketing") == "no_consent"
    assert refusal(abroad, kind="transactional") == ""
    assert refusal(agreed, kind="marketing") == ""
