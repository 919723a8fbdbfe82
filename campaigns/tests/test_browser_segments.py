"""Segments in a real browser: written without a script, and looked at in every width."""

import datetime as dt
import os

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from barbershop.tests.browser import (
    assert_fits,
    complaints_of,
    member_of,
    sign_in,
)
from barbershop.tests.factories import BarberFactory, ShopFactory
from customers.models import CustomerSegment
from customers.segments import saving, watching
from customers.tests.factories import AppointmentFactory, CustomerFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def shop():
    return ShopFactory(name="Corner Cuts")


@pytest.fixture
def owner(shop):
    return member_of(shop)


def visitor(shop, *, days, **fields):
    person = CustomerFactory(shop=shop, **fields)
    AppointmentFactory(customer=person, days_ago=days)
    return person


def test_a_segment_is_written_without_a_script(site, chromium, shop, owner):
    visitor(shop, days=70, first_name="Alex", last_name="Away")
    visitor(shop, days=58, first_name="Nora", last_name="Near")
    page = chromium.new_context(java_script_enabled=False).new_page()
    sign_in(page, site, owner, "/segments/")

    page.get_by_role("link", name="New segment").click()
    page.get_by_label("Name").fill("Away for long")
    page.get_by_label("A rule about").select_option("last_visit_days")
    page.get_by_role("button", name="Add a rule").click()
    page.get_by_label("At least").fill("60")
    page.get_by_role("button", name="Show who that is").last.click()

    expect(page.locator("#who")).to_contain_text("1 customer now")
    expect(page.locator("#who")).to_contain_text("Nora Near")
    expect(page.locator("#who")).to_contain_text("58 days ago")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Away for long")
    assert CustomerSegment.objects.get().criteria == {"last_visit_days": {"min": 60}}


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (360, "light"), (1280, "light")])
def test_pages_fit_the_screen_and_are_accessible(site, chromium, shop, owner, width, scheme):
    BarberFactory(shop=shop)
    for days in (10, 50, 58, 59, 62, 70, 300):
        visitor(shop, days=days)
    now = timezone.now()
    segment = saving.create(
        shop=shop,
        name="Away for long",
        description="For the win-back letter.",
        rule={"last_visit_days": {"min": 60}, "birthday_month": [1, 2], "visit_count": {"min": 1}},
        now=now - dt.timedelta(days=3),
    )
    saving.create(
        shop=shop, name="Of it", rule={"any": [{"in_segment": segment.pk}, {"all": []}]}, now=now
    )
    saving.change(segment, fields={"criteria": {"last_visit_days": {"min": 60}}}, now=now)
    for day in (2, 1, 0):
        watching.watch(now=now - dt.timedelta(days=day))
    context = chromium.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, has_touch=width < 600
    )
    page = context.new_page()
    said = complaints_of(page)
    sign_in(page, site, owner, "/segments/")

    for path in ("", "ready/", f"{segment.pk}/", f"{segment.pk}/edit/", f"{segment.pk}/delete/"):
        page.goto(f"{site}/segments/{path}")
        check(page, width, path)
    page.goto(f"{site}/segments/new/")
    for fact in ("visit_count", "birthday_month", "last_visit_days"):
        page.get_by_label("A rule about").select_option(fact)
        page.get_by_role("button", name="Add a rule").click()
    page.get_by_label("At least").last.fill("60")
    assert said == []
    page.get_by_role("button", name="Show who that is").last.click()
    expect(page.get_by_role("alert")).to_contain_text("Rule 1, Visit count: Give min, max or both.")
    check(page, width, "new/")


def check(page, width, path) -> None:
    if folder := os.environ.get("SEGMENT_SHOTS"):
        scheme = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
        name = (
            f"{path.strip('/').replace('/', '-') or 'list'}-{width}-{'dark' if scheme else 'light'}"
        )
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)
    assert_fits(page, width=width, at=path)
