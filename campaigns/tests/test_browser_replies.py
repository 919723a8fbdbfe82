"""The replies in a real browser, on a phone and on a desk, in both lights."""

import datetime as dt

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from barbershop.models import Membership
from barbershop.tests.browser import (
    assert_fits,
    complaints_of,
    member_of,
    sign_in,
)
from barbershop.tests.factories import ShopFactory
from communications.models import InboundMessage
from communications.tests.factories import CommunicationFactory, InboundMessageFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LONG = "https://example.test/" + "a-very-long-address-without-a-break-" * 8


@pytest.fixture
def shop():
    return ShopFactory(name="Corner Cuts")


def member(shop, role=Membership.Role.OWNER):
    return member_of(shop, role=role, user__is_staff=True)


def replies(shop, owner) -> None:
    """One of each kind: waiting, decided, a stop, talk, of nobody, and of words without end."""
    now = timezone.now()
    asked = InboundMessageFactory(shop=shop, body="why do you keep texting me?")
    InboundMessageFactory(
        shop=shop,
        body=f"look at this {LONG}",
        customer=asked.customer,
        communication=CommunicationFactory(dispatch__shop=shop, customer=asked.customer),
    )
    InboundMessageFactory(
        shop=shop, body="take me off", decided_at=now, decided_as="stop", decided_by=owner
    )
    InboundMessageFactory(shop=shop, body="STOP", outcome="stop", customer=None)
    InboundMessageFactory(
        shop=shop, body="", outcome="talk", channel="email", address="sam@example.test"
    )
    InboundMessageFactory(
        shop=shop, body="cancel my 3pm", outcome="talk", received_at=now - dt.timedelta(days=3)
    )


@pytest.mark.parametrize(
    ("width", "scheme"), [(360, "light"), (360, "dark"), (1280, "light"), (1280, "dark")]
)
def test_replies_fit_the_screen_and_are_accessible(site, chromium, shop, width, scheme):
    owner = member(shop)
    replies(shop, owner)
    context = chromium.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, has_touch=width < 600
    )
    page = context.new_page()
    said = complaints_of(page)
    sign_in(page, site, owner, "/replies/")

    for path, found in (
        ("/replies/", 6),
        ("/replies/?show=waiting", 2),
        ("/replies/?show=help", 0),
    ):
        page.goto(f"{site}{path}")
        expect(page.locator("article.card")).to_have_count(found)
        assert_fits(page, width=width, at=path)
    assert said == []


def test_reply_is_decided_without_javascript_and_only_by_who_may(site, chromium, shop):
    answer = InboundMessageFactory(shop=shop)
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, site, member(shop, Membership.Role.READ_ONLY), "/replies/")
    expect(page.get_by_role("button", name="It is only talk")).to_have_count(0)
    context.clear_cookies()

    sign_in(page, site, member(shop), "/replies/")
    page.get_by_role("button", name="It means stop: opt out").click()

    expect(page.locator("#messages")).to_contain_text("Opted out")
    expect(page.get_by_role("button", name="It means stop: opt out")).to_have_count(0)
    assert InboundMessage.objects.get(pk=answer.pk).decided_as == "stop"
