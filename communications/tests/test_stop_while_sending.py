"""STOP while texts go out: no call to that number begins after the webhook has answered."""

import random
import threading
import time

import pytest
from django.db import connection
from django.utils import timezone

from barbershop.tests.at_once import at_once
from barbershop.tests.factories import ShopFactory
from communications import delivery, outbox
from communications.models import CustomerCommunication, DeliveryAttempt
from communications.tests.factories import DispatchFactory
from communications.tests.reports import inbound_form, post_twilio
from customers.addresses import address_hmac
from customers.models import Customer

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer"),
]

PEOPLE, STOPS, WORKERS = 1500, 40, 4
MOST_LAG = 1.0  # seconds
WORDS = ("STOP", "please stop texting me", "Stop.", "no me escriban", "unsubscribe")


@pytest.fixture
def dispatch():
    """Reminders: what stops them stops offers too, and no hour of the day keeps them waiting."""
    return DispatchFactory(
        shop=ShopFactory(name="Main Street"), kind="transactional", starts_at=timezone.now()
    )


def crowd(dispatch, number: int) -> list[str]:
    """The numbers of people who each wait for one text."""
    content = outbox.add_content(dispatch=dispatch, channel="sms", text="Your chair is ready.")
    numbers = [f"+1212{555_0000 + n:07d}" for n in range(number)]
    people = Customer.objects.bulk_create(
        Customer(shop=dispatch.shop, phone=phone, phone_hmac=address_hmac(phone))
        for phone in numbers
    )
    CustomerCommunication.objects.bulk_create(
        CustomerCommunication(
            dispatch=dispatch,
            shop=dispatch.shop,
            content=content,
            customer=person,
            channel="sms",
            topic="appointments",
            address=person.phone,
            address_hmac=person.phone_hmac,
        )
        for person in people
    )
    return numbers


def begun_at() -> dict[str, float]:
    """When the call to each number began, by the commit of ``sending``."""
    calls = CustomerCommunication.objects.filter(attempt__sending_at__isnull=False)
    rows = calls.values_list("address", "attempt__sending_at")
    return {address: at.timestamp() for address, at in rows}


def test_no_text_goes_to_a_number_after_its_stop_was_answered(dispatch, providers):
    numbers = crowd(dispatch, PEOPLE)
    chance = random.Random(20261122)
    stopping = chance.sample(numbers[PEOPLE // 5 :], STOPS)
    answered: dict[str, float] = {}
    is_over = threading.Event()

    def say_stop() -> None:
        for number in stopping:
            answer = post_twilio(
                "/webhooks/twilio/inbound/", inbound_form(chance.choice(WORDS), sender=number)
            )
            assert answer.status_code == 200
            answered[number] = time.time()

    def work(hand: int) -> None:
        if hand == 0:
            try:
                say_stop()
            finally:
                is_over.set()
            return
        delivery.send_due()

    at_once(WORKERS + 1, work)
    delivery.send_due()

    begun = begun_at()
    late = {n: begun[n] - at for n, at in answered.items() if n in begun and begun[n] > at}
    stopped = [n for n in stopping if n not in begun]
    assert {n: lag for n, lag in late.items() if lag > MOST_LAG} == {}
    # Else the test has shown nothing: some were stopped in time, and everybody else was written to.
    assert len(stopped) > STOPS // 4
    assert set(begun) | set(stopped) == set(numbers)
    assert not DeliveryAttempt.objects.filter(state="sending").exists()
