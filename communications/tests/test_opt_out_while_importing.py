"""Somebody opts out while a file that names him is brought in: both get through."""

import io

import pytest
from django.db import connection
from django.test import Client

from barbershop.tests.at_once import at_once
from barbershop.tests.factories import ShopFactory
from communications import links
from communications.models import Suppression
from communications.tests.reports import in_call
from customers.imports import run
from customers.models import Customer

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        connection.vendor == "sqlite", reason="SQLite has one writer at a time anyway"
    ),
]

PEOPLE = 200
HEADER = "external_id,first_name,phone,email,sms_consent_at,sms_consent_source,sms_consent_text\n"


def bring_in(shop, *, name: str, month: int) -> None:
    rows = (
        f"X{n},{name},+1212{2_000_000 + n},s{n}@example.test,2026-{month:02}-01,form,I agree\n"
        for n in range(PEOPLE)
    )
    file = io.BytesIO((HEADER + "".join(rows)).encode())
    assert run(shop=shop, file=file, filename="people.csv").rejected == 0


def test_no_opt_out_is_lost_and_no_file_left_half_way():
    shop = ShopFactory()
    bring_in(shop, name="Sam", month=1)
    customers = list(Customer.objects.for_shop(shop).order_by("-pk")[:60])
    messages = [in_call(customer=customer, dispatch__shop=shop) for customer in customers]
    answers = []

    def work(number: int) -> None:
        if number == 0:
            for month in (2, 3, 4):
                bring_in(shop, name=f"Sam{month}", month=month)
            return
        for message in messages[number - 1 :: 2]:
            token = links.unsubscribe_token(message.uuid)
            client = Client(raise_request_exception=False)
            answers.append(client.post(f"/u/{token}/").status_code)

    at_once(3, work)

    assert answers == [200] * len(messages)
    suppressed = Suppression.objects.active().filter(shop=shop, channel="email")
    assert set(suppressed.values_list("address_hmac", flat=True)) == {
        message.address_hmac for message in messages
    }
    assert set(Customer.objects.for_shop(shop).values_list("first_name", flat=True)) == {"Sam4"}
