"""The public sign-up page, as a browser and as a program see it."""

import re

import pytest
from django.test import Client

from barbershop import suspension
from barbershop.tests.factories import ShopFactory, UserFactory
from communications.models import CustomerCommunication, Suppression
from customers import erasure, sign_up
from customers.addresses import address_hmac
from customers.models import ContactConsent, Customer, OptInRequest
from customers.tests.consents import opt_in
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db

PHONE, EMAIL = "+12125550123", "sam@example.test"
NUMBER = {"first_name": "Sam", "phone": "212 555 0123", "sms": "on"}
MAIL = {"first_name": "Sam", "email": "Sam@Example.test", "by_email": "on"}


@pytest.fixture
def shop():
    CustomerFactory(phone=PHONE, email=EMAIL)  # the same person at another shop
    return ShopFactory(name="Cedar & Sons", slug="cedar")


def send(shop, data, **extra):
    return Client().post(f"/join/{shop.slug}/", data, **extra)


def state(shop) -> tuple:
    counted = (Customer, ContactConsent, OptInRequest, CustomerCommunication)
    return tuple(model.objects.filter(shop=shop).count() for model in counted)


def test_page_shows_the_words_that_are_stored_beside_boxes_that_are_not_ticked(shop):
    page = Client().get("/join/cedar/").content.decode()
    send(shop, NUMBER | MAIL)

    entries = ContactConsent.objects.for_shop(shop).select_related("detail")
    assert {entry.channel for entry in entries} == {"sms", "email"}
    for entry in entries:
        words = entry.detail.disclosure_text
        assert words.count("Cedar & Sons may send me") == 1
        shown = words.replace("&", "&amp;")
        assert page.count(shown) == 1
    assert "checked" not in page
    assert "<script" not in page
    assert 'lang="en"' in page


def test_sign_up_is_recorded_with_its_evidence(shop):
    answer = send(shop, NUMBER, headers={"User-Agent": "Phone/1"}, REMOTE_ADDR="8.8.8.8")

    customer = Customer.objects.for_shop(shop).get()
    detail = ContactConsent.objects.for_shop(shop).get().detail
    assert (answer.status_code, answer["Location"]) == (302, "/join/cedar/thanks/?lang=en")
    assert (customer.first_name, customer.phone, customer.email) == ("Sam", PHONE, "")
    assert (detail.ip, detail.user_agent, detail.address) == ("8.8.8.8", "Phone/1", PHONE)


def test_looking_opens_no_session_and_changes_nothing(shop):
    before = state(shop)
    for method in ("get", "head"):
        answer = getattr(Client(), method)("/join/cedar/")
        assert answer.status_code == 200
        assert set(answer.cookies) <= {"csrftoken"}
    assert "no-store" in answer["Cache-Control"]
    assert state(shop) == before


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Sign-up is closed for now"),
        ("es", "El registro está cerrado por ahora"),
        ("fr", "Les inscriptions sont fermées pour le moment"),
    ],
)
def test_suspended_shop_takes_nobody_and_says_so(shop, language, said):
    suspension.suspend(shop, by=UserFactory(is_superuser=True), reason="Too many complaints.")

    for answer in (
        Client().get(f"/join/cedar/?lang={language}"),
        send(shop, NUMBER, query_params={"lang": language}),
    ):
        page = answer.content.decode()
        assert (answer.status_code, page.count(f"<h1>{said}</h1>")) == (404, 1)
        assert ("complaints" in page, "<form" in page) == (False, False)
        assert "no-store" in answer["Cache-Control"]
    assert state(shop) == (0, 0, 0, 0)


def test_sign_up_is_open_again_when_the_suspension_is_lifted(shop):
    admin = UserFactory(is_superuser=True)
    suspension.suspend(shop, by=admin, reason="Too many complaints.")
    suspension.lift(shop, by=admin, reason="Mended.")

    assert send(shop, NUMBER).status_code == 302
    assert Customer.objects.for_shop(shop).count() == 1


def test_form_of_another_site_is_refused(shop):
    answer = Client(enforce_csrf_checks=True).post("/join/cedar/", NUMBER)

    assert answer.status_code == 403
    assert not Customer.objects.for_shop(shop).exists()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"first_name": "Sam"}, "Choose texts, emails, or both."),
        ({"phone": PHONE, "sms": "on"}, "This field is required."),
        ({"first_name": "Sam", "phone": PHONE}, "Tick this box, or leave the address empty."),
        ({"first_name": "Sam", "sms": "on"}, "Say where, or leave the box empty."),
        (NUMBER | {"phone": "555-0147"}, "Enter a mobile number with its area code"),
        (MAIL | {"email": "sam@"}, "Enter an email address"),
        (NUMBER | {"first_name": "Sam\x00\r\nBcc: x"}, "control character"),
        (NUMBER | {"first_name": "x" * 81}, "at most 80 characters"),
    ],
)
def test_what_is_not_right_is_said_and_nothing_is_kept(shop, data, said):
    answer = send(shop, data)

    page = answer.content.decode()
    assert answer.status_code == 400
    assert said in page or "Null characters" in page
    assert state(shop) == (0, 0, 0, 0)


