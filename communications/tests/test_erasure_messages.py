"""Erasing somebody to whom messages wait, are claimed, or are being sent at this very moment."""

import datetime as dt

import pytest
from django.db import transaction
from django.utils import timezone

from communications import compliance, events, opting_in, outbox
from communications.channels import Answer
from communications.delivery import claim, gate, leave, record
from communications.events import Reported
from communications.models import (
    AttemptDeparture,
    CustomerCommunication,
    InboundMessage,
    ProviderEvent,
    Suppression,
)
from communications.tests.factories import CommunicationFactory, DispatchFactory
from customers import consent, erasure
from customers.models import Customer
from customers.sign_up import Person
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 20, 17, 0, tzinfo=dt.UTC)


@pytest.fixture
def message():
    dispatch = DispatchFactory(starts_at=NOW, prepared_at=NOW)
    made = CommunicationFactory(dispatch=dispatch, customer__shop=dispatch.shop, queued_at=NOW)
    CommunicationFactory(dispatch=dispatch, content=made.content, queued_at=NOW)  # somebody else
    return made


def begun(dispatch):
    calls = claim.claim(dispatch=dispatch, channel="email", now=NOW)
    return [call for call, _ in gate.begin(calls, now=NOW)]


def test_claimed_message_of_an_erased_person_does_not_begin(message):
    calls = claim.claim(dispatch=message.dispatch, channel="email", now=NOW)

    erasure.erase(message.customer, reason="asked", now=NOW)
    ((_, call),) = gate.begin(calls, now=NOW)

    message.refresh_from_db()
    assert (message.send_state, message.reason) == ("blocked", "suppressed")
    assert len(call.personalizations) == 1  # the other one's


def test_call_that_had_begun_is_answered_and_holds_nothing_of_him(message):
    (call,) = begun(message.dispatch)

    erasure.erase(message.customer, reason="asked", now=NOW)
    record.accepted(call, Answer(status=202, provider_id="abc"), now=NOW)

    message.refresh_from_db()
    assert (message.send_state, message.attempt.state, message.address) == (
        "in_call",
        "accepted",
        "",
    )


def test_report_that_comes_after_an_erasure_counts_and_is_emptied(message):
    begun(message.dispatch)
    address = message.address
    now = timezone.now()
    erasure.erase(message.customer, reason="asked", now=now)
    told = Reported(
        "e1", "delivered", {"email": address}, communication=message.uuid, occurred_at=now
    )
    events.record("sendgrid", [told], now=now)

    events.fold(now=now)
    erasure.sweep(now=now)

    message.refresh_from_db()
    assert message.delivered_at == now
    assert ProviderEvent.objects.get().payload == {}


def test_report_of_another_person_keeps_its_words(message):
    other = CustomerCommunication.objects.exclude(pk=message.pk).get()
    told = Reported("e2", "delivered", {"email": other.address}, communication=other.uuid)
    events.record("sendgrid", [told], now=NOW)

    erasure.erase(message.customer, reason="asked", now=NOW)
    erasure.sweep()

    assert ProviderEvent.objects.get().payload == {"email": other.address}


def test_sweep_leaves_people_alone_who_were_erased_long_ago(message):
    erasure.erase(message.customer, reason="asked", now=NOW)

    assert erasure.sweep(now=NOW + erasure.LATE + dt.timedelta(seconds=1)) == 0
    assert erasure.sweep(now=NOW + dt.timedelta(days=1)) == 1


def test_audience_written_later_leaves_an_erased_person_out(message):
    dispatch = outbox.open_dispatch(shop=message.shop, kind="marketing")
    erasure.erase(message.customer, reason="asked", now=NOW)
    back = CustomerFactory(shop=message.shop, email=message.address)
    content = outbox.add_content(dispatch=dispatch, channel="email", subject="Hi", text="Hi")
    outbox.queue(
        dispatch=dispatch,
        recipients=[
            outbox.Recipient(back.pk, "email", back.email, back.email_hmac, content.pk),
        ],
        now=NOW,
    )
    outbox.run(dispatch, now=NOW)

    assert begun(dispatch) == []
    written = CustomerCommunication.objects.get(dispatch=dispatch)
    assert (written.send_state, written.reason) == ("blocked", "suppressed")


def test_new_opt_in_does_not_end_what_an_erasure_left(message):
    address = message.address
    erasure.erase(message.customer, reason="asked", now=NOW)
    back = CustomerFactory(shop=message.shop, email=address)
    consent.record(
        customer=back,
        channel="email",
        decision="opted_in",
        source="sign_up_page",
        given_at=NOW,
        disclosure_text="I agree.",
    )

    left = Suppression.objects.active().get(address_hmac=back.email_hmac)
    assert left.cause == "erased"


def test_another_shops_record_of_the_same_person_is_untouched(message):
    theirs = CustomerFactory(email=message.address)
    waits = CommunicationFactory(dispatch__shop=theirs.shop, customer=theirs)

    erasure.erase(message.customer, reason="asked", now=NOW)

    theirs.refresh_from_db()
    waits.refresh_from_db()
    assert (theirs.email, theirs.erased_at) == (waits.address, None)
    assert waits.send_state == "pending"
    assert not Suppression.objects.filter(shop=theirs.shop).exists()


def test_sign_up_of_an_erased_person_is_recorded_and_stays_suppressed(message):
    address = message.address
    erasure.erase(message.customer, reason="asked", now=NOW)
    ticked = {"email": address}

    opting_in.by_page(shop=message.shop, person=Person(first_name="Sam"), addresses=ticked, now=NOW)

    people = Customer.objects.for_shop(message.shop).filter(email=address)
    found = compliance.annotate_refusal(
        people, shop=message.shop, channel="email", topic="marketing"
    )
    assert [one.refusal for one in found] == ["suppressed"]


def test_answer_that_comes_after_an_erasure_is_a_new_one_and_stays(message):
    customer, hmac = message.customer, message.address_hmac
    erasure.erase(customer, reason="asked", now=NOW)
    for minutes, key in ((-5, "before"), (5, "after")):
        InboundMessage.objects.create(
            shop=message.shop,
            channel="email",
            event_key=key,
            address="he@example.test",
            address_hmac=hmac,
            body="Hello",
            received_at=NOW + dt.timedelta(minutes=minutes),
            outcome="talk",
        )

    erasure.sweep(now=NOW + dt.timedelta(hours=1))

    assert dict(InboundMessage.objects.values_list("event_key", "body")) == {
        "before": "",
        "after": "Hello",
    }


def test_address_that_a_provider_quotes_is_not_written_where_it_cannot_be_emptied(message):
    (call,) = begun(message.dispatch)
    with transaction.atomic():
        leave.depart(
            call, ids=[message.pk], outcome="rejected", reason=f"no {message.address}", now=NOW
        )

    message.refresh_from_db()
    assert AttemptDeparture.objects.get().reason == message.reason == "no …"
