"""The till and the invitation in a real browser, on a phone and on a desk."""

import pytest
from playwright.sync_api import expect

from barbershop.tests.browser import (
    assert_fits,
    complaints_of,
    member_of,
    sign_in,
)
from barbershop.tests.factories import ShopFactory
from campaigns import offers
from campaigns.models import Referral
from campaigns.tests.factories import OfferCodeFactory
from customers.tests.factories import AppointmentFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
HOST = "https://shop.example.test"


@pytest.fixture
def code():
    shop = ShopFactory(name="Corner Cuts", slug="corner")
    return OfferCodeFactory(offer__shop=shop, code="SUMMER-7K2Q9A", customer__first_name="Sam")


def test_code_is_redeemed_on_a_phone_without_javascript(site, chromium, code):
    AppointmentFactory(customer=code.customer, days_ago=0, price=3500)
    phone = {"width": 360, "height": 800}
    page = chromium.new_context(java_script_enabled=False, viewport=phone).new_page()
    sign_in(page, site, member_of(code.shop), "/offers/")

    page.get_by_label("Code").fill("summer 7k2q9a")
    page.get_by_role("button", name="Look it up").click()
    page.get_by_role("button", name="Redeem it").click()

    expect(page.get_by_text("Redeemed: take $7 off.")).to_be_visible()


def test_friend_signs_up_through_an_invitation(site, chromium, code):
    link = offers.referral_link(code.customer_id, code.offer_id).removeprefix(HOST)
    page = chromium.new_context(java_script_enabled=False, locale="en-US").new_page()

    page.goto(f"{site}{link}")
    page.get_by_role("link", name="Sign up").click()
    page.get_by_label("First name").fill("Alex")
    page.get_by_label("Email", exact=True).fill("alex@example.test")
    page.get_by_label("Email me").check()
    page.get_by_role("button", name="Sign up").click()

    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    found = Referral.objects.get()
    assert (found.referrer, found.friend.first_name) == (code.customer, "Alex")


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1280, "light")])
def test_pages_fit_the_screen_and_are_accessible(site, chromium, code, width, scheme):
    link = offers.referral_link(code.customer_id, code.offer_id).removeprefix(HOST)
    page = chromium.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme
    ).new_page()
    said = complaints_of(page)
    sign_in(page, site, member_of(code.shop), "/offers/")

    for path in (
        "/offers/",
        "/offers/redeem/?code=summer",
        "/offers/redeem/?code=SUMMER-7K2Q9A",
        f"/customers/{code.customer_id}/",
        link,
        f"{link}join/",
    ):
        page.goto(f"{site}{path}")
        assert_fits(page, width=width, at=path)
    assert said == []
