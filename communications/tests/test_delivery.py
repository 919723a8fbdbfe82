"""From the ledger to a real HTTP provider and back into the ledger."""

import datetime as dt
import json

import pytest
from django.utils import timezone

from barbershop.tests.factories import ShopFactory
from communications import delivery, outbox
from communications.delivery import claim, gate
from communications.models import (
    AttemptDeparture,
    DeliveryAttempt,
    Dispatch,
    Suppression,
)
from communications.tests.factories import CommunicationFactory, ContentFactory, DispatchFactory
from communications.tests.waiting import state_of, waiting
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def dispatch():
    return DispatchFactory(shop=ShopFactory(name="Main Street"), starts_at=timezone.now())


def test_emails_go_in_one_call_and_each_arrives_with_its_own_words(dispatch, providers):
    sam, ana = waiting(dispatch, 2)
    sam.customer.first_name = "Sam & <Co>"
    sam.customer.save()
    ana.customer.first_name = "Ana"
    ana.customer.save()

    assert delivery.send_due() == 2

    accepted = {line["to"]: line for line in providers.accepted()}
    assert set(accepted) == {sam.address, ana.address}
    assert len({line["message_id"].split(".")[0] for line in accepted.values()}) == 1
    assert accepted[ana.address]["text"].startswith("Hi Ana, book at https://shop.example.test/")
    assert "Hi Sam &amp; &lt;Co&gt;," in accepted[sam.address]["html"]
    assert accepted[sam.address]["custom_args"]["communication"] == str(sam.uuid)
    assert [state_of(sam), state_of(ana)] == ["accepted", "accepted"]
    attempt = DeliveryAttempt.objects.get()
    assert (attempt.state, attempt.message_count, attempt.http_status) == ("accepted", 2, 202)


def test_every_email_carries_its_own_one_click_headers(dispatch, providers):
    waiting(dispatch, 2)

    delivery.send_due()

    headers = [line["headers"] for line in providers.accepted()]
    assert {h["List-Unsubscribe-Post"] for h in headers} == {"List-Unsubscribe=One-Click"}
    assert len({h["List-Unsubscribe"] for h in headers}) == 2
    assert all(h["List-Unsubscribe"].startswith("<https://shop.example.test/u/") for h in headers)


def test_a_text_goes_alone_with_its_callback_and_its_price(dispatch, providers):
    (sms,) = waiting(dispatch, channel="sms")

    delivery.send_due()

    (line,) = providers.accepted()
    sms.refresh_from_db()
    assert line["to"] == sms.address
    assert line["body"].endswith("Reply STOP to opt out.")
    assert f"communication={sms.uuid}" in line["status_callback"]
    assert (sms.segments, sms.cost_micros) == (line["segments"], line["price_micros"])
    assert sms.attempt.provider_id == line["message_id"]


def test_sending_again_sends_nothing(dispatch, providers):
    waiting(dispatch, 3)

    assert delivery.send_due() == 3
    assert delivery.send_due() == 0
    assert len(providers.accepted()) == 3


def test_a_dispatch_is_done_when_everything_was_sent(dispatch, providers):
    waiting(dispatch)

    delivery.send_due()

    dispatch.refresh_from_db()
    assert dispatch.state == Dispatch.State.DONE


@pytest.mark.parametrize("state", ["preparing", "paused", "cancelled", "done"])
def test_nothing_is_sent_from_a_dispatch_that_does_not_run(dispatch, providers, state):
    waiting(dispatch)
    Dispatch.objects.update(state=state)

    assert delivery.send_due() == 0
    assert providers.accepted() == []


def test_nothing_is_sent_within_the_undo_window(dispatch, providers):
    waiting(dispatch)
    Dispatch.objects.update(starts_at=timezone.now() + dt.timedelta(seconds=30))

    assert delivery.send_due() == 0
    assert delivery.send_due(now=timezone.now() + dt.timedelta(seconds=31)) == 1


def test_a_pause_after_the_claim_gives_the_messages_back(dispatch, providers):
    (email,) = waiting(dispatch)
    (attempt,) = claim.claim(dispatch=dispatch, channel="email", now=timezone.now())
    outbox.pause(dispatch)

    assert gate.begin([attempt]) == []

    assert state_of(email) == "pending"
    assert AttemptDeparture.objects.get().outcome == "requeued"


