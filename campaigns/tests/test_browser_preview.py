"""The preview in a real browser: on a phone and on a desk, by day and in the dark."""

import pytest
from playwright.sync_api import expect

from barbershop.tests.browser import (
    assert_fits,
    complaints_of,
    member_of,
    sign_in,
)
from barbershop.tests.factories import ShopFactory
from campaigns.tests.factories import DefinitionFactory
from communications.models import CustomerCommunication
from customers.models import Customer
from customers.tests.consents import opt_in
from customers.tests.factories import CustomerFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
CHANNELS = {
    "email": {
        "subject": "Hi {{ customer_first_name }}",
        "preheader": "Come in",
        "blocks": [
            {"type": "heading", "text": "Hello {{ customer_first_name }}"},
            {"type": "button", "label": "Book", "url": "{{ booking_link }}"},
        ],
    },
    "sms": {"message": "Hi {{ customer_first_name }}, " + "x" * 60},
}


@pytest.fixture
def definition():
    shop = ShopFactory(name="Corner Cuts", slug="corner")
    opt_in(CustomerFactory(shop=shop, first_name="Łukasz", last_name="Abel"), "sms")
    return DefinitionFactory(shop=shop, campaign_type="multi", channels=CHANNELS)


def signed_in(page, site, definition):
    sign_in(page, site, member_of(definition.shop), f"/campaigns/{definition.pk}/preview/")
    expect(page.get_by_role("heading", name="What was filled in")).to_be_visible()


def background_of(page) -> str:
    frame = page.frame_locator("iframe.preview-frame")
    expect(frame.get_by_text("Hello Łukasz")).to_be_visible()
    return frame.locator("body").evaluate("body => getComputedStyle(body).backgroundColor")


def test_everything_is_looked_at_on_a_phone_without_javascript(site, chromium, definition):
    phone = {"width": 360, "height": 800}
    page = chromium.new_context(java_script_enabled=False, viewport=phone).new_page()
    signed_in(page, site, definition)

    page.get_by_label("As which customer").fill("abel")
    page.get_by_role("button", name="Find").click()
    page.get_by_role("link", name="Łukasz Abel").first.click()
    frame = page.frame_locator("iframe.preview-frame")
    expect(frame.get_by_text("Hello Łukasz")).to_be_visible()
    page.get_by_role("link", name="As plain text").click()
    expect(page.get_by_text("Unsubscribe: https://")).to_be_visible()
    page.get_by_role("link", name="SMS").click()
    expect(page.get_by_text("Corner Cuts: Hi Łukasz")).to_be_visible()
    page.get_by_role("link", name="Check every text").click()
    expect(page.get_by_text("1 text of 2 parts: 2 parts, $0.02.")).to_be_visible()


def test_test_is_sent_as_the_customer_who_is_looked_at(site, chromium, definition):
    phone = {"width": 360, "height": 800}
    page = chromium.new_context(java_script_enabled=False, viewport=phone).new_page()
    signed_in(page, site, definition)
    page.get_by_label("As which customer").fill("abel")
    page.get_by_role("button", name="Find").click()
    page.get_by_role("link", name="Łukasz Abel").first.click()

    expect(page.get_by_label("Filled in as")).to_have_value(str(Customer.objects.get().pk))
    page.get_by_label("Emails").fill("me@example.test")
    page.get_by_role("button", name="Send the test").click()

    expect(page.get_by_text("A test is on its way to me@example.test.")).to_be_visible()
    expect(page.get_by_label("Filled in as")).to_have_value(str(Customer.objects.get().pk))
    row = CustomerCommunication.objects.get()
    assert (row.customer, row.values) == (None, {"as_customer": str(Customer.objects.get().pk)})


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_dark_is_shown_dark_whatever_the_owner_uses(site, chromium, definition, scheme):
    page = chromium.new_context(color_scheme=scheme).new_page()
    signed_in(page, site, definition)

    by_day = background_of(page)
    page.get_by_role("link", name="On a phone, dark").click()

    assert (by_day, background_of(page)) == ("rgb(244, 241, 234)", "rgb(18, 18, 18)")


@pytest.mark.parametrize(("width", "scheme"), [(320, "dark"), (1280, "light")])
def test_pages_fit_the_screen_and_are_accessible(site, chromium, definition, width, scheme):
    page = chromium.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme
    ).new_page()
    said = complaints_of(page)
    signed_in(page, site, definition)
    here = f"{site}/campaigns/{definition.pk}"

    for path in (
        "/preview/?view=desktop",
        "/preview/?view=dark&q=abel",
        "/preview/?view=text",
        "/preview/?channel=sms",
        "/preview/test/",
        "/lint/",
        "/",
    ):
        page.goto(f"{here}{path}")
        if "preview/?" in path:
            expect(page.get_by_text("Read as everybody would get them")).to_be_visible()
        assert_fits(page, width=width, at=path, options={"iframes": False})
    assert said == []
