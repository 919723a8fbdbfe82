"""What a call comes to when the provider, the network or the worker fails."""

import datetime as dt

import pytest
from django.utils import timezone

from barbershop.tests.factories import ShopFactory
from communications import delivery
from communications.channels import Answer
from communications.delivery import claim, gate, record
from communications.models import Dispatch, Incident
from communications.tests.factories import CommunicationFactory, DispatchFactory
from communications.tests.waiting import state_of, waiting
from customers.tests.consents import opt_in
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def dispatch():
    return DispatchFactory(shop=ShopFactory(name="Main Street"), starts_at=timezone.now())


def test_an_ambiguous_answer_is_unknown_and_never_sent_again(dispatch, providers):
    (email,) = waiting(dispatch)
    providers.set_fault("500_after")

    delivery.send_due()
    providers.clear_faults()
    delivery.sweep(now=timezone.now() + dt.timedelta(hours=1))
    delivery.send_due(now=timezone.now() + dt.timedelta(hours=1))

    assert state_of(email) == "unknown"
    assert len(providers.accepted()) == 1


def test_a_provider_that_cannot_be_reached_is_tried_again_later(dispatch, settings, providers):
    reachable = settings.SENDGRID_API_URL
    settings.SENDGRID_API_URL = "http://127.0.0.1:9/v3/"
    (email,) = waiting(dispatch)

    delivery.send_due()
    assert state_of(email) == "pending"

    settings.SENDGRID_API_URL = reachable
    assert delivery.send_due(now=timezone.now() + dt.timedelta(minutes=1)) == 1
    assert state_of(email) == "accepted"


def test_refused_credentials_reject_nobody_and_pause(dispatch, providers):
    (email,) = waiting(dispatch)
    providers.set_fault("401")

    delivery.send_due()

    dispatch.refresh_from_db()
    assert state_of(email) == "pending"
    assert dispatch.state == Dispatch.State.PAUSED
    assert "credentials" in dispatch.paused_reason
    assert Incident.objects.get().kind == Incident.Kind.PROVIDER_REFUSED_US


@pytest.mark.parametrize("bad", ["sam+invalid@example.test", "sam+poison@example.test"])
def test_one_bad_address_named_or_not_holds_back_nobody_else(dispatch, providers, bad):
    good = waiting(dispatch, 8)
    poison = CommunicationFactory(
        dispatch=dispatch,
        content=good[0].content,
        customer=CustomerFactory(shop=dispatch.shop, email=bad),
    )

    delivery.send_due()

    assert [state_of(email) for email in good] == ["accepted"] * 8
    poison.refresh_from_db()
    assert poison.send_state == "rejected"
    assert poison.reason
    assert sorted(line["to"] for line in providers.accepted()) == sorted(
        email.address for email in good
    )


def test_a_refused_number_is_rejected_with_the_providers_code(dispatch, providers):
    good = waiting(dispatch, channel="sms")[0]
    magic = CustomerFactory(shop=dispatch.shop, phone="+15005550001")
    opt_in(magic, "sms")
    bad = CommunicationFactory(
        dispatch=dispatch, content=good.content, customer=magic, channel="sms"
    )

    delivery.send_due()

    bad.refresh_from_db()
    assert (bad.send_state, bad.reason) == ("rejected", "21211")
    assert state_of(good) == "accepted"


def test_a_worker_that_died_before_the_call_loses_nobody(dispatch, providers):
    (email,) = waiting(dispatch)
    now = timezone.now()
    claim.claim(dispatch=dispatch, channel="email", now=now)
    assert delivery.send_due() == 0

    delivery.sweep(now=now + claim.LEASE)
    delivery.send_due()

    assert state_of(email) == "accepted"
    assert len(providers.accepted()) == 1


def test_a_worker_that_died_during_the_call_leaves_it_unknown(dispatch, providers):
    (email,) = waiting(dispatch)
    now = timezone.now()
    (attempt,) = claim.claim(dispatch=dispatch, channel="email", now=now)
    gate.begin([attempt], now=now)

    delivery.sweep(now=now + gate.CALL_TIME)
    delivery.send_due()

    assert state_of(email) == "unknown"
    assert providers.accepted() == []


def test_a_lease_that_was_swept_is_not_sent_by_its_old_owner(dispatch, providers):
    (email,) = waiting(dispatch)
    now = timezone.now()
    (attempt,) = claim.claim(dispatch=dispatch, channel="email", now=now)
    delivery.sweep(now=now + claim.LEASE)

    assert gate.begin([attempt], now=now + claim.LEASE) == []
    assert state_of(email) == "pending"


def test_an_answer_after_the_sweep_is_still_written_down(dispatch, providers):
    (email,) = waiting(dispatch)
    now = timezone.now()
    (attempt,) = claim.claim(dispatch=dispatch, channel="email", now=now)
    gate.begin([attempt], now=now)
    delivery.sweep(now=now + gate.CALL_TIME)

    record.accepted(attempt, Answer(status=202, provider_id="m-1"), now=now)

    assert state_of(email) == "accepted"