def test_consent_taken_back_after_the_freeze_blocks_the_message(dispatch, providers):
    stays, goes = waiting(dispatch, 2, channel="sms")
    goes.customer.opt_out("sms", source="sms_stop")

    delivery.send_due()

    goes.refresh_from_db()
    assert (goes.send_state, goes.reason) == ("blocked", "no_consent")
    assert [line["to"] for line in providers.accepted()] == [stays.address]


def test_a_suppressed_address_is_blocked_in_its_own_shop_only(dispatch, providers):
    (email,) = waiting(dispatch)
    (other,) = waiting(DispatchFactory(starts_at=timezone.now()), email=email.address)
    Suppression.objects.create(
        shop=dispatch.shop, channel="email", address_hmac=email.address_hmac, cause="bounced"
    )

    delivery.send_due()

    email.refresh_from_db()
    assert (email.send_state, email.reason) == ("blocked", "suppressed")
    assert state_of(other) == "accepted"


def test_an_address_changed_since_the_freeze_is_not_written_to(dispatch, providers):
    (email,) = waiting(dispatch)
    email.customer.email = "new@example.test"
    email.customer.save()

    delivery.send_due()

    email.refresh_from_db()
    assert (email.send_state, email.reason) == ("blocked", "invalid_address")
    assert providers.accepted() == []


def test_two_claims_never_share_a_message(dispatch):
    waiting(dispatch, 3)

    first = claim.claim(dispatch=dispatch, channel="email", now=timezone.now())
    second = claim.claim(dispatch=dispatch, channel="email", now=timezone.now())

    assert [attempt.message_count for attempt in first] == [3]
    assert second == []


def test_a_call_holds_one_body_only(dispatch, providers):
    waiting(dispatch)
    other = ContentFactory(dispatch=dispatch, variant_label="B", text="Other words")
    CommunicationFactory(
        dispatch=dispatch, content=other, customer=CustomerFactory(shop=dispatch.shop)
    )

    delivery.send_due()

    assert DeliveryAttempt.objects.filter(state="accepted").count() == 2
    texts = {line["text"].split(",")[0].split("\n")[0] for line in providers.accepted()}
    assert texts == {"Hi Sam", "Other words"}


def test_what_we_hand_anymail_is_what_it_would_have_built(dispatch, providers, settings):
    """The finished list goes out exactly as anymail's own merge attributes would."""
    from anymail.backends.sendgrid import EmailBackend, SendGridPayload
    from django.core.mail import EmailMultiAlternatives

    from communications.channels.email import EmailChannel

    waiting(dispatch, 2)
    (attempt,) = claim.claim(dispatch=dispatch, channel="email", now=timezone.now())
    ((_, call),) = gate.begin([attempt])
    ours = EmailChannel().message(call)
    theirs = EmailMultiAlternatives(
        call.subject,
        call.text,
        ours.from_email,
        [p["to"][0]["email"] for p in call.personalizations],
    )
    theirs.attach_alternative(call.html, "text/html")
    theirs.track_clicks, theirs.track_opens = False, True
    by_address = {p["to"][0]["email"]: p for p in call.personalizations}
    theirs.merge_data = {a: p["substitutions"] for a, p in by_address.items()}
    theirs.merge_metadata = {a: p["custom_args"] for a, p in by_address.items()}
    theirs.merge_headers = {a: p["headers"] for a, p in by_address.items()}
    theirs.esp_extra = {"merge_field_format": "{}"}

    backend = EmailBackend(api_key="SG.x", generate_message_id=False)
    bodies = [
        json.loads(SendGridPayload(message, {}, backend).serialize_data())
        for message in (ours, theirs)
    ]

    assert bodies[0] == bodies[1]


def test_an_unsubscribed_customer_still_gets_his_reminder_but_no_offer(dispatch, providers):
    (offer,) = waiting(dispatch)
    reminders = DispatchFactory(shop=dispatch.shop, kind="transactional", starts_at=timezone.now())
    (reminder,) = waiting(reminders, email=offer.address)
    Suppression.objects.create(
        shop=dispatch.shop, channel="email", address_hmac=offer.address_hmac, cause="unsubscribed"
    )

    delivery.send_due()

    assert [state_of(offer), state_of(reminder)] == ["blocked", "accepted"]
