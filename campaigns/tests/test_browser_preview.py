"""The preview in a real browser: on a phone and on a desk, by day and in the dark."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from barbershop.tests.browser import (
    PASSWORD,
    browser,
    complaints_of,
    database_in_a_file,
    server,
)
from barbershop.tests.factories import MembershipFactory, ShopFactory
from campaigns.tests.factories import DefinitionFactory
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
def site(transactional_db, tmp_path, monkeypatch):
    """The address of the running site. Playwright's own loop makes Django wary of its thread."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    with database_in_a_file(tmp_path), server() as url:
        yield url


@pytest.fixture
def chromium(site):
    with browser() as opened:
        yield opened


@pytest.fixture
def definition():
    shop = ShopFactory(name="Corner Cuts", slug="corner")
    opt_in(CustomerFactory(shop=shop, first_name="Łukasz", last_name="Abel"), "sms")
    return DefinitionFactory(shop=shop, campaign_type="multi", channels=CHANNELS)


def signed_in(page, site, definition):
    owner = MembershipFactory(shop=definition.shop).user
    owner.set_password(PASSWORD)
    owner.save()
    page.goto(f"{site}/login/?next=/campaigns/{definition.pk}/preview/")
    page.get_by_label("Email").fill(owner.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
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
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        found = [
            each["id"]
            for each in Axe().run(page, options={"iframes": False}).response["violations"]
        ]
        assert (path, found) == (path, [])
    assert said == []
