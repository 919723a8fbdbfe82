"""The state machine of a call: no step outside the table, and one winner for every step."""

import itertools
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.utils import timezone

from communications.delivery import transitions
from communications.models import DeliveryAttempt
from communications.tests.factories import DispatchFactory

pytestmark = pytest.mark.django_db

STATES = ("claimed", "sending", "accepted", "released", "unknown", "not_sent")
# Written down a second time on purpose: whoever widens the machine must say so here as well.
TABLE = {
    ("claimed", "sending"),
    ("claimed", "released"),
    ("sending", "accepted"),
    ("sending", "released"),
    ("sending", "unknown"),
    ("unknown", "accepted"),
    ("unknown", "released"),
    ("unknown", "not_sent"),
    ("not_sent", "accepted"),
    ("not_sent", "released"),
    ("released", "accepted"),
}
OTHERS = sorted(set(itertools.product(STATES, STATES)) - TABLE)


def call(state: str, *, dispatch=None) -> DeliveryAttempt:
    dispatch = dispatch or DispatchFactory()
    now = timezone.now()
    begun = {} if state == "claimed" else {"sending_at": now, "call_deadline": now}
    return DeliveryAttempt.objects.create(
        shop=dispatch.shop,
        dispatch=dispatch,
        channel="email",
        state=state,
        claimed_at=now,
        lease_until=now,
        **begun,
    )


def this(attempt: DeliveryAttempt):
    return DeliveryAttempt.objects.filter(pk=attempt.pk)


def state_of(attempt: DeliveryAttempt) -> str:
    return this(attempt).values_list("state", flat=True).get()


def begun(to: str) -> dict:
    """What the gate writes with its step."""
    now = timezone.now()
    return {"sending_at": now, "call_deadline": now} if to == "sending" else {}


def test_states_of_this_table_are_all_there_are():
    assert set(DeliveryAttempt.State.values) == set(STATES)


@pytest.mark.parametrize(("before", "after"), sorted(TABLE))
def test_step_of_the_table_is_made(before, after):
    attempt = call(before)

    moved = transitions.move(
        this(attempt), to=after, from_=[before], now=timezone.now(), **begun(after)
    )

    assert moved == [attempt.pk]
    assert state_of(attempt) == after


@pytest.mark.parametrize(("before", "after"), OTHERS)
def test_step_outside_the_table_is_refused_and_changes_nothing(before, after):
    attempt = call(before)

    with pytest.raises(transitions.NotAllowed):
        transitions.move(this(attempt), to=after, from_=[before], now=timezone.now())

    assert state_of(attempt) == before


def test_step_is_refused_when_one_of_its_beginnings_is_not_allowed():
    attempt = call("sending")

    with pytest.raises(transitions.NotAllowed):
        transitions.move(
            this(attempt), to="accepted", from_=["sending", "claimed"], now=timezone.now()
        )

    assert state_of(attempt) == "sending"


def test_only_calls_in_a_named_state_move_and_are_returned():
    dispatch = DispatchFactory()
    first, other, second, intruder = (
        call(state, dispatch=dispatch) for state in ("sending", "accepted", "unknown", "sending")
    )
    mine = DeliveryAttempt.objects.filter(pk__in=[first.pk, other.pk, second.pk])

    moved = transitions.move(mine, to="accepted", from_=["sending", "unknown"], now=timezone.now())

    assert moved == [first.pk, second.pk]
    assert [state_of(a) for a in (first, other, second)] == ["accepted"] * 3
    assert state_of(intruder) == "sending"


def test_step_made_twice_is_made_once():
    attempt = call("sending")
    first, again = (
        transitions.move(
            this(attempt), to="unknown", from_=["sending"], now=timezone.now(), error=error
        )
        for error in ("no answer", "later")
    )

    assert (first, again) == ([attempt.pk], [])
    assert this(attempt).get().error == "no answer"


def test_answer_is_dated_and_a_beginning_is_not():
    asked, answered = call("claimed"), call("sending")
    now = timezone.now()

    transitions.move(this(asked), to="sending", from_=["claimed"], now=now, **begun("sending"))
    transitions.move(this(answered), to="accepted", from_=["sending"], now=now, http_status=202)

    assert this(asked).get().answered_at is None
    assert this(answered).get().answered_at == now
    assert this(answered).get().http_status == 202


def test_nothing_to_move_is_no_fault():
    assert (
        transitions.move(
            DeliveryAttempt.objects.none(), to="unknown", from_=["sending"], now=timezone.now()
        )
        == []
    )


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer and no row locks")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("steps", [("accepted", "unknown"), ("released",), ("unknown",)])
def test_of_many_movers_at_once_one_wins_each_call(steps):
    """Eight hands on the same ten calls: every call is moved once, by one of them."""
    dispatch = DispatchFactory()
    calls = DeliveryAttempt.objects.filter(
        pk__in=[call("sending", dispatch=dispatch).pk for _ in range(10)]
    )
    hands = 8
    start = threading.Barrier(hands)

    def move(to: str) -> tuple[str, list[int]]:
        try:
            start.wait(timeout=30)
            return to, transitions.move(calls, to=to, from_=["sending"], now=timezone.now())
        finally:
            connection.close()

    with ThreadPoolExecutor(hands) as pool:
        won = list(pool.map(move, itertools.islice(itertools.cycle(steps), hands)))

    assert sorted(pk for _, ids in won for pk in ids) == sorted(calls.values_list("pk", flat=True))
    for to, ids in won:
        assert set(DeliveryAttempt.objects.filter(pk__in=ids).values_list("state", flat=True)) <= {
            to
        }
