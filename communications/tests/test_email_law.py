"""C-08: what every marketing email carries, read where the provider would read it."""

import base64
import re

import pytest
from django.test import Client
from django.utils import timezone

from barbershop.tests.factories import ShopFactory
from communications import delivery
from communications.models import Suppression
from communications.tests.factories import DispatchFactory
from communications.tests.waiting import waiting

pytestmark = pytest.mark.django_db(transaction=True)

HEADER = re.compile(r"<(https://shop\.example\.test(/u/([A-Za-z0-9_-]+)/))>(, <mailto:[^>]+>)?\Z")


@pytest.fixture
def sent(providers):
    shop = ShopFactory(name="Cedar", postal_address="12 Cedar Street, Springfield, NY 10001")
    messages = waiting(DispatchFactory(shop=shop, starts_at=timezone.now()), 5)
    delivery.send_due()
    mails = {mail["to"]: mail for mail in providers.accepted()}
    return [(message, mails[message.address]) for message in messages]


def test_every_email_has_the_postal_address_and_its_own_link_in_both_bodies(sent):
    for _, mail in sent:
        link = HEADER.match(mail["headers"]["List-Unsubscribe"])[1]
        for body in (mail["text"], mail["html"]):
            assert body.count("12 Cedar Street, Springfield, NY 10001") == 1
            assert link in body


def test_every_email_has_both_headers_with_a_token_of_its_own(sent):
    headers = [mail["headers"] for _, mail in sent]

    assert {h["List-Unsubscribe-Post"] for h in headers} == {"List-Unsubscribe=One-Click"}
    assert len({HEADER.match(h["List-Unsubscribe"])[3] for h in headers}) == len(sent) == 5


def test_token_tells_nothing_about_whom_it_is_for(sent):
    for message, mail in sent:
        token = HEADER.match(mail["headers"]["List-Unsubscribe"])[3]
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        for secret in (message.address, message.customer.last_name, message.address_hmac):
            assert secret not in token
            assert secret.encode() not in raw


def test_header_of_one_email_opts_out_its_receiver_and_nobody_else(sent):
    (message, mail), *_ = sent
    path = HEADER.match(mail["headers"]["List-Unsubscribe"])[2]

    answer = Client().post(path, {"List-Unsubscribe": "One-Click"})

    assert (answer.status_code, len(answer.cookies)) == (200, 0)
    assert Suppression.objects.get().address_hmac == message.address_hmac
