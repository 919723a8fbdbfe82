"""From the ledger to a real HTTP provider and back into the ledger."""

import datetime as dt
import json

import pytest
from django.utils import timezone

from barbershop.tests.factories import ShopFactory
from communications import delivery, outbox
from communications.channels import Answer
from communications.delivery import claim, gate, record
from communications.models import (
    AttemptDeparture,
    CustomerCommunication,
    DeliveryAttempt,
    Dispatch,
    Incident,
    Suppression,
)
from communications.tests.factories import CommunicationFactory, ContentFactory, DispatchFactory
from customers.tests.consents import opt_in
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def dispatch():
    return DispatchFactory(shop=ShopFactory(name="Main Street"), starts_at=timezone.now())


def waiting(dispatch, count=1, *, channel="email", **customer):
    content = outbox.add_content(
        dispatch=dispatch,
        channel=channel,
        subject="Hello {{ customer_first_name }}",
        text="Hi {{ customer_first_name }}, book at {{ booking_link }}",
        variant_label="A",
    )
    people = [CustomerFactory(shop=dispatch.shop, **customer) for _ in range(count)]
    for person in people:
        if channel == "sms":
            opt_in(person, "sms")
    return [
        CommunicationFactory(dispatch=dispatch, content=content, customer=person, channel=channel)
        for person in people
    ]


def state_of(communication):
    found = CustomerCommunication.objects.with_state().get(pk=communication.pk)
    return found.state


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

    assert gate.begin(attempt, now=timezone.now()) is None

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


def test_an_ambiguous_answer_is_unknown_and_never_sent_again(dispatch, providers):
    (email,) = waiting(dispatch)
    providers.set_fault("500_after")

    delivery.send_due()
    providers.clear_faults()
    delivery.sweep(now=timezone.now() + dt.timedelta(hours=1))
    delivery.send_due(now=timezone.now() + dt.timedelta(hours=1))

    assert state_of(email) == "unknown"
    assert len(providers.accepted()) == 1


def test_a_provider_that_cannot_be_reached_is_tried_again_later(dispatch, settings, providers):
    reachable = settings.SENDGRID_API_URL
    settings.SENDGRID_API_URL = "http://127.0.0.1:9/v3/"
    (email,) = waiting(dispatch)

    delivery.send_due()
    assert state_of(email) == "pending"

    settings.SENDGRID_API_URL = reachable
    assert delivery.send_due(now=timezone.now() + dt.timedelta(minutes=1)) == 1
    assert state_of(email) == "accepted"


def test_refused_credentials_reject_nobody_and_pause(dispatch, providers):
    (email,) = waiting(dispatch)
    providers.set_fault("401")

    delivery.send_due()

    dispatch.refresh_from_db()
    assert state_of(email) == "pending"
    assert dispatch.state == Dispatch.State.PAUSED
    assert "credentials" in dispatch.paused_reason
    assert Incident.objects.get().kind == Incident.Kind.PROVIDER_REFUSED_US


@pytest.mark.parametrize("bad", ["sam+invalid@example.test", "sam+poison@example.test"])
def test_one_bad_address_named_or_not_holds_back_nobody_else(dispatch, providers, bad):
    good = waiting(dispatch, 8)
    poison = CommunicationFactory(
        dispatch=dispatch,
        content=good[0].content,
        customer=CustomerFactory(shop=dispatch.shop, email=bad),
    )

    delivery.send_due()

    assert [state_of(email) for email in good] == ["accepted"] * 8
    poison.refresh_from_db()
    assert poison.send_state == "rejected"
    assert poison.reason
    assert sorted(line["to"] for line in providers.accepted()) == sorted(
        email.address for email in good
    )


def test_a_refused_number_is_rejected_with_the_providers_code(dispatch, providers):
    good = waiting(dispatch, channel="sms")[0]
    magic = CustomerFactory(shop=dispatch.shop, phone="+15005550001")
    opt_in(magic, "sms")
    bad = CommunicationFactory(
        dispatch=dispatch, content=good.content, customer=magic, channel="sms"
    )

    delivery.send_due()

    bad.refresh_from_db()
    assert (bad.send_state, bad.reason) == ("rejected", "21211")
    assert state_of(good) == "accepted"


def test_a_worker_that_died_before_the_call_loses_nobody(dispatch, providers):
    (email,) = waiting(dispatch)
    now = timezone.now()
    claim.claim(dispatch=dispatch, channel="email", now=now)
    assert delivery.send_due() == 0

    delivery.sweep(now=now + claim.LEASE)
    delivery.send_due()

    assert state_of(email) == "accepted"
    assert len(providers.accepted()) == 1


def test_a_worker_that_died_during_the_call_leaves_it_unknown(dispatch, providers):
    (email,) = waiting(dispatch)
    now = timezone.now()
    (attempt,) = claim.claim(dispatch=dispatch, channel="email", now=now)
    gate.begin(attempt, now=now)

    delivery.sweep(now=now + gate.CALL_TIME)
    delivery.send_due()

    assert state_of(email) == "unknown"
    assert providers.accepted() == []


def test_a_lease_that_was_swept_is_not_sent_by_its_old_owner(dispatch, providers):
    (email,) = waiting(dispatch)
    now = timezone.now()
    (attempt,) = claim.claim(dispatch=dispatch, channel="email", now=now)
    delivery.sweep(now=now + claim.LEASE)

    assert gate.begin(attempt, now=now + claim.LEASE) is None
    assert state_of(email) == "pending"


def test_an_answer_after_the_sweep_is_still_written_down(dispatch, providers):
    (email,) = waiting(dispatch)
    now = timezone.now()
    (attempt,) = claim.claim(dispatch=dispatch, channel="email", now=now)
    gate.begin(attempt, now=now)
    delivery.sweep(now=now + gate.CALL_TIME)

    record.accepted(attempt, Answer(status=202, provider_id="m-1"), now=now)

    assert state_of(email) == "accepted"


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
    call = gate.begin(attempt, now=timezone.now())
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
