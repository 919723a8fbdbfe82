"""The page behind the link of a confirmation email."""

import datetime as dt
import re

import pytest
from django.test import Client
from django.utils import timezone

from barbershop.tests.factories import ShopFactory
from communications.tests.texts import text
from customers import erasure
from customers.models import ContactConsent, OptInRequest
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db

NUMBER = {"first_name": "Sam", "phone": "212 555 0123", "sms": "on"}
MAIL = {"first_name": "Sam", "email": "Sam@Example.test", "by_email": "on"}


@pytest.fixture
def shop():
    CustomerFactory(phone="+12125550123", email="sam@example.test")  # at another shop
    return ShopFactory(name="Cedar & Sons", slug="cedar")


def send(shop, data):
    return Client().post(f"/join/{shop.slug}/", data)


def confirm_path(shop) -> str:
    return f"/join/confirm/{OptInRequest.objects.for_shop(shop).get().uuid}/"


@pytest.fixture
def asked(shop):
    shop.email_double_opt_in = True
    shop.save()
    send(shop, MAIL)
    return OptInRequest.objects.for_shop(shop).get()


@pytest.mark.parametrize("method", ["get", "head"])
@pytest.mark.parametrize("headers", [{}, {"Sec-Purpose": "prefetch"}])
def test_looking_at_a_confirmation_confirms_nothing(shop, asked, method, headers):
    for _ in range(2):
        answer = getattr(Client(headers=headers), method)(confirm_path(shop))
        assert answer.status_code == 200

    assert not ContactConsent.objects.for_shop(shop).exists()


def test_button_of_the_confirmation_confirms(shop, asked):
    client = Client(enforce_csrf_checks=True)
    page = client.get(confirm_path(shop)).content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]

    answer = client.post(confirm_path(shop), {"csrfmiddlewaretoken": token})

    assert "Confirmed" in answer.content.decode()
    entry = ContactConsent.objects.for_shop(shop).get()
    assert (entry.channel, entry.decision, entry.customer) == ("email", "opted_in", asked.customer)


def test_link_that_is_too_old_says_so_and_confirms_nothing(shop, asked):
    OptInRequest.objects.filter(pk=asked.pk).update(
        expires_at=timezone.now() - dt.timedelta(seconds=1)
    )

    page = Client().post(confirm_path(shop)).content.decode()

    assert "This link is too old" in page
    assert not ContactConsent.objects.for_shop(shop).exists()


def test_link_of_a_text_and_a_link_of_nobody_are_not_found(shop):
    text(shop=shop)
    shop.sms_double_opt_in = True
    shop.save()
    send(shop, NUMBER)
    waiting = OptInRequest.objects.for_shop(shop).get()

    assert Client().get(f"/join/confirm/{waiting.uuid}/").status_code == 404
    assert Client().get("/join/confirm/6f9619ff-8b86-4d01-b42d-00cf4fc964ff/").status_code == 404


@pytest.mark.parametrize("change", ["moved", "erased"])
@pytest.mark.parametrize(("language", "words"), [("en", "no longer valid"), ("fr", "plus valable")])
def test_link_for_an_address_that_is_gone_says_so_and_confirms_nothing(
    shop, asked, change, language, words
):
    if change == "moved":
        asked.customer.email = "new@example.test"
        asked.customer.save()
    else:
        erasure.erase(asked.customer, reason="asked")
    path = f"/join/confirm/{asked.uuid}/?lang={language}"

    pages = [getattr(Client(), method)(path).content.decode() for method in ("get", "post", "get")]

    asked.refresh_from_db()
    assert asked.confirmed_at is None
    assert not ContactConsent.objects.filter(decision="opted_in").exists()
    assert [words in page for page in pages] == [True] * 3
    assert not any("<button" in page for page in pages)


def test_confirmed_link_claims_nothing_once_the_person_is_erased(shop, asked):
    Client().post(f"/join/confirm/{asked.uuid}/")
    before = Client().get(f"/join/confirm/{asked.uuid}/").content.decode()
    erasure.erase(asked.customer, reason="asked")

    after = Client().get(f"/join/confirm/{asked.uuid}/").content.decode()

    assert ["may send you offers" in page for page in (before, after)] == [True, False]
