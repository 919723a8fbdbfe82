"""A person sends again what did not end well, and nothing else."""

import pytest
from django.utils import timezone

from barbershop.models import AuditEntry
from barbershop.tests.factories import ShopFactory, UserFactory
from communications import delivery
from communications.delivery import resolve, retry
from communications.models import (
    CustomerCommunication,
    DeliveryAttempt,
    Dispatch,
    Incident,
    ProviderEvent,
    Suppression,
)
from communications.tests.factories import CommunicationFactory, DispatchFactory
from communications.tests.reports import in_call
from communications.tests.unresolved import HOUR, departures, send_and_lose
from communications.tests.waiting import state_of, waiting
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def dispatch():
    return DispatchFactory(shop=ShopFactory(name="Main Street"), starts_at=timezone.now())


def call_of(message) -> DeliveryAttempt:
    return CustomerCommunication.objects.get(pk=message.pk).attempt


@pytest.mark.parametrize("hours", [0, 99])
def test_freed_call_is_sent_again_whether_unknown_or_not_sent(dispatch, providers, hours):
    emails = waiting(dispatch, 3)
    since = send_and_lose(providers, "500_before")
    resolve.resolve_unknown(now=since + hours * HOUR)
    call = call_of(emails[0])
    person = UserFactory()

    assert retry.free(call, by=person) == 3
    assert retry.free(call, by=person) == 0

    assert Dispatch.objects.get().state == Dispatch.State.RUNNING
    entry = AuditEntry.objects.get(action="call.free")
    assert (entry.actor, entry.object_id) == (person, str(call.pk))
    delivery.send_due()
    assert [state_of(email) for email in emails] == ["accepted"] * 3
    assert departures(emails[0]) == ["freed"]
    call.refresh_from_db()
    assert call.state == "released"
    assert not Incident.objects.filter(resolved_at=None).exists()


@pytest.mark.parametrize("state", ["claimed", "sending", "accepted", "released"])
def test_call_with_an_outcome_or_on_the_wire_is_not_freed(state):
    message = in_call(state=state)
    Dispatch.objects.update(state="done")

    assert retry.free(message.attempt, by=None) == 0

    assert state_of(message) == state
    assert Dispatch.objects.get().state == "done"
    assert AuditEntry.objects.count() == 0


def test_call_that_a_waiting_report_proves_is_not_freed():
    message = in_call(state="unknown")
    ProviderEvent.objects.create(
        provider="sendgrid",
        event_key="one",
        kind="queued",
        communication_uuid=message.uuid,
        attempt_uuid=message.attempt.uuid,
        payload={},
    )

    assert retry.free(message.attempt, by=None) == 0
    assert state_of(message) == "unknown"


def test_freed_call_of_a_cancelled_run_is_cancelled():
    message = in_call(state="not_sent")
    Dispatch.objects.update(state="cancelled")

    assert retry.free(message.attempt, by=None) == 1

    assert (state_of(message), departures(message)) == ("cancelled", ["cancelled"])
    assert Dispatch.objects.get().state == "cancelled"


def test_freed_call_of_a_paused_run_waits_until_it_goes_on():
    message = in_call(state="unknown", dispatch__state="paused")

    retry.free(message.attempt, by=None)

    assert state_of(message) == "pending"
    assert Dispatch.objects.get().state == "paused"


def test_failed_messages_are_tried_again_and_no_others(dispatch, providers):
    good, broken = waiting(dispatch, 2)
    bad = CommunicationFactory(
        dispatch=dispatch,
        content=good.content,
        customer=CustomerFactory(shop=dispatch.shop, email="sam+invalid@example.test"),
    )
    blocked = CommunicationFactory(
        dispatch=dispatch, content=good.content, send_state="blocked", reason="suppressed"
    )
    intruder = CommunicationFactory(send_state="rejected", reason="400")
    delivery.send_due()
    CustomerCommunication.objects.filter(pk=broken.pk).update(
        send_state="blocked", reason="render_error", attempt=None
    )
    unknown = in_call(state="unknown", dispatch=dispatch, content=good.content)
    not_sent = in_call(state="not_sent", dispatch=dispatch, content=good.content)
    Dispatch.objects.filter(pk=dispatch.pk).update(state="done")
    CustomerCommunication.objects.filter(pk=bad.pk).update(address="sam@example.test")

    assert retry.retry_failed(dispatch, by=None) == 3

    waiting_now = CustomerCommunication.objects.filter(send_state="pending")
    assert set(waiting_now) == {bad, broken, not_sent}
    assert [state_of(m) for m in (good, blocked, unknown, intruder)] == [
        "accepted",
        "blocked",
        "unknown",
        "rejected",
    ]
    assert "rejected" in departures(bad)
    delivery.send_due()
    assert [state_of(m) for m in (bad, broken, not_sent)] == ["accepted"] * 3
    assert sum(line["to"] == good.address for line in providers.accepted()) == 1


def test_failed_message_to_somebody_who_opted_out_meanwhile_is_blocked(dispatch, providers):
    (email,) = waiting(dispatch)
    CustomerCommunication.objects.update(send_state="rejected", reason="400")
    Suppression.objects.create(
        shop=dispatch.shop, channel="email", address_hmac=email.address_hmac, cause="unsubscribed"
    )

    assert retry.retry_failed(dispatch, by=None) == 1
    delivery.send_due()

    email.refresh_from_db()
    assert (email.send_state, email.reason) == ("blocked", "suppressed")
    assert providers.accepted() == []


def test_failed_message_whose_address_another_took_stays_as_it_is(dispatch):
    (email,) = waiting(dispatch)
    CustomerCommunication.objects.update(send_state="blocked", reason="render_error")
    CommunicationFactory(dispatch=dispatch, content=email.content, address=email.address)

    assert retry.retry_failed(dispatch, by=None) == 0
    assert state_of(email) == "blocked"


@pytest.mark.parametrize("state", ["cancelled", "done"])
def test_run_without_anything_to_retry_stays_as_it_is(dispatch, state):
    (email,) = waiting(dispatch)
    kept = {"cancelled": ("rejected", "400"), "done": ("blocked", "suppressed")}[state]
    CustomerCommunication.objects.update(send_state=kept[0], reason=kept[1])
    Dispatch.objects.update(state=state)

    assert retry.retry_failed(dispatch, by=None) == 0

    assert Dispatch.objects.get().state == state
    assert state_of(email) == kept[0]
