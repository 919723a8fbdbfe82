"""Whom a campaign leaves out: who comes anyway, who has just been, whose answer is unread."""

import datetime as dt

import pytest
from django.utils import timezone

from barbershop.tests.factories import ShopFactory
from communications import compliance
from communications.compliance import Terms
from communications.delivery import claim, gate
from communications.models import Suppression
from communications.tests.factories import DispatchFactory
from communications.tests.waiting import state_of, waiting
from customers.models import Customer
from customers.tests.factories import AppointmentFactory, CustomerFactory

pytestmark = pytest.mark.django_db

NOW = timezone.now()
DAY = dt.timedelta(days=1)
BOTH = {"excludes_booked": True, "excludes_visited_days": 10}


def appointment(customer, *, days, status="booked"):
    return AppointmentFactory(customer=customer, starts_at=NOW + days * DAY, status=status)


def frozen(shop, channel="email", **terms):
    """Who gets it and who does not, by reason, if it were frozen now."""
    people = compliance.consider(
        Customer.objects.for_shop(shop),
        shop=shop,
        channels=[channel],
        topic="marketing",
        terms=Terms(**terms),
        now=NOW,
    )
    return {pk: str(verdicts[channel].refusal) for pk, verdicts in people}


def begun(dispatch):
    return gate.begin(claim.claim(dispatch=dispatch, channel="email", now=NOW), now=NOW)


@pytest.mark.parametrize(
    ("days", "status", "terms", "expected"),
    [
        (2, "booked", {"excludes_booked": True}, "excluded"),
        (2, "booked", {"excludes_visited_days": 10}, ""),
        (2, "cancelled", BOTH, ""),
        (-2, "booked", {"excludes_booked": True}, ""),  # was not there, or nobody has said so
        (-9.9, "completed", {"excludes_visited_days": 10}, "excluded"),
        (-10, "completed", {"excludes_visited_days": 10}, ""),
        (-2, "completed", {"excludes_booked": True}, ""),
        (-2, "no_show", BOTH, ""),
        (-2, "completed", {}, ""),
    ],
)
def test_campaign_leaves_out_whom_its_settings_name(days, status, terms, expected):
    somebody = CustomerFactory()
    other = CustomerFactory(shop=somebody.shop)
    appointment(somebody, days=days, status=status)

    assert frozen(somebody.shop, **terms) == {somebody.pk: expected, other.pk: ""}


def test_law_is_named_before_the_campaigns_own_wishes():
    somebody = CustomerFactory()
    appointment(somebody, days=1)

    assert frozen(somebody.shop, channel="sms", **BOTH) == {somebody.pk: "no_consent"}


def test_who_books_after_the_freeze_is_left_out_at_the_gate():
    dispatch = DispatchFactory(starts_at=NOW, **BOTH)
    booked, visited, other = waiting(dispatch, 3)
    appointment(booked.customer, days=1)
    appointment(visited.customer, days=-0.1, status="completed")

    ((_, call),) = begun(dispatch)

    assert [one["to"][0]["email"] for one in call.personalizations] == [other.address]
    for message, reason in ((booked, "booked_meanwhile"), (visited, "excluded")):
        message.refresh_from_db()
        assert (state_of(message), message.reason) == ("blocked", reason)


def test_run_without_exclusions_writes_to_everybody():
    dispatch = DispatchFactory(starts_at=NOW)
    booked, _ = waiting(dispatch, 2)
    appointment(booked.customer, days=1)

    ((_, call),) = begun(dispatch)

    assert len(call.personalizations) == 2


def hold(customer, cause="held"):
    return Suppression.objects.create(
        shop=customer.shop, channel="email", address_hmac=customer.email_hmac, cause=cause
    )


def test_offers_wait_for_the_reading_of_a_reply_and_reminders_go():
    shop = ShopFactory()
    held, other = CustomerFactory.create_batch(2, shop=shop)
    hold(held)
    hold(CustomerFactory(email=other.email))  # of another shop

    assert frozen(shop) == {held.pk: "held_for_review", other.pk: ""}
    assert frozen(shop, kind="transactional") == {held.pk: "", other.pk: ""}


def test_held_is_the_reason_only_where_nothing_worse_is():
    somebody = CustomerFactory()
    hold(somebody)
    hold(somebody, cause="complained")

    assert frozen(somebody.shop) == {somebody.pk: "suppressed"}
    assert frozen(somebody.shop, kind="transactional") == {somebody.pk: "suppressed"}


def test_gate_blocks_what_is_held_since_the_freeze():
    dispatch = DispatchFactory(starts_at=NOW)
    held, other = waiting(dispatch, 2)
    hold(held.customer)

    assert len(begun(dispatch)) == 1

    held.refresh_from_db()
    assert (state_of(held), held.reason) == ("blocked", "held_for_review")
    assert state_of(other) == "sending"
