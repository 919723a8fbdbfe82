"""Leases and deadlines hold by the database's clock, whatever a worker's own says."""

import datetime as dt

import pytest
from django.db import connection
from django.utils import timezone

from communications import delivery
from communications.channels import DeliveryError, Failure
from communications.delivery import claim, clock, gate, loop, record
from communications.delivery.inflight import STALLED
from communications.models import AttemptDeparture, DeliveryAttempt
from communications.tests.factories import DispatchFactory
from communications.tests.waiting import state_of, waiting

pytestmark = pytest.mark.django_db(transaction=True)

MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def dispatch():
    return DispatchFactory(starts_at=timezone.now() - MINUTE)


def claimed_a_minute_ago(dispatch):
    (attempt,) = claim.claim(dispatch=dispatch, channel="email", now=timezone.now() - MINUTE)
    return attempt


def test_worker_that_stood_still_past_its_lease_sends_nothing(dispatch, providers):
    (email,) = waiting(dispatch)
    attempt = claimed_a_minute_ago(dispatch)

    assert gate.begin([attempt]) == []

    assert state_of(email) == "claimed"
    delivery.sweep()
    assert state_of(email) == "pending"


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has no clock but the worker's")
def test_worker_whose_clock_is_behind_finds_its_lease_lost(dispatch, providers, monkeypatch):
    waiting(dispatch)
    attempt = claimed_a_minute_ago(dispatch)
    behind = timezone.now() - MINUTE
    monkeypatch.setattr(timezone, "now", lambda: behind)

    assert gate.begin([attempt], now=behind) != []  # by its own clock the lease would hold
    DeliveryAttempt.objects.update(state="claimed", sending_at=None, call_deadline=None)
    assert gate.begin([attempt]) == []


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has no clock but the worker's")
def test_times_in_the_ledger_are_the_databases(dispatch, providers, monkeypatch):
    waiting(dispatch)
    wrong = timezone.now() + dt.timedelta(days=3)
    monkeypatch.setattr(timezone, "now", lambda: wrong)

    delivery.send_due()

    attempt = DeliveryAttempt.objects.get()
    assert attempt.state == "accepted"
    assert attempt.claimed_at < attempt.sending_at < attempt.answered_at < clock.database_now()


def test_call_is_not_begun_by_a_worker_that_stood_still_after_the_gate(
    dispatch, providers, monkeypatch
):
    (email,) = waiting(dispatch)
    # The moment by which a call must have begun has passed.
    monkeypatch.setattr(loop, "DEADLINE", gate.CALL_TIME.total_seconds() + 1)

    delivery.send_due(now=timezone.now())

    assert state_of(email) == "pending"
    assert providers.accepted() == []
    assert AttemptDeparture.objects.get().reason.startswith("stalled")


def test_call_that_was_never_begun_is_pending_although_it_was_swept(dispatch, providers):
    (email,) = waiting(dispatch)
    now = timezone.now()
    (attempt,) = claim.claim(dispatch=dispatch, channel="email", now=now)
    gate.begin([attempt], now=now)
    delivery.sweep(now=now + gate.CALL_TIME)
    assert state_of(email) == "unknown"

    stalled = DeliveryError("stood still", failure=Failure.NOT_SENT, code=STALLED)
    record.failed(attempt, stalled, now=now + gate.CALL_TIME)

    assert state_of(email) == "pending"
