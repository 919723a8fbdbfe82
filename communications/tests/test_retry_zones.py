"""A text that nobody knew the hours for is sent once somebody says where its reader lives."""

import datetime as dt

import pytest

from barbershop.tests.factories import ShopFactory
from communications import delivery
from communications.delivery import retry
from communications.models import CustomerCommunication, Dispatch
from communications.tests.factories import CommunicationFactory, DispatchFactory
from communications.tests.waiting import state_of, waiting
from customers.models import Customer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.quiet_hours]

NOON = dt.datetime(2026, 11, 18, 17, tzinfo=dt.UTC)  # a Wednesday, in New York
TOLL_FREE = "+18005550123"  # says nothing about where its reader is


@pytest.fixture
def dispatch():
    return DispatchFactory(shop=ShopFactory(), starts_at=NOON)


def test_text_is_released_when_the_zone_is_mended_and_blocked_again_when_not(dispatch, providers):
    mended, left = (
        waiting(dispatch, channel="sms", phone=f"{TOLL_FREE[:-1]}{last}")[0] for last in "45"
    )
    delivery.send_due(now=NOON)
    rows = CustomerCommunication.objects.order_by("pk")
    blocked = [("blocked", "unknown_zone")]
    assert list(rows.values_list("send_state", "reason")) == blocked * 2
    Customer.objects.filter(pk=mended.customer_id).update(timezone="America/New_York")

    assert retry.retry_failed(dispatch, by=None, now=NOON) == 2
    assert Dispatch.objects.get(pk=dispatch.pk).state == "running"
    delivery.send_due(now=NOON)

    assert state_of(mended) == "accepted"
    left.refresh_from_db()
    assert [(left.send_state, left.reason)] == blocked
    assert [line["to"] for line in providers.accepted()] == [mended.address]


def test_released_text_waits_for_the_hours_of_the_zone_that_was_given(dispatch, providers):
    """The zone is the customer's word; when it is night there, the gate holds the text."""
    (text,) = waiting(dispatch, channel="sms", phone=TOLL_FREE)
    delivery.send_due(now=NOON)
    Customer.objects.update(timezone="Asia/Tokyo")

    retry.retry_failed(dispatch, by=None, now=NOON)
    delivery.send_due(now=NOON)

    text.refresh_from_db()
    # 9:00 there is midnight UTC.
    assert (text.send_state, text.not_before) == (
        "pending",
        dt.datetime(2026, 11, 19, tzinfo=dt.UTC),
    )
    assert providers.accepted() == []


def test_frozen_refusal_for_an_unknown_zone_is_released_for_one_of_a_family(dispatch):
    """At the freeze both were blocked for their zone, so none of them had taken the address."""
    (first,) = waiting(dispatch, channel="sms", phone=TOLL_FREE)
    CustomerCommunication.objects.update(send_state="blocked", reason="unknown_zone")
    second = CommunicationFactory(
        dispatch=dispatch,
        content=first.content,
        channel="sms",
        address=first.address,
        send_state="blocked",
        reason="unknown_zone",
    )

    assert retry.retry_failed(dispatch, by=None, now=NOON) == 1

    assert (state_of(first), state_of(second)) == ("pending", "blocked")
    assert retry.retry_failed(dispatch, by=None, now=NOON) == 0
