"""Templates in a real browser, on a phone and on a desk."""

from dataclasses import replace

import pytest
from playwright.sync_api import expect

from barbershop.tests.browser import (
    assert_fits,
    complaints_of,
    member_of,
    sign_in,
)
from barbershop.tests.factories import ShopFactory
from campaigns import template_versions
from campaigns.models import CampaignTemplate
from campaigns.template_versions import Said

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
BLOCKS = [
    {"type": "heading", "text": "Hello {{ customer_first_name }}"},
    {"type": "text", "text": "Come in."},
    {"type": "button", "label": "Book", "url": "{{ booking_link }}"},
]
SPANISH = {
    "name": "Spanish",
    "criteria": {"language": "es"},
    "channels": {"sms": {"message": "¡Mayo!"}},
}


@pytest.fixture
def template(site):
    """With two versions, in a shop whose links are missing."""
    shop = ShopFactory(name="Corner Cuts", slug="corner", booking_url="", review_url="")
    email = {"subject": "Spring", "blocks": BLOCKS}
    made = template_versions.create(shop=shop, name="Spring", said=Said(channels={"email": email}))
    channels = {"email": email | {"subject": "May"}, "sms": {"message": "May!"}}
    template_versions.write(made, said=Said(channels=channels, variations=[SPANISH]))
    return made


def test_template_is_written_and_brought_back_on_a_phone_without_javascript(
    site, chromium, template
):
    phone = {"width": 360, "height": 800}
    page = chromium.new_context(java_script_enabled=False, viewport=phone).new_page()
    sign_in(page, site, member_of(template.shop), "/templates/")

    page.get_by_role("link", name="Spring").click()
    page.get_by_role("link", name="Edit", exact=True).click()
    page.get_by_label("Subject").fill("June")
    page.get_by_role("button", name="Move block 3 up: Button").click()
    page.get_by_label("A block of").select_option("divider")
    page.get_by_role("button", name="Add a block").click()
    page.get_by_role("button", name="Remove block 1: Heading").click()
    expect(page.get_by_label("Subject")).to_have_value("June")
    page.get_by_role("button", name="Save", exact=True).click()

    expect(page.get_by_text("is saved as version 3.")).to_be_visible()
    version = template.versions.order_by("-number").first()
    kinds = [block["type"] for block in version.channels["email"]["blocks"]]
    assert kinds == ["button", "text", "divider"]

    page.get_by_role("button", name="Restore version 1").click()
    expect(page.get_by_text("Version 4 says again what version 1 said.")).to_be_visible()
    page.goto(f"{site}/templates/ready/vip/")
    page.get_by_role("button", name="Save as my own").first.click()
    expect(page.get_by_role("heading", name="VIP: Exclusive offer")).to_be_visible()
    assert CampaignTemplate.objects.count() == 2


def test_other_words_are_written_on_a_phone_without_javascript(site, chromium, template):
    phone = {"width": 360, "height": 800}
    page = chromium.new_context(java_script_enabled=False, viewport=phone).new_page()
    sign_in(page, site, member_of(template.shop), "/templates/")
    page.goto(f"{site}/templates/{template.pk}/")

    page.get_by_role("link", name="Say it otherwise to some").click()
    page.get_by_label("Name").fill("Regulars")
    page.get_by_label("A rule about").select_option("visit_count")
    page.get_by_role("button", name="Add a rule").click()
    page.get_by_label("At least").fill("5")
    page.get_by_label("Text message").fill("May, {{ customer_first_name }}!")
    page.get_by_role("button", name="Check", exact=True).click()
    expect(page.get_by_text("Customers who came at least 5 times.")).to_be_visible()
    page.get_by_role("button", name="Save", exact=True).click()

    expect(page.get_by_text("is saved as version 3.")).to_be_visible()
    page.get_by_role("button", name="Move Regulars up").click()
    page.get_by_role("button", name="Remove Spanish").click()
    expect(page.get_by_text("is saved as version 5.")).to_be_visible()
    (left,) = template.versions.order_by("-number").first().variations
    assert (left["name"], left["criteria"]) == ("Regulars", {"visit_count": {"min": 5}})
    assert left["channels"]["sms"]["message"] == "May, {{ customer_first_name }}!"


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1280, "light")])
def test_pages_fit_the_screen_and_are_accessible(site, chromium, template, width, scheme):
    page = chromium.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme
    ).new_page()
    said = complaints_of(page)
    sign_in(page, site, member_of(template.shop), "/templates/")

    def check(path: str) -> None:
        assert (path, said) == (path, [])
        assert_fits(page, width=width, at=path)
        said.clear()  # axe calls into the frames, which do not let it

    for path in (
        "/templates/",
        "/templates/ready/birthday/",
        f"/templates/{template.pk}/",
        f"/templates/{template.pk}/edit/",
        f"/templates/{template.pk}/variations/new/",
        f"/templates/{template.pk}/variations/edit/?name=Spanish",
        f"/templates/{template.pk}/edit/",
    ):
        page.goto(f"{site}{path}")
        check(path)
    page.get_by_label("Words", exact=True).first.fill("{{ nobody }}")
    page.get_by_role("button", name="Check", exact=True).click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    said.clear()  # the browser notes the 400, which is meant
    check("what is wrong")
    page.goto(f"{site}/templates/{template.pk}/edit/")
    page.get_by_label("Text message").fill("Mine")
    newest = template.versions.order_by("-number").first()
    theirs = replace(template_versions.of_version(newest), valid_days=30)
    template_versions.write(template, said=theirs)
    page.get_by_role("button", name="Save", exact=True).click()
    told = page.get_by_role("heading", name="This has been changed in the meantime")
    expect(told).to_be_visible()
    said.clear()  # the browser notes the 409, which is meant
    check("what somebody else has saved")
    page.get_by_role("button", name="Save mine over it").click()
    expect(page.get_by_text(f"is saved as version {newest.number + 2}.")).to_be_visible()
    frame = page.goto(f"{site}/templates/ready/birthday/0/email/0/")
    assert frame.status == 200
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert said == []
