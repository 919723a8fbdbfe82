"""Opting out from end to end: signed webhooks at the real views, the sending loop, a provider."""

import pytest
from django.test import Client
from django.utils import timezone

from barbershop.tests.factories import ShopFactory
from communications import delivery, events, links, outbox
from communications.models import (
    CustomerCommunication,
    InboundMessage,
    ProviderEvent,
    SenderIdentity,
    Suppression,
)
from communications.tests.reports import inbound_form, post_twilio
from communications.tests.texts import PERSON, opt_in
from customers.addresses import address_hmac
from customers.models import ContactConsent
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db(transaction=True)
EMAIL = "sam@example.test"
NEIGHBOUR = "+12125550111"


@pytest.fixture
def shop():
    return ShopFactory(name="Main Street", postal_address="1 Main Street, New York")


def customer_of(shop, *, phone=PERSON, email=EMAIL):
    made = CustomerFactory(shop=shop, phone=phone, email=email)
    opt_in(made, address=phone)
    return made


def send(*people, channel: str, kind: str) -> None:
    """One message to each, of their own shop, by the outbox and the sending loop."""
    now = timezone.now()
    for customer in people:
        dispatch = outbox.open_dispatch(shop=customer.shop, kind=kind)
        content = outbox.add_content(
            dispatch=dispatch, channel=channel, subject="Your chair", text=f"{kind} {channel}"
        )
        is_text = channel == "sms"
        recipient = outbox.Recipient(
            customer_id=customer.pk,
            channel=channel,
            address=customer.phone if is_text else customer.email,
            address_hmac=customer.phone_hmac if is_text else customer.email_hmac,
            content_id=content.pk,
        )
        topic = "marketing" if kind == "marketing" else "appointments"
        outbox.queue(dispatch=dispatch, recipients=[recipient], topic=topic, now=now)
        outbox.run(dispatch, now=now)
    delivery.send_due()


def heard(providers) -> list[tuple[str, str]]:
    """(address, words) of everything that a provider took since the last time it was asked."""
    known = getattr(providers, "heard_before", 0)
    lines = providers.accepted()
    providers.heard_before = len(lines)
    return [(line["to"], _words(line)) for line in lines[known:]]


def _words(line: dict) -> str:
    """The kind and channel that ``send`` wrote; an offer by text begins with the shop instead."""
    return " ".join((line.get("body") or line["text"]).split()[:2])


def say(*bodies: str, sender=PERSON, to="+15005550006", times=1) -> list[bytes]:
    """Answer by text; Twilio delivers each so many times. What it was answered."""
    forms = [inbound_form(body, sender=sender, to=to) for body in bodies]
    answers = [
        post_twilio("/webhooks/twilio/inbound/", form) for form in forms for _ in range(times)
    ]
    assert {answer.status_code for answer in answers} == {200}
    events.fold()
    return [answer.content for answer in answers]


def refusals(customer, channel="sms") -> list[tuple[str, str]]:
    rows = CustomerCommunication.objects.filter(customer=customer, channel=channel)
    return list(rows.order_by("pk").values_list("send_state", "reason"))


def test_stop_three_times_and_each_webhook_five_times_is_confirmed_at_most_once(shop, providers):
    """Twilio confirms a STOP by itself; we add nothing to it."""
    customer, neighbour = customer_of(shop), customer_of(shop, phone=NEIGHBOUR, email="n@x.test")
    send(customer, neighbour, channel="sms", kind="marketing")
    assert len(heard(providers)) == 2

    answers = say("STOP", "STOP", "stop", times=5)
    for _ in range(3):
        events.fold()
        delivery.sweep(now=timezone.now())
        delivery.send_due()

    assert heard(providers) == []
    assert [b"<Message" in answer for answer in answers] == [False] * 15
    assert CustomerCommunication.objects.count() == 2
    # Heard three times, effective once.
    assert ProviderEvent.objects.filter(kind="inbound").count() == 3
    assert InboundMessage.objects.filter(outcome="stop").count() == 3
    stopped = Suppression.objects.for_shop(shop)
    assert [row.address_hmac for row in stopped] == [address_hmac(PERSON)]
    said = ContactConsent.objects.filter(source="sms_stop")
    assert sorted(said.values_list("customer", "topic")) == [
        (customer.pk, "appointments"),
        (customer.pk, "marketing"),
    ]
    send(customer, neighbour, channel="sms", kind="transactional")
    assert heard(providers) == [(NEIGHBOUR, "transactional sms")]


def test_stop_to_one_shop_leaves_another_shop_untouched(shop, providers):
    other = ShopFactory(name="High Street")  # of nobody they share a cap with
    numbers = {shop: "+12125550101", other: "+12125550102"}
    for each, number in numbers.items():
        SenderIdentity.objects.create(
            shop=each, channel="sms", address=number, registration="CTEST01", is_default=True
        )
    here, there = customer_of(shop), customer_of(other)
    send(here, there, channel="sms", kind="marketing")
    assert len(heard(providers)) == 2
    assert {line["from"] for line in providers.accepted()} == set(numbers.values())

    say("STOP", to=numbers[shop])
    send(here, there, channel="sms", kind="transactional")

    assert heard(providers) == [(PERSON, "transactional sms")]
    assert refusals(here)[-1] == ("blocked", "suppressed")
    assert refusals(there)[-1] == ("in_call", "")
    assert set(Suppression.objects.values_list("shop", "cause")) == {(shop.pk, "stop")}
    assert not there.consents.filter(decision="opted_out").exists()
    assert set(InboundMessage.objects.values_list("shop", flat=True)) == {shop.pk}


def test_reminder_goes_out_after_an_email_unsubscribe_and_not_after_stop(shop, providers):
    customer = customer_of(shop)
    send(customer, channel="email", kind="marketing")
    offer = CustomerCommunication.objects.get()
    assert heard(providers) == [(EMAIL, "marketing email")]

    path = f"/u/{links.unsubscribe_token(offer.uuid)}/"
    assert Client().post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    send(customer, channel="email", kind="marketing")
    assert heard(providers) == []
    send(customer, channel="email", kind="transactional")
    send(customer, channel="sms", kind="transactional")
    assert heard(providers) == [(EMAIL, "transactional email"), (PERSON, "transactional sms")]

    say("STOP")
    send(customer, channel="sms", kind="transactional")
    assert heard(providers) == []
    assert refusals(customer)[-1] == ("blocked", "suppressed")
    send(customer, channel="email", kind="transactional")
    assert heard(providers) == [(EMAIL, "transactional email")]
