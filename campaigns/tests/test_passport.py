"""The passport: everything stored about one person and one message."""

import datetime as dt

import pytest
from django.utils import timezone

from barbershop.tests.factories import ShopFactory, UserFactory
from barbershop.tests.tampering import execute as tamper
from campaigns import passport
from campaigns.tests.factories import DefinitionFactory, ExecutionFactory
from campaigns.tests.passports import NOON, PHONE, signed_up, text_to
from communications import delivery, outbox, suppressions
from communications.models import AttemptDeparture, ProviderEvent, Suppression
from communications.tests.reports import in_call
from customers.disclosures import shown
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    return ShopFactory(name="Cedar")


@pytest.fixture
def customer(shop):
    return signed_up(shop)


def of(customer, message=None) -> dict:
    return passport.of(
        customer, communication=message and message.uuid, now=timezone.now(), by=UserFactory()
    )


def test_consent_comes_with_all_its_evidence_and_the_state_of_its_chain(customer):
    found = of(customer)["consent"]

    (entry,) = found["entries"]
    words = shown(shop=customer.shop, channel="sms", language="en")
    stored = customer.consents.get()
    assert (found["chain_is_whole"], found["now"]) == (True, {"sms:marketing": "opted_in"})
    assert entry == {
        "seq": 1,
        "channel": "sms",
        "topic": "marketing",
        "decision": "opted_in",
        "source": "sign_up_page",
        "given_at": NOON - dt.timedelta(days=2),
        "recorded_at": NOON - dt.timedelta(days=2),
        "address": PHONE,
        "address_hmac": customer.phone_hmac,
        "is_for_present_address": True,
        "disclosure_version": words.version,
        "disclosure_text": words.text,
        "ip": "203.0.113.7",
        "user_agent": "Phone/1",
        "recorded_by": "",
        "note": "",
        "previous_hash": "",
        "hash": stored.hash,
    }


def test_changed_entry_shows(customer):
    tamper("contact_consents", "UPDATE contact_consents SET source = 'paper'")

    assert of(customer)["consent"]["chain_is_whole"] is False


def test_suppressions_come_with_their_lifts_also_those_of_a_former_number(shop, customer):
    old = Suppression.objects.create(
        shop=shop, channel="sms", address_hmac=customer.phone_hmac, cause="stop"
    )
    suppressions.lift(old, reason="Replied START.")
    for where in (shop, ShopFactory()):
        Suppression.objects.create(
            shop=where, channel="sms", address_hmac=customer.phone_hmac, cause="bounced"
        )
    customer.phone = "+12125550177"
    customer.save()

    found = of(customer)["suppressions"]

    assert [(row["cause"], row["lift"] and row["lift"]["reason"]) for row in found] == [
        ("stop", "Replied START."),
        ("bounced", None),
    ]


@pytest.mark.django_db(transaction=True)
def test_message_says_why_it_went_what_it_said_and_what_became_of_it(shop, customer, providers):
    run = ExecutionFactory(definition=DefinitionFactory(shop=shop, name="Autumn"))
    content = outbox.add_content(
        dispatch=run.dispatch, channel="sms", text="Hi {{ customer_first_name }}, come in."
    )
    recipient = outbox.Recipient(
        customer_id=customer.pk,
        channel="sms",
        address=PHONE,
        address_hmac=customer.phone_hmac,
        content_id=content.pk,
    )
    run.dispatch.state = "preparing"
    run.dispatch.save()
    outbox.queue(dispatch=run.dispatch, recipients=[recipient], now=NOON)
    outbox.run(run.dispatch, now=NOON)
    assert delivery.send_due(now=NOON) == 1
    message = run.dispatch.communications.get()

    found = of(customer, message)["message"]

    (sent,) = providers.accepted()
    words = shown(shop=shop, channel="sms", language="en")
    assert found["content"]["text"] == sent["body"]
    assert found["content"]["is_as_sent"] is True
    assert found["campaign"] == {"id": run.definition_id, "name": "Autumn"}
    assert (found["state"], found["address"], found["sending_at"]) == ("accepted", PHONE, NOON)
    assert found["why"]["sentence"] == (
        "Opted in on 2026-11-22 17:00 UTC for this address, by sign_up_page, "
        f"wording {words.version}."
    )
    assert found["why"]["consent"]["ip"] == "203.0.113.7"
    (call,) = found["calls"]
    assert (call["state"], call["http_status"], call["left"]) == ("accepted", 201, None)
    assert found["timing"]["local_time_at_shop"] == "2026-11-24T12:00:00-05:00"


def test_what_he_said_after_the_message_does_not_explain_it(customer):
    message = text_to(customer)
    customer.opt_out("sms", source="sms_stop", now=timezone.now() + dt.timedelta(hours=1))

    why = of(customer, message)["message"]["why"]

    assert why["consent"]["decision"] == "opted_in"


def test_text_that_would_read_otherwise_today_is_not_called_the_one_that_was_sent(customer):
    message = text_to(customer)
    message.attempt.body_digest = "0" * 64
    message.attempt.save()

    assert of(customer, message)["message"]["content"]["is_as_sent"] is False


def test_personal_links_are_not_readable(customer):
    message = text_to(customer, words="Stop here: {{ unsubscribe_link }}")

    found = of(customer, message)["message"]["content"]["text"]

    assert found.startswith("Cedar: Stop here: https://shop.example.test/u/…/")


def test_calls_it_left_and_reports_about_it_are_all_there(customer):
    message, other = text_to(customer), text_to(customer)
    first = in_call(channel="sms", dispatch__shop=customer.shop).attempt
    AttemptDeparture.objects.create(
        shop=customer.shop,
        attempt=first,
        communication=message,
        outcome="requeued",
        reason="429",
        at=timezone.now(),
    )
    for row, kind in ((message, "delivered"), (other, "failed")):
        ProviderEvent.objects.create(
            shop=customer.shop,
            provider="twilio",
            event_key=kind,
            kind=kind,
            communication_uuid=row.uuid,
            payload={"MessageStatus": kind},
        )

    found = of(customer, message)["message"]

    left = [call["left"] and call["left"]["reason"] for call in found["calls"]]
    assert sorted(left, key=str) == ["429", None]
    assert [event["payload"] for event in found["events"]] == [{"MessageStatus": "delivered"}]


def test_blocked_message_says_why_it_did_not_go(shop):
    customer = CustomerFactory(shop=shop)
    message = in_call(channel="sms", dispatch__shop=shop, customer=customer)
    message.attempt, message.send_state, message.reason = None, "blocked", "no_consent"
    message.save()

    found = of(customer, message)["message"]

    assert found["why"] == {"sentence": "It was not sent: No consent.", "consent": None}
