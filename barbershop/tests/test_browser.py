"""The dashboard in a real browser: the owner's way to a sent campaign, and how pages look."""

import datetime as dt
import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from analytics.tests.factories import booking, delivered, message
from barbershop.tests.browser import (
    assert_fits,
    complaints_of,
    member_of,
    sign_in,
)
from barbershop.tests.factories import ShopFactory
from campaigns import execution
from campaigns.models import CampaignExecution
from campaigns.tests.calls import call, refused
from campaigns.tests.factories import DefinitionFactory, ExecutionFactory
from communications import delivery
from communications.models import Incident
from customers.tests.factories import AppointmentFactory, CustomerFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
POLLED = 15_000  # milliseconds within which a page that asks every 5 s has asked


@pytest.fixture
def shop():
    return ShopFactory(name="Corner Cuts")


@pytest.fixture
def owner(shop):
    return member_of(shop)


def test_owner_signs_in_sends_a_draft_and_watches_it_arrive(site, chromium, shop, owner, providers):
    CustomerFactory.create_batch(3, shop=shop)
    CustomerFactory(shop=shop, email="")
    DefinitionFactory(shop=shop, name="Summer")
    page = chromium.new_page()
    said = complaints_of(page)
    sign_in(page, site, owner, "/campaigns/")

    page.get_by_role("link", name="Summer", exact=True).click()
    page.get_by_role("link", name="Review and send").click()
    page.get_by_role("button", name="Send 3 messages").click()

    expect(page).to_have_url(re.compile(r"/campaigns/\d+/$"))
    expect(page.locator("#live")).to_contain_text("Sending starts in")
    run = CampaignExecution.objects.get()
    execution.run(run.pk)
    expect(page.locator("#live")).to_contain_text("1 of 4 messages", timeout=POLLED)

    delivery.send_due(now=timezone.now() + dt.timedelta(seconds=31))

    expect(page.locator("#live")).to_contain_text("4 of 4 messages", timeout=POLLED)
    expect(page.locator("#live")).to_contain_text("Done")
    expect(page.locator("#funnel-step-2")).to_have_text("3")
    expect(page.locator("#live[hx-trigger^=every]")).to_have_count(0)
    assert len(providers.accepted()) == 3
    assert said == []


def test_send_is_taken_back_within_the_undo_window(site, chromium, shop, owner):
    CustomerFactory(shop=shop)
    draft = DefinitionFactory(shop=shop)
    execution.start(draft, undo_seconds=600)
    page = chromium.new_page()
    sign_in(page, site, owner, f"/campaigns/{draft.pk}/")

    page.get_by_role("button", name="Cancel the send").click()

    expect(page.locator("#live")).to_contain_text("Cancelled")
    expect(page.get_by_role("button", name="Cancel the send")).to_have_count(0)


def test_help_that_is_open_stays_open_when_the_page_is_updated(site, chromium, shop, owner):
    run = finished(shop, state="running")
    page = chromium.new_page()
    sign_in(page, site, owner, f"/campaigns/{run.definition_id}/")
    page.locator("#help-delivery summary").click()

    with page.expect_response(re.compile("/live/$"), timeout=POLLED):
        pass
    message(run)

    expect(page.locator("#funnel-step-1")).to_have_text("4", timeout=POLLED)
    expect(page.locator("#help-delivery")).to_have_attribute("open", "")


def test_everything_can_be_done_without_javascript(site, chromium, shop, owner):
    CustomerFactory(shop=shop)
    draft = DefinitionFactory(shop=shop, name="Summer")
    page = chromium.new_context(java_script_enabled=False).new_page()
    sign_in(page, site, owner, "/campaigns/")

    page.get_by_role("link", name="Summer", exact=True).click()
    page.get_by_role("link", name="Review and send").click()
    page.get_by_role("button", name="Send 1 message,").click()
    page.get_by_role("link", name="Pause").click()
    page.get_by_role("button", name="Pause").click()

    expect(page.locator("#live")).to_contain_text("Paused")
    assert draft.executions.get().current_status == "paused"


@pytest.mark.parametrize(("width", "scheme"), [(320, "dark"), (768, "light"), (1280, "light")])
def test_pages_fit_the_screen_and_are_accessible(site, chromium, shop, owner, width, scheme):
    run = finished(shop, state="running")
    lost = call(run.dispatch, "unknown")
    call(run.dispatch, "sending")
    refused(run.dispatch, reason="550 5.1.1")
    Incident.objects.create(shop=shop, attempt=lost, kind="late_evidence", detail="It was there.")
    finished(shop, state="done")
    draft = DefinitionFactory(shop=shop)
    customer = run.dispatch.communications.first().customer
    AppointmentFactory(customer=customer)
    context = chromium.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, has_touch=width < 600
    )
    page = context.new_page()
    said = complaints_of(page)
    sign_in(page, site, owner)

    for path in (
        "/",
        "/messages/",
        "/campaigns/",
        f"/campaigns/{run.definition_id}/",
        f"/campaigns/{run.definition_id}/recipients/",
        f"/campaigns/{run.definition_id}/cancel/",
        f"/campaigns/{run.definition_id}/delivery/",
        f"/campaigns/{run.definition_id}/retry/",
        f"/campaigns/{run.definition_id}/calls/{lost.pk}/release/",
        "/incidents/",
        f"/campaigns/{draft.pk}/",
        f"/campaigns/{draft.pk}/execute/",
        "/customers/",
        f"/customers/{customer.pk}/",
        "/customers/import/",
    ):
        page.goto(f"{site}{path}")
        expect(page).to_have_url(f"{site}{path}")
        assert_fits(page, width=width, at=path)
    assert said == []


def finished(shop, *, state):
    """A run with something of everything, in the given state."""
    at = timezone.now() - dt.timedelta(hours=3)
    run = ExecutionFactory(
        definition__shop=shop,
        definition__status="active",
        dispatch__state=state,
        dispatch__prepared_at=at,
        dispatch__starts_at=at,
    )
    first = delivered(run, at=at, opened_at=at, clicked_at=at)
    booking(run, first, at=at)
    message(run, send_state="blocked", reason="no_consent")
    message(run)
    return run
