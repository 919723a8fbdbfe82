"""Why somebody did not get a campaign, in a real browser: from the campaign to the rule."""

import pytest
from playwright.sync_api import expect

from barbershop.tests.browser import (
    assert_fits,
    complaints_of,
    member_of,
    sign_in,
)
from barbershop.tests.factories import ShopFactory
from campaigns import execution
from campaigns.tests.factories import DefinitionFactory
from customers.models import Customer
from customers.tests.factories import AppointmentFactory, CustomerFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
CHANNELS = {
    "email": {"subject": "Come in", "message": "Hi {{ customer_first_name }}"},
    "sms": {"message": "Hi {{ customer_first_name }}"},
}


@pytest.fixture
def shop():
    return ShopFactory(name="Corner Cuts", slug="corner")


@pytest.fixture
def sent(shop):
    """To all who came 60 days ago or earlier; Nora has no address, Alex was here since."""
    definition = DefinitionFactory(
        shop=shop,
        name="Come back",
        campaign_type="multi",
        channels=CHANNELS,
        target_criteria={"last_visit_days": {"min": 60}},
    )
    for name, days in (("Alex", 12), ("Nora", 70), ("Rita", 80)):
        address = {"email": "", "phone": ""} if name == "Nora" else {}
        person = CustomerFactory(shop=shop, first_name=name, last_name="Miller", **address)
        AppointmentFactory(customer=person, days_ago=days)
    run = execution.start(definition)
    execution.run(run.pk)
    return definition


def signed_in(page, site, sent, onward=""):
    sign_in(page, site, member_of(sent.shop), f"/campaigns/{sent.pk}/{onward}")


def row_of(page, table: str, rule: str):
    """The row of one rule."""
    within = page.get_by_role("region", name=table)
    return within.get_by_role("row").filter(has=page.get_by_role("rowheader", name=rule))


@pytest.mark.parametrize("width", [360, 1280])
def test_the_rule_that_decided_is_found_without_javascript(site, chromium, sent, width):
    viewport = {"width": width, "height": 800}
    page = chromium.new_context(java_script_enabled=False, viewport=viewport).new_page()
    signed_in(page, site, sent)

    page.get_by_role("link", name="Why did somebody get it, or not?").click()
    expect(page.get_by_text("Choose a customer to see every rule")).to_be_visible()
    page.get_by_label("Customer: name, email or phone").fill("alex")
    page.get_by_role("button", name="Find").click()
    page.get_by_role("link", name="Alex Miller").click()

    expect(page.get_by_role("heading", name="Alex Miller")).to_be_visible()
    expect(page.get_by_text("Not in the audience. Words: variant A.")).to_be_visible()
    rule = row_of(page, "Criteria", "whose last visit was at least 60 days ago")
    expect(rule.get_by_role("cell")).to_have_text(["12 days ago", "No"])


def test_rule_of_a_channel_is_found_from_who_was_blocked(site, chromium, sent):
    page = chromium.new_context().new_page()
    said = complaints_of(page)
    signed_in(page, site, sent, "why/")

    page.get_by_label("Customer: name, email or phone").fill("nora")
    page.get_by_role("button", name="Find").click()
    page.get_by_role("link", name="Nora Miller").click()

    expect(page.get_by_text("In the audience. Words: variant A.")).to_be_visible()
    rule = row_of(page, "Email", "Address")
    expect(rule.get_by_role("cell")).to_have_text(["None", "No"])
    assert said == []


@pytest.mark.parametrize(("width", "scheme"), [(320, "dark"), (1280, "light")])
def test_page_fits_the_screen_and_is_accessible(site, chromium, sent, width, scheme):
    page = chromium.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme
    ).new_page()
    said = complaints_of(page)
    signed_in(page, site, sent, "why/")
    people = Customer.objects.for_shop(sent.shop).values_list("pk", flat=True)

    for query in ("", "?q=miller", *(f"?customer={pk}" for pk in people)):
        page.goto(f"{site}/campaigns/{sent.pk}/why/{query}")
        assert_fits(page, width=width, at=query)
    assert said == []
