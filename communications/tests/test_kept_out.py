"""Who was erased and comes back with one address changed gets no advertising at either."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from barbershop.tests.api import token_client
from barbershop.tests.factories import ShopFactory
from communications import compliance, delivery, preferences
from communications.compliance import Terms, findings
from communications.tests.factories import DispatchFactory
from communications.tests.reports import in_call
from communications.tests.test_compliance import refusal
from communications.tests.waiting import waiting
from customers import erasure
from customers.models import Customer
from customers.tests.consents import opt_in
from customers.tests.csv_files import run
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db

PHONE, NEW = "+12125550671", "erased-new@example.test"
NOON = dt.datetime(2026, 6, 1, 12, tzinfo=ZoneInfo("America/New_York")).astimezone(dt.UTC)


@pytest.fixture
def shop():
    """Somebody was erased here; at another shop he is a customer."""
    shop = ShopFactory()
    CustomerFactory(phone=PHONE, email=NEW)
    gone = CustomerFactory(shop=shop, phone=PHONE, email="erased1@example.test")
    erasure.erase(gone, reason="asked")
    return shop


def test_new_email_of_an_erased_number_in_a_file_gets_no_offer(shop):
    done = run(shop, f"external_id,email,phone\nERS2,{NEW},{PHONE}\nO,o@example.test,\n")

    back = Customer.objects.get(external_id="ERS2")
    assert done.kept_out == 1
    assert refusal(back, kind="marketing") == "suppressed"
    assert refusal(back, kind="transactional") == ""
    assert refusal(back, kind="transactional", channel="sms") == "suppressed"
    assert refusal(Customer.objects.get(external_id="O"), kind="marketing") == ""


def test_new_number_of_an_erased_email_by_the_api_gets_no_offer(shop):
    body = {"email": "erased1@example.test", "phone": "+12125550672"}
    made = token_client(shop).post("/api/customers/", body).json()
    back = Customer.objects.get(pk=made["id"])
    opt_in(back, "sms")

    assert made["is_kept_out"] is True
    assert refusal(back, kind="marketing", channel="sms") == "suppressed"


def test_same_person_at_another_shop_gets_his_offers(shop):
    elsewhere = Customer.objects.exclude(shop=shop).get()

    assert refusal(elsewhere, kind="marketing") == ""


@pytest.mark.parametrize("channel", ["email", "sms"])
@pytest.mark.parametrize("kind", ["marketing", "transactional"])
def test_explanation_of_one_person_is_what_the_freeze_decides(shop, channel, kind):
    people = [
        CustomerFactory(shop=shop, phone=PHONE),
        CustomerFactory(shop=shop, email="erased1@example.test"),
        CustomerFactory(shop=shop),
    ]
    for each in people:
        opt_in(each, "sms")
    asked = {"channel": channel, "topic": "marketing", "terms": Terms(kind=kind), "now": NOON}

    explained = {
        each.pk: next((r.reason for r in compliance.rules(each, **asked) if not r.passes), "")
        for each in people
    }

    del asked["channel"]
    frozen = compliance.consider(
        Customer.objects.for_shop(shop).present(), shop=shop, channels=[channel], **asked
    )
    assert explained == {pk: verdicts[channel].refusal for pk, verdicts in frozen}
    assert ("suppressed" in explained.values()) is True


def test_explanation_says_why(shop):
    back = CustomerFactory(shop=shop, phone=PHONE)
    neighbour = CustomerFactory(shop=shop)
    asked = {"channel": "email", "topic": "marketing", "terms": Terms(), "now": NOON}

    (rule,) = [r for r in compliance.rules(back, **asked) if r.name == "erased before"]

    assert rule.found == findings.KeptOut()
    assert rule.found.in_words(dt.UTC) == "an address of his belongs to somebody who was erased"
    assert "erased before" not in {r.name for r in compliance.rules(neighbour, **asked)}


def test_page_behind_a_link_offers_him_no_offers(shop):
    reminder = in_call(customer__shop=shop, dispatch__shop=shop, customer__phone=PHONE)
    neighbour = in_call(customer__shop=shop, dispatch__shop=shop)

    found, other = (
        {c.key: c for c in preferences.choices(each, language="en")}
        for each in (reminder, neighbour)
    )

    assert (found["email:marketing"].gets, found["email:marketing"].can_change) == (False, False)
    assert found["email:appointments"].gets
    assert other["email:marketing"].gets


@pytest.mark.django_db(transaction=True)
def test_gate_keeps_back_an_offer_to_somebody_who_was_recognised_meanwhile(providers):
    dispatch = DispatchFactory(starts_at=timezone.now())
    goes, back = waiting(dispatch, 2)
    gone = CustomerFactory(shop=dispatch.shop, phone=PHONE)
    erasure.erase(gone, reason="asked")
    back.customer.phone = PHONE
    back.customer.save()

    delivery.send_due()

    back.refresh_from_db()
    assert (back.send_state, back.reason) == ("blocked", "suppressed")
    assert [line["to"] for line in providers.accepted()] == [goes.address]
