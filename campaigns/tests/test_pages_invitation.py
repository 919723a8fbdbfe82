"""The public page behind a customer's link for his friends."""

import re

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation
from django.utils.translation import gettext

from barbershop import suspension
from barbershop.tests.factories import ServiceFactory, ShopFactory, UserFactory
from campaigns import offers
from campaigns.models import Referral
from campaigns.tests.factories import OfferFactory
from customers import erasure
from customers.models import ContactConsent, Customer
from customers.tests.factories import CustomerFactory

HOST = "https://shop.example.test"
MAIL = {"first_name": "Alex", "email": "alex@example.test", "by_email": "on"}


@pytest.fixture
def shop(db):
    return ShopFactory(name="Cedar & Sons", slug="cedar")


@pytest.fixture
def sam(shop):
    return CustomerFactory(shop=shop, first_name="Sam", last_name="Taylor")


@pytest.fixture
def path(shop, sam):
    return offers.referral_link(sam.pk, OfferFactory(shop=shop).pk).removeprefix(HOST)


def test_page_says_who_invites_and_what_both_get_and_leads_to_the_sign_up(path):
    page = Client().get(path, headers={"Accept-Language": "en"})

    text = page.content.decode()
    assert "Sam invites you to Cedar &amp; Sons" in text
    assert "After your first visit you both get 20% off the next one." in text
    assert f'href="{path}join?lang=en"' in text
    assert ("Taylor" in text, "<script" in text, "<img" in text) == (False, False, False)
    assert (page.headers["X-Robots-Tag"], "no-store" in page.headers["Cache-Control"]) == (
        "noindex",
        True,
    )


def test_looking_sets_no_cookie_and_changes_nothing(path, shop):
    for method in ("get", "head"):
        answer = getattr(Client(), method)(path)
        assert (answer.status_code, dict(answer.cookies)) == (200, {})
    assert Client().post(path).status_code == 405
    Client().get(f"{path}join/")

    assert (Customer.objects.for_shop(shop).count(), Referral.objects.count()) == (1, 0)


def test_free_service_is_named(shop, sam):
    service = ServiceFactory(shop=shop, name="Beard trim")
    offer = OfferFactory(shop=shop, kind="service", service=service, valid_days=1)
    path = offers.referral_link(sam.pk, offer.pk).removeprefix(HOST)

    text = Client().get(path).content.decode()

    assert "you both get this for free: Beard trim." in text
    assert "Your code is then valid for 1 day." in text


def test_amount_is_written_as_the_reader_writes_it(shop, sam):
    offer = OfferFactory(shop=shop, kind="amount", value=650)
    path = offers.referral_link(sam.pk, offer.pk).removeprefix(HOST)

    said = {lang: Client().get(f"{path}?lang={lang}").content.decode() for lang in ("en", "fr")}

    assert "you both get $6.50 off the next one." in said["en"]
    assert said["fr"].count("6,50\xa0$") == 1


def test_sign_up_through_the_page_brings_a_friend_with_consent_as_ever(path, shop, sam):
    answer = Client().post(f"{path}join/", MAIL, headers={"Accept-Language": "en"})

    found = Referral.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, "/join/cedar/thanks/?lang=en")
    assert (found.referrer, found.friend.email) == (sam, "alex@example.test")
    (entry,) = ContactConsent.objects.filter(customer=found.friend)
    assert (entry.channel, entry.decision) == ("email", "opted_in")


def test_form_posts_to_its_own_address_and_the_plain_one_to_its(path):
    for address in (f"{path}join/", "/join/cedar/"):
        assert f'action="{address}"' in Client().get(address).content.decode()


def test_form_of_another_site_is_refused(path):
    assert Client(enforce_csrf_checks=True).post(f"{path}join/", MAIL).status_code == 403


def test_answer_tells_nothing_about_who_is_known(path, shop, sam):
    answers = {
        (answer.status_code, answer["Location"])
        for email in (sam.email, "new@example.test")
        for answer in [Client().post(f"{path}join?lang=en", MAIL | {"email": email})]
    }

    assert len(answers) == 1
    assert Referral.objects.get().friend.email == "new@example.test"


def test_link_that_is_cut_or_of_an_erased_customer_is_over(path, sam):
    erasure.erase(sam, reason="He asked for it.")

    for gone in (path, f"{path}join/", f"{path[:-4]}/", "/r/"):
        answer = Client().get(gone, headers={"Accept-Language": "en"})
        assert answer.status_code == 404
        assert "This invitation is over" in answer.content.decode()


def test_suspended_shop_invites_nobody_until_that_is_lifted(path, shop):
    admin = UserFactory(is_superuser=True)
    suspension.suspend(shop, by=admin, reason="Too many complaints.")

    for address in (path, f"{path}join/"):
        answer = Client().get(address, headers={"Accept-Language": "en"})
        text = answer.content.decode()
        assert (answer.status_code, answer.headers["X-Robots-Tag"]) == (404, "noindex")
        assert "Cedar &amp; Sons takes no sign-ups here at the moment." in text
        assert ("Sam" in text, "complaints" in text, "<form" in text) == (False, False, False)
    assert Client().post(f"{path}join/", MAIL).status_code == 404
    assert Customer.objects.for_shop(shop).count() == 1

    suspension.lift(shop, by=admin, reason="Mended.")
    assert Client().post(f"{path}join/", MAIL).status_code == 302


def test_closed_page_speaks_the_language_that_is_asked_for(path, shop):
    suspension.suspend(shop, by=UserFactory(is_superuser=True), reason="Too many complaints.")

    for language, said in (("es", "cerrado por ahora"), ("fr", "fermées pour le moment")):
        assert Client().get(f"{path}?lang={language}").content.decode().count(said) == 2


def test_invitation_to_a_service_that_is_gone_is_over(shop, sam):
    offer = OfferFactory(shop=shop, kind="service", service=None)
    path = offers.referral_link(sam.pk, offer.pk).removeprefix(HOST)

    assert Client().get(path).status_code == 404


def sentences() -> list[str]:
    found = []
    for name in ("invitation.html", "invitation_gone.html"):
        text = (settings.BASE_DIR / "templates/campaigns" / name).read_text()
        found += re.findall(r'{%\s*translate\s+"(.*?)"', text)
        blocks = re.findall(r"{% blocktranslate[^%]*%}(.*?){% (?:plural|endblock)", text)
        found += [re.sub(r"{{ (\w+) }}", r"%(\1)s", block) for block in blocks]
    return found


@pytest.mark.parametrize("language", ["es", "fr"])
def test_every_sentence_is_said_in_every_language(language):
    with translation.override(language):
        left = [said for said in sentences() if gettext(said) == said]

    assert (len(sentences()), left) == (11, [])


def test_page_speaks_the_language_that_is_asked_for(path):
    for language, said in (("es", "le invita a"), ("fr", "vous invite chez")):
        page = Client().get(f"{path}?lang={language}").content.decode()
        assert page.count(f"Sam {said} Cedar &amp; Sons") == 1
        assert re.search(r"20% (de réduction|en la siguiente)|de 20% en la", page)