def test_answer_is_the_same_for_known_unknown_suppressed_and_erased_addresses(shop):
    known = CustomerFactory(shop=shop, phone="+12125550001", first_name="Ana")
    opt_in(known, "sms")
    stopped = CustomerFactory(shop=shop, phone="+12125550002")
    stopped.opt_out("sms", source="sms_stop")
    erasure.erase(CustomerFactory(shop=shop, phone="+12125550003"), reason="He asked for it.")
    Suppression.objects.create(
        shop=shop, channel="sms", address_hmac=address_hmac("+12125550004"), cause="complained"
    )

    answers = {
        (answer.status_code, answer["Location"], answer.content)
        for number in range(6)
        for answer in [send(shop, NUMBER | {"phone": f"+1212555000{number}"})]
    }

    assert len(answers) == 1


def test_program_that_fills_in_everything_is_thanked_and_forgotten(shop):
    answer = send(shop, NUMBER | {"website": "https://spam.example"})

    assert answer.status_code == 302
    assert state(shop) == (0, 0, 0, 0)


def test_one_address_is_signed_up_so_often_and_then_passed_over_in_silence(shop):
    answers = {send(shop, NUMBER)["Location"] for _ in range(sign_up.MOST_PER_ADDRESS + 2)}

    assert len(answers) == 1
    assert OptInRequest.objects.for_shop(shop).count() == sign_up.MOST_PER_ADDRESS


def test_one_place_can_sign_up_so_many_and_no_more(shop, monkeypatch):
    monkeypatch.setattr(sign_up, "MOST_PER_IP", 2)
    for number in range(2):
        send(shop, NUMBER | {"phone": f"+1212555010{number}"}, REMOTE_ADDR="8.8.8.8")
    before = state(shop)

    refused = send(shop, NUMBER, REMOTE_ADDR="8.8.8.8")
    other = send(shop, NUMBER, REMOTE_ADDR="9.9.9.9")

    assert (refused.status_code, other.status_code) == (429, 302)
    assert "Too many people have signed up from here" in refused.content.decode()
    assert state(shop)[0] == before[0] + 1


@pytest.mark.parametrize(
    ("language", "words"), [("es", "Número de móvil"), ("fr", "Numéro de mobile")]
)
def test_page_speaks_the_browsers_language_or_the_chosen_one_and_stores_that(shop, language, words):
    by_browser = Client().get("/join/cedar/", headers={"Accept-Language": f"{language}-XX,en"})
    chosen = Client().get(f"/join/cedar/?lang={language}")
    send(shop, NUMBER | {"lang": language})

    entry = ContactConsent.objects.for_shop(shop).get()
    for page in (by_browser.content.decode(), chosen.content.decode()):
        assert words in page
        assert f'<html lang="{language}">' in page
        assert entry.detail.disclosure_text.replace("&", "&amp;").replace("'", "&#x27;") in page
    assert entry.disclosure_version.endswith(f"/{language}")
    assert Customer.objects.for_shop(shop).get().language == language


def test_shop_that_does_not_exist_is_not_found():
    assert Client().get("/join/nowhere/").status_code == 404
    assert Client().post("/join/nowhere/", NUMBER).status_code == 404


def test_page_of_thanks_says_the_same_to_everybody(shop, settings):
    page = Client().get("/join/cedar/thanks/").content.decode()

    assert "Cedar &amp; Sons has what you sent." in page
    assert f"text START to {settings.TWILIO_PHONE_NUMBER}" in page


def test_words_that_were_shown_are_stored_though_the_shop_is_renamed_meanwhile(shop):
    page = Client().get("/join/cedar/?lang=es").content.decode()
    (carried,) = re.findall(r'name="shown" value="([^"]+)"', page)
    shop.name = "Oak"
    shop.save()

    send(shop, NUMBER | {"lang": "es", "shown": carried})

    entry = ContactConsent.objects.for_shop(shop).get()
    assert "acepto que Cedar & Sons me envíe" in entry.detail.disclosure_text
    assert (entry.disclosure_version[:4], entry.disclosure_version[-3:]) == ("sms/", "/es")


@pytest.mark.parametrize("kind", ["none", "garbage", "changed", "of another shop"])
def test_words_that_no_page_of_the_shop_has_shown_are_not_stored(shop, kind):
    other = ShopFactory(slug="other", name="Other")
    page = Client().get(f"/join/{other.slug}/").content.decode()
    (carried,) = re.findall(r'name="shown" value="([^"]+)"', page)
    sent = {"none": "", "garbage": "\x00é:", "changed": f"x{carried}", "of another shop": carried}

    answer = send(shop, NUMBER | {"shown": sent[kind]})

    assert answer.status_code == 302
    text = ContactConsent.objects.for_shop(shop).get().detail.disclosure_text
    assert "Cedar & Sons may send me" in text
