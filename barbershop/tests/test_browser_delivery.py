"""The delivery of a run in a real browser: watched while it sends, and mended without a script."""

import datetime as dt

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from barbershop.tests.browser import (
    complaints_of,
    member_of,
    sign_in,
)
from barbershop.tests.factories import ShopFactory
from barbershop.tests.test_browser import POLLED
from campaigns.tests.calls import call, refused
from campaigns.tests.factories import ExecutionFactory
from communications.models import CustomerCommunication, DeliveryAttempt, Incident

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def shop():
    return ShopFactory(name="Corner Cuts")


@pytest.fixture
def owner(shop):
    return member_of(shop)


def run_of(shop, **dispatch):
    now = timezone.now()
    times = {"prepared_at": now, "starts_at": now}
    fields = {f"dispatch__{name}": value for name, value in (times | dispatch).items()}
    return ExecutionFactory(definition__shop=shop, definition__name="Summer", **fields)


def test_answered_call_leaves_the_wire_on_the_page(site, chromium, shop, owner):
    run = run_of(shop)
    begun = call(run.dispatch, "sending", messages=3)
    page = chromium.new_page()
    said = complaints_of(page)
    sign_in(page, site, owner, f"/campaigns/{run.definition_id}/delivery/")
    expect(page.locator("#wire-panel")).to_contain_text("1 call with 3 messages")

    DeliveryAttempt.objects.filter(pk=begun.pk).update(state="accepted", answered_at=timezone.now())

    expect(page.locator("#wire-panel")).to_have_text(
        "No call is open at a provider.", timeout=POLLED
    )
    expect(page.locator("#count-2")).to_have_text("3")
    assert said == []


def test_undo_window_counts_down_before_the_eyes(site, chromium, shop, owner):
    run = run_of(shop, starts_at=timezone.now() + dt.timedelta(seconds=600))
    page = chromium.new_page()
    sign_in(page, site, owner, f"/campaigns/{run.definition_id}/delivery/")
    shown = page.locator("#live .notice strong").inner_text()

    expect(page.locator("#live .notice strong")).not_to_have_text(shown, timeout=POLLED)
    page.get_by_role("button", name="Cancel the send").click()

    expect(page.locator("#live")).to_contain_text("Cancelled")


def test_call_is_released_failed_ones_retried_and_incidents_settled_without_javascript(
    site, chromium, shop, owner
):
    run = run_of(shop, state="paused")
    lost = call(run.dispatch, "unknown", messages=2)
    refused(run.dispatch, reason="550 5.1.1")
    Incident.objects.create(shop=shop, attempt=lost, kind="late_evidence", detail="It was there.")
    page = chromium.new_context(java_script_enabled=False).new_page()
    sign_in(page, site, owner, f"/campaigns/{run.definition_id}/")

    page.get_by_role("link", name="Delivery, call by call").click()
    page.get_by_role("link", name=f"Release call {lost.pk}").click()
    page.get_by_role("button", name="Release 2 messages").click()
    expect(page.locator("#messages")).to_contain_text("2 messages wait to be sent again.")
    page.get_by_role("link", name="Try the failed ones again").click()
    page.get_by_role("button", name="Try the failed ones again").click()
    page.get_by_role("button", name="It is settled").click()

    expect(page.locator("#incidents-panel")).to_have_text("Nothing of this run asks for a person.")
    rows = CustomerCommunication.objects.filter(dispatch=run.dispatch)
    assert list(rows.values_list("send_state", flat=True)) == ["pending"] * 3
    assert Incident.objects.get().resolved_by == owner
