"""What must stand in the database before what: the order that no crash and no pause can break."""

import datetime as dt
import threading

import pytest
from django.db import OperationalError, connection, connections
from django.utils import timezone

from barbershop.tests.browser import database_in_a_file
from communications import compliance, delivery, outbox
from communications.channels import CHANNELS, Answer, DeliveryError, Failure
from communications.delivery import claim, gate, leave, record
from communications.delivery.inflight import STALLED
from communications.models import DeliveryAttempt, Dispatch
from communications.tests.factories import DispatchFactory
from communications.tests.waiting import state_of, waiting

pytestmark = pytest.mark.django_db(transaction=True)

on_postgresql = pytest.mark.skipif(
    connection.vendor == "sqlite", reason="SQLite has one writer and no row locks"
)


@pytest.fixture
def dispatch(tmp_path):
    with database_in_a_file(tmp_path):
        yield DispatchFactory(starts_at=timezone.now())


def in_another_connection(work, *, timeout: float = 10) -> list:
    """What ``work`` returned, or the error it met, once it had its own connection."""
    found = []

    def run():
        try:
            found.append(work())
        except OperationalError as error:
            found.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(timeout)
    return found


@pytest.mark.parametrize("channel", ["email", "sms"])
def test_call_begins_when_everybody_can_see_that_it_has_begun(dispatch, monkeypatch, channel):
    waiting(dispatch, channel=channel)
    seen = []

    class Watching:
        def send(self, call):
            try:
                seen.extend(DeliveryAttempt.objects.values_list("state", flat=True))
            finally:
                connections.close_all()  # of the thread in which calls are made
            return Answer(status=202, provider_id="m-1")

    monkeypatch.setitem(CHANNELS, channel, Watching())
    delivery.send_due()

    assert seen == ["sending"]


def test_call_is_begun_once_however_often_the_gate_is_asked(dispatch):
    waiting(dispatch)
    now = timezone.now()
    (attempt,) = claim.claim(dispatch=dispatch, channel="email", now=now)

    assert len(gate.begin([attempt], now=now)) == 1
    assert gate.begin([attempt], now=now) == []


def test_call_that_begins_while_its_lease_is_swept_is_left_alone(dispatch, monkeypatch):
    """The sweep has read the call as claimed; before it holds the row, the gate commits."""
    (email,) = waiting(dispatch)
    now = timezone.now()
    (attempt,) = claim.claim(dispatch=dispatch, channel="email", now=now)
    release_all = leave.release_all

    def after_the_gate(attempts, **kwargs):
        assert len(gate.begin([attempt], now=now)) == 1
        return release_all(attempts, **kwargs)

    monkeypatch.setattr(leave, "release_all", after_the_gate)

    assert delivery.sweep(now=now + dt.timedelta(minutes=1)) == 1  # it has no answer either
    assert state_of(email) == "unknown"


def test_gate_begins_nothing_before_its_time(dispatch):
    """The undo window may be lengthened, or the claim be early: the gate has the last word."""
    (email,) = waiting(dispatch)
    now = timezone.now()
    (attempt,) = claim.claim(dispatch=dispatch, channel="email", now=now)
    Dispatch.objects.update(starts_at=now + dt.timedelta(seconds=1))

    assert gate.begin([attempt], now=now) == []
    assert state_of(email) == "pending"


@on_postgresql
def test_pause_waits_for_a_gate_that_has_looked_and_not_yet_committed(dispatch, monkeypatch):
    """Else it could answer "paused", and the call would begin after that."""
    (email,) = waiting(dispatch)
    (attempt,) = claim.claim(dispatch=dispatch, channel="email", now=timezone.now())
    refusals = compliance.refusals
    answered = []

    def pause():
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '300ms'")
        return outbox.pause(dispatch)

    def asked_while_somebody_pauses(*args, **kwargs):
        answered.extend(in_another_connection(pause))
        return refusals(*args, **kwargs)

    monkeypatch.setattr(compliance, "refusals", asked_while_somebody_pauses)

    assert len(gate.begin([attempt], now=timezone.now())) == 1
    assert [type(answer) for answer in answered] == [OperationalError]
    assert Dispatch.objects.get(pk=dispatch.pk).state == "running"
    assert state_of(email) == "sending"


@on_postgresql
def test_gates_do_not_wait_for_each_other(dispatch, monkeypatch):
    waiting(dispatch, 2, channel="sms")
    first, second = claim.claim(dispatch=dispatch, channel="sms", now=timezone.now())
    refusals = compliance.refusals
    beside = []

    def another_gate():
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '300ms'")
        return [attempt.pk for attempt, _ in gate.begin([second], now=timezone.now())]

    def asked_while_another_begins(*args, **kwargs):
        monkeypatch.setattr(compliance, "refusals", refusals)
        beside.extend(in_another_connection(another_gate))
        return refusals(*args, **kwargs)

    monkeypatch.setattr(compliance, "refusals", asked_while_another_begins)

    assert [attempt.pk for attempt, _ in gate.begin([first], now=timezone.now())] == [first.pk]
    assert beside == [[second.pk]]


@on_postgresql
def test_message_that_one_worker_is_claiming_is_passed_over_by_another(dispatch, monkeypatch):
    waiting(dispatch, 2)
    enter = claim._enter
    beside = []

    def claim_again():
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '300ms'")
        return claim.claim(dispatch=dispatch, channel="email", now=timezone.now())

    def enter_while_another_claims(*args, **kwargs):
        monkeypatch.setattr(claim, "_enter", enter)
        beside.extend(in_another_connection(claim_again))
        return enter(*args, **kwargs)

    monkeypatch.setattr(claim, "_enter", enter_while_another_claims)
    (attempt,) = claim.claim(dispatch=dispatch, channel="email", now=timezone.now())

    assert beside == [[]]
    assert attempt.communications.count() == 2


def test_call_that_was_never_begun_goes_out_although_its_run_was_finished_meanwhile(
    dispatch, providers
):
    (email,) = waiting(dispatch)
    now = timezone.now()
    (attempt,) = claim.claim(dispatch=dispatch, channel="email", now=now)
    gate.begin([attempt], now=now)
    delivery.sweep(now=now + gate.CALL_TIME)
    assert Dispatch.objects.get(pk=dispatch.pk).state == "done"

    stalled = DeliveryError("stood still", failure=Failure.NOT_SENT, code=STALLED)
    record.failed(attempt, stalled, now=now + gate.CALL_TIME)
    delivery.send_due(now=now + dt.timedelta(minutes=11))

    assert state_of(email) == "accepted"
