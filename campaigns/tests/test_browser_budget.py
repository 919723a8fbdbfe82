"""The budget's page in a real browser: it fits, it is accessible, and it needs no script."""

import os
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from barbershop.tests.browser import (
    assert_fits,
    complaints_of,
    member_of,
    sign_in,
)
from barbershop.tests.factories import ShopFactory
from campaigns.tests.factories import ExecutionFactory
from communications import budgets
from communications.models import Budget

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DOLLAR = 1_000_000
REASON = (
    "This month's budget of $50.00 is spent: $49.38 used, $0.61 on the wire, "
    "the next text costs $0.0118."
)


@pytest.fixture
def shop():
    """A spent month, a campaign that waits for it, and another with a budget of its own."""
    shop = ShopFactory(name="Corner Cuts")
    now = timezone.now()
    budgets.set_month(shop, 50 * DOLLAR)
    Budget.objects.filter(shop=shop).update(
        spent_micros=49_360_000, late_micros=20_000, reserved_micros=610_000
    )
    Budget.objects.filter(shop=shop).update(warned_at=now, exhausted_at=now)
    for month in ("2026-02-01", "2026-03-01"):
        Budget.objects.create(
            shop=shop, month=month, limit_micros=40 * DOLLAR, spent_micros=31_415_926
        )
    paused = {"state": "paused", "pause_cause": "budget", "paused_reason": REASON}
    for name, own in (("Summer beards for everybody", None), ("Autumn", DOLLAR)):
        ExecutionFactory(
            definition__shop=shop,
            definition__name=name,
            dispatch__prepared_at=now,
            dispatch__budget=budgets.open_for(shop=shop, limit_micros=own),
            **{f"dispatch__{key}": value for key, value in paused.items()},
        )
    return shop


def test_limit_is_raised_without_javascript(site, chromium, shop):
    page = chromium.new_context(java_script_enabled=False).new_page()
    sign_in(page, site, member_of(shop), "/budget/")

    page.get_by_label("Limit for a month, in USD").fill("80.00")
    page.get_by_role("button", name="Set the limit").click()

    expect(page.get_by_text("The limit is $80.00. 2 paused sends go on.")).to_be_visible()
    expect(page.get_by_text("Nothing is paused for money.")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_pages_fit_the_screen_and_are_accessible(site, chromium, shop, width, scheme):
    context = chromium.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, has_touch=width < 600
    )
    page = context.new_page()
    said = complaints_of(page)
    sign_in(page, site, member_of(shop), "/budget/")
    page.get_by_role("link", name="Autumn", exact=True).last.click()
    expect(page.get_by_role("heading", name="Budget of “Autumn”")).to_be_visible()
    own = page.url

    for number, path in enumerate((f"{site}/budget/", own)):
        page.goto(path)
        assert_fits(page, width=width, at=path)
        if shots := os.environ.get("SHOTS"):
            page.screenshot(path=Path(shots, f"{number}-{width}-{scheme}.png"), full_page=True)
    assert said == []
