"""Changing the words of a draft in a real browser, on a phone and on a desk."""

import pytest
from playwright.sync_api import expect

from barbershop.tests.browser import assert_fits, complaints_of, member_of, sign_in
from barbershop.tests.factories import ShopFactory
from campaigns.tests.drafts import make, stored
from customers.tests.factories import CustomerFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def draft(site):
    shop = ShopFactory(name="Corner Cuts", slug="corner")
    CustomerFactory(shop=shop)
    return make(shop)


def test_words_are_changed_on_a_phone_without_javascript(site, chromium, draft):
    phone = {"width": 360, "height": 800}
    page = chromium.new_context(java_script_enabled=False, viewport=phone).new_page()
    sign_in(page, site, member_of(draft.shop), f"/campaigns/{draft.pk}/")

    page.get_by_role("link", name="Change the words").click()
    page.get_by_label("Subject").fill("May is here")
    page.get_by_role("button", name="Move block 2 up: Line").click()
    page.get_by_label("Text message").fill("May, {{ custmer_first_name }}!")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    expect(page.get_by_label("Subject")).to_have_value("May is here")
    page.get_by_label("Text message").fill("May, {{ customer_first_name }}!")
    page.get_by_role("button", name="Check", exact=True).click()
    expect(page.get_by_text("Text message: 1 part,")).to_be_visible()
    page.get_by_role("button", name="Save", exact=True).click()

    expect(page.get_by_role("heading", name="Preview of Spring")).to_be_visible()
    expect(page.get_by_text("The words of “Spring” are saved.")).to_be_visible()
    expect(page.get_by_role("link", name="Check every text")).to_be_visible()
    said = stored(draft).channels
    assert [block["type"] for block in said["email"]["blocks"]] == ["divider", "text"]
    assert (said["email"]["subject"], said["sms"]["message"]) == (
        "May is here",
        "May, {{ customer_first_name }}!",
    )

    page.get_by_role("link", name="Change the words").click()
    page.get_by_role("link", name="French").click()
    expect(page.get_by_label("Subject")).to_have_value("Le printemps")


def test_of_two_people_the_second_sees_what_the_first_has_written(site, chromium, draft):
    hers, his = (chromium.new_context().new_page() for _ in range(2))
    for page in (hers, his):
        sign_in(page, site, member_of(draft.shop), f"/campaigns/{draft.pk}/words/")
    hers.get_by_label("Text message").fill("Hers")
    hers.get_by_role("button", name="Save", exact=True).click()
    expect(hers.get_by_role("heading", name="Preview of Spring")).to_be_visible()
    his.get_by_label("Text message").fill("His")
    his.get_by_role("button", name="Save", exact=True).click()

    expect(his.get_by_text("Somebody has changed these words")).to_be_visible()
    expect(his.get_by_label("Text message")).to_have_value("His")
    expect(his.get_by_role("heading", name="What is saved now")).to_be_visible()
    assert stored(draft).channels["sms"]["message"] == "Hers"
    his.get_by_role("button", name="Save", exact=True).click()

    expect(his.get_by_role("heading", name="Preview of Spring")).to_be_visible()
    assert stored(draft).channels["sms"]["message"] == "His"


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1280, "light")])
def test_pages_fit_the_screen_and_are_accessible(site, chromium, draft, width, scheme):
    page = chromium.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme
    ).new_page()
    said = complaints_of(page)
    words = f"/campaigns/{draft.pk}/words/"
    sign_in(page, site, member_of(draft.shop), words)

    def check(path: str) -> None:
        assert (path, said) == (path, [])
        assert_fits(page, width=width, at=path)

    for path in (f"/campaigns/{draft.pk}/", f"{words}?arm=A/French", words):
        page.goto(f"{site}{path}")
        check(path)
    page.get_by_role("button", name="Check", exact=True).click()
    expect(page.get_by_role("heading", name="As somebody would get it")).to_be_visible()
    check("what was checked")
    page.get_by_label("Subject").fill("{{ nobody }}")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    said.clear()  # the browser notes the 400, which is meant
    check("what is wrong")
    draft.status = "archived"
    draft.save()
    page.goto(f"{site}{words}")
    expect(page.get_by_text("It is archived.")).to_be_visible()
    check("what is no draft")
