"""What the law asks of an email, at the provider that receives it."""

import base64
import re

import pytest
from django.utils import timezone

from barbershop.tests.factories import ShopFactory
from communications import delivery, links
from communications.tests.factories import DispatchFactory
from communications.tests.waiting import waiting

pytestmark = pytest.mark.django_db(transaction=True)

LINK = re.compile(r"https://shop\.example\.test/u/([\w-]+)/")


def run(shop, **kwargs):
    return DispatchFactory(shop=shop, starts_at=timezone.now(), **kwargs)


@pytest.fixture
def shop():
    return ShopFactory(name="Main Street", postal_address="7 Elm Street, Troy, NY 12180")


@pytest.mark.parametrize("kind", ["marketing", "test"])
def test_every_marketing_email_carries_what_the_law_asks_for(shop, providers, settings, kind):
    settings.SENDGRID_INBOUND_DOMAIN = "replies.example.test"
    intruder = waiting(run(ShopFactory()))[0]
    mails = {mail.address: mail for mail in waiting(run(shop, kind=kind), 20)}

    delivery.send_due()

    arrived = [line for line in providers.accepted() if line["to"] != intruder.address]
    assert sorted(line["to"] for line in arrived) == sorted(mails)
    tokens = set()
    for line in arrived:
        assert shop.postal_address in line["text"]
        assert shop.postal_address in line["html"]
        (in_text,) = LINK.findall(line["text"])
        (token,) = set(LINK.findall(line["html"]))
        headers = line["headers"]
        assert in_text == token
        assert headers["List-Unsubscribe"] == (
            f"<https://shop.example.test/u/{token}/>, "
            f"<mailto:unsubscribe+{token}@replies.example.test?subject=unsubscribe>"
        )
        assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert links.read(token) == links.Unsubscribe(mails[line["to"]].uuid)
        tokens.add(token)
    assert len(tokens) == 20


def test_token_tells_nothing_about_whose_it_is(shop, providers):
    (mail,) = waiting(run(shop))

    delivery.send_due()

    (line,) = providers.accepted()
    (token,) = LINK.findall(line["text"])
    raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    known = {mail.address, mail.customer.first_name, mail.address_hmac, shop.slug, shop.name}
    assert [each for each in known if each.encode() in raw or each in token] == []


def test_reminder_has_none_of_the_marketing_parts(shop, providers):
    (mail,) = waiting(run(shop, kind="transactional"))

    delivery.send_due()

    (line,) = providers.accepted()
    assert line["to"] == mail.address
    assert "List-Unsubscribe" not in line["headers"]
    assert "List-Unsubscribe-Post" not in line["headers"]
    assert LINK.findall(line["text"] + line["html"]) == []
    assert "nsubscribe" not in line["text"] + line["html"]
