"""Consent by the API: an opt-in is for an address, and for today's."""

import datetime as dt

import pytest
from django.utils import timezone

from barbershop.tests.api import token_client
from barbershop.tests.factories import ShopFactory
from customers import consent
from customers.models import ContactConsent, Customer
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db

PHONE, EMAIL = "+12125550123", "sam@example.test"


@pytest.fixture
def sam():
    CustomerFactory(phone="+12125550177", email="other@example.test")  # at another shop
    return CustomerFactory(shop=ShopFactory(), phone=PHONE, email=EMAIL)


def error_of(response):
    return response.json()["error"]


def say(customer, **said):
    body = {
        "customer": customer.pk,
        "channel": "sms",
        "decision": "opted_in",
        "source": "web form",
        "disclosure_text": "I agree.",
        "given_at": (timezone.now() - dt.timedelta(days=400)).isoformat(),
    }
    return token_client(customer.shop).post("/api/consents/", body | said)


def decision(customer, channel="sms") -> str:
    people = Customer.objects.filter(pk=customer.pk)
    return consent.annotate_decision(people, channel=channel).get().consent_decision


@pytest.mark.parametrize(
    ("channel", "address", "stored"),
    [
        ("sms", {"phone": "(212) 555-0123"}, PHONE),
        ("email", {"email": "Sam@Example.test"}, EMAIL),
    ],
)
def test_opt_in_for_todays_address_counts(sam, channel, address, stored):
    answer = say(sam, channel=channel, **address)

    assert answer.status_code == 201, answer.json()
    assert decision(sam, channel) == "opted_in"
    assert ContactConsent.objects.get().detail.address == stored
    assert not {"phone", "email"} & answer.json().keys()


@pytest.mark.parametrize(
    ("channel", "sent", "field", "words"),
    [
        ("sms", {}, "phone", "An opt-in needs the phone that it was given for; without it, send"),
        ("sms", {"phone": ""}, "phone", "An opt-in needs the phone that it was given for"),
        ("email", {}, "email", "An opt-in needs the email that it was given for"),
        ("sms", {"phone": "+12125550177"}, "phone", "This is not the customer's phone today"),
        ("email", {"email": "other@example.test"}, "email", "This is not the customer's email"),
        ("sms", {"phone": "12"}, "phone", "'12' is not a phone number."),
        ("sms", {"phone": PHONE, "email": EMAIL}, "email", "This is about phone: leave it out."),
        ("sms", {"phone": 12}, "phone", "Must be a text."),
    ],
)
def test_opt_in_for_no_address_or_another_than_todays_is_refused(sam, channel, sent, field, words):
    answer = say(sam, channel=channel, **sent)

    assert answer.status_code == 400
    assert error_of(answer)["fields"][field][0].startswith(words)
    assert not ContactConsent.objects.exists()


def test_old_opt_in_for_a_number_that_was_changed_today_is_refused(sam):
    sam.phone = "+12125550166"
    sam.save()

    assert say(sam, phone=PHONE).status_code == 400
    assert say(sam).status_code == 400
    assert decision(sam) == ""


@pytest.mark.parametrize("word", ["unproven", "opted_out"])
def test_what_permits_nothing_needs_no_address(sam, word):
    assert say(sam, decision=word).status_code == 201
    assert decision(sam) == word


def test_claim_for_another_number_than_todays_is_refused(sam):
    assert say(sam, decision="unproven", phone="+12125550177").status_code == 400
