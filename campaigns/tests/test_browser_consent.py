"""The public pages and the passport in a real browser, on a phone and without a script."""

import pytest
from playwright.sync_api import expect

from barbershop.tests.browser import (
    assert_fits,
    complaints_of,
    member_of,
    sign_in,
)
from barbershop.tests.factories import ShopFactory
from campaigns.tests.passports import signed_up, text_to
from communications import links
from customers.models import ContactConsent

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def shop():
    return ShopFactory(name="Corner Cuts", slug="corner")


def test_customer_signs_up_on_his_phone_without_javascript(site, chromium, shop):
    context = chromium.new_context(
        viewport={"width": 320, "height": 640}, java_script_enabled=False, locale="es-US"
    )
    page = context.new_page()
    page.goto(f"{site}/join/corner/")

    page.get_by_label("Nombre").fill("Sam")
    page.get_by_label("Número de móvil").fill("212 555 0123")
    page.get_by_label("Envíenme SMS").check()
    page.get_by_role("button", name="Inscribirme").click()

    expect(page).to_have_url(f"{site}/join/corner/thanks/?lang=es")
    expect(page.get_by_role("heading")).to_have_text("Gracias")
    entry = ContactConsent.objects.for_shop(shop).get()
    assert (entry.decision, entry.disclosure_version[-3:]) == ("opted_in", "/es")
    assert [cookie["name"] for cookie in context.cookies()] == ["csrftoken"]


def test_receiver_chooses_what_he_gets(site, chromium, shop):
    message = text_to(signed_up(shop))
    page = chromium.new_page()
    said = complaints_of(page)
    page.goto(f"{site}/u/{links.unsubscribe_token(message.uuid)}/")

    page.get_by_label("Offers and news by text").uncheck()
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.get_by_label("Offers and news by text")).not_to_be_checked()
    expect(page.get_by_label("Reminders of my appointments by text")).to_be_checked()
    assert said == []


@pytest.mark.parametrize(("width", "scheme"), [(320, "dark"), (360, "light"), (1280, "light")])
def test_pages_fit_the_screen_and_are_accessible(site, chromium, shop, width, scheme):
    customer = signed_up(shop)
    message = text_to(customer)
    context = chromium.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = context.new_page()
    said = complaints_of(page)
    sign_in(page, site, member_of(shop))

    for path in (
        "/join/corner/",
        "/join/corner/?lang=fr",
        "/join/corner/thanks/",
        f"/u/{links.unsubscribe_token(message.uuid)}/",
        "/customers/sign-up/",
        f"/customers/{customer.pk}/",
        f"/customers/{customer.pk}/opt-in/",
        f"/customers/{customer.pk}/passport/?communication={message.uuid}",
    ):
        page.goto(f"{site}{path}")
        assert_fits(page, width=width, at=path)
    assert said == []
