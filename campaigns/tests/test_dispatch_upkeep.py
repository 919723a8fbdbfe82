"""``manage.py dispatch --loop`` looks after what dead workers left, as beat does."""

import datetime as dt
import threading

import pytest
from django.core.management import call_command
from django.utils import timezone

from campaigns.management.commands import dispatch
from communications.delivery import claim, gate
from communications.models import DeliveryAttempt
from communications.tests.factories import DispatchFactory
from communications.tests.waiting import state_of, waiting

pytestmark = pytest.mark.django_db(transaction=True)

NOW = timezone.now()


@pytest.fixture
def steps(monkeypatch):
    done = []
    for module, name in ((dispatch.delivery, "sweep"), (dispatch.resolve, "resolve_unknown")):
        monkeypatch.setattr(module, name, lambda name=name, **_: done.append(name))
    monkeypatch.setattr(dispatch.delivery, "send_due", lambda **_: done.append("send"))
    return done


def test_upkeep_is_done_at_the_start_and_then_now_and_again(steps, monkeypatch):
    clock = [1000.0]
    monkeypatch.setattr(dispatch, "monotonic", lambda: clock[0])
    command = dispatch.Command()

    for seconds in (0, 1, dispatch.UPKEEP_EVERY, dispatch.UPKEEP_EVERY + 1):
        clock[0] = 1000.0 + seconds
        command._round(now=NOW, stop=threading.Event(), longest=20)

    whole = ["sweep", "send", "resolve_unknown"]
    assert steps == [*whole, "send", *whole, "send"]


def test_cold_start_takes_up_what_a_dead_worker_had_claimed(providers):
    run = DispatchFactory(starts_at=NOW - dt.timedelta(hours=1))
    (email,) = waiting(run)
    claim.claim(dispatch=run, channel="email", now=NOW - claim.LEASE)

    call_command("dispatch", "--once")

    assert state_of(email) == "accepted"


def test_cold_start_sends_nothing_again_that_may_have_gone(providers):
    run = DispatchFactory(starts_at=NOW - dt.timedelta(hours=1))
    (email,) = waiting(run)
    then = NOW - claim.LEASE
    (attempt,) = claim.claim(dispatch=run, channel="email", now=then)
    gate.begin([attempt], now=then)

    call_command("dispatch", "--once")

    assert state_of(email) == "unknown"
    assert DeliveryAttempt.objects.count() == 1
    assert providers.accepted() == []
