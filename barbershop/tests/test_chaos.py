"""A short storm over the whole product, and the comparison that judges it.

``make chaos`` is the long one: 20,000 people, more kills, stalls and outages, in real time.
"""

import os

import pytest

from barbershop.tests import migrated
from barbershop.tests.environment import services_are_up
from benchmarks.chaos import books
from benchmarks.chaos.calm import Calm
from benchmarks.chaos.house import POSTGRESQL, SQLITE, House, Plan
from benchmarks.chaos.provider import Arrival
from benchmarks.chaos.shop import Pause, Shop
from benchmarks.chaos.storm import Force, Storm

FAULTS = {
    "500_after": 0.06,
    "500_before": 0.06,
    "drop_after_accept": 0.06,
    "429": 0.06,
    "slow": 0.3,
    "400_index": 0.03,
    "400_plain": 0.03,
    "413": 0.02,
    "events_duplicated": 0.2,
    "events_shuffled": 0.2,
    "events_early": 0.1,
    "events_none": 0.3,  # these are found in the list of the provider, or not at all
}
NOON = "2026-11-03T12:00:00+00:00"
BEFORE, AFTER = 1_793_707_000.0, 1_793_708_000.0  # Unix times around it


def plan(**choices) -> Plan:
    """A house like the suite's own: SQLite without services, or PostgreSQL and Redis."""
    if services_are_up():
        url = os.environ["DATABASE_URL"]
        return Plan(
            database=POSTGRESQL, senders=2, server_url=url, migrated=migrated.source(), **choices
        )
    return Plan(database=SQLITE, senders=0, migrated=migrated.source(), **choices)


@pytest.mark.processes
def test_short_storm_doubles_nobody_and_loses_nobody():
    force = Force(
        kills=4, stalls=0, pauses=2, cancels=1, redis=2, postgres=0, calmest=0.3, strike_seconds=6
    )
    said: list[str] = []
    with House(plan(faults=FAULTS, story_seconds=2, slow_seconds=0.5)) as house:
        shop = Shop(house, [40] * 6, text_share=0.3)
        shop.open()
        house.start_senders()
        storm = Storm(house, shop, force, seed=7, say=said.append)
        storm.blow()
        house.provider.clear_faults()  # what begins by a clock moved on shall not be disturbed
        calm = Calm(house, shop, say=said.append)
        calm.settle_by_clock()
        calm.look_up()
        found = books.read(house, shop, storm.pauses)
        requests = len(house.provider.arrivals)

    assert {name: ids for name, ids in found.promises.items() if ids} == {}, said
    assert requests > 50
    assert found.states["accepted"] > 150
    assert sum(number for what, number in storm.done.items() if what.startswith("kill")) == 4


def row(communication: str, state: str, **fields) -> dict:
    return {"communication": communication, "state": state, "sending_at": None, **fields}


def sent(communication: str, to: str = "sam@example.com") -> dict:
    return {"communication": communication, "to": to}


def told(**counts) -> dict:
    """What the API says of a run."""
    known = dict.fromkeys(("sent", "blocked", "rejected", "cancelled", "unknown", "pending"), 0)
    counts = known | counts
    return {**counts, "audience": sum(counts.values())}


def judged(rows: list[dict], record: list[dict], *, people: int | None = None, **more) -> dict:
    """The promises that these books break, of one run."""
    states = [r["state"] for r in rows]
    counts = told(
        sent=states.count("accepted"),
        **{s: states.count(s) for s in ("blocked", "pending")},
        unknown=states.count("unknown") + states.count("not_sent"),
    )
    found = books.compare(
        {1: rows},
        record=record,
        audiences={1: len(rows) if people is None else people},
        counts={1: counts},
        **more,
    )
    assert found.kept == (not any(found.promises.values()))
    return {name: ids for name, ids in found.promises.items() if ids}


def test_books_that_agree_break_no_promise():
    rows = [row("a", "accepted"), row("b", "blocked"), row("c", "unknown")]

    assert judged(rows, [sent("a")]) == {}


@pytest.mark.parametrize(
    ("rows", "record", "broken"),
    [
        ([row("a", "accepted")], [sent("a"), sent("a")], {"duplicate": ["a"]}),
        ([row("a", "accepted")], [sent("a"), sent("a", "kim@example.com")], {"duplicate": ["a"]}),
        ([row("a", "accepted"), row("b", "accepted")], [sent("a")], {"lost": ["b"]}),
        ([row("a", "blocked")], [sent("a")], {"ghost": ["a"]}),
        ([row("a", "not_sent")], [sent("a")], {"ghost": ["a"]}),
        ([row("a", "pending")], [sent("a")], {"ghost": ["a"]}),
        ([row("a", "unknown")], [sent("a")], {"unresolved, but at the provider": ["a"]}),
    ],
)
def test_planted_disagreement_is_found(rows, record, broken):
    assert judged(rows, record) == broken


def test_message_that_no_ledger_knows_is_a_ghost():
    assert judged([row("a", "accepted")], [sent("a"), sent("x")]) == {"ghost": ["x"]}


def test_run_cancelled_before_its_audience_was_written_is_no_broken_promise():
    assert judged([row("a", "blocked")], [], people=2, cut_short={1}) == {}


def test_person_without_a_row_is_found():
    assert list(judged([row("a", "accepted")], [sent("a")], people=2)) == [
        "run whose rows are not its audience"
    ]


@pytest.mark.parametrize(
    ("begun", "sending_at", "late"),
    [
        (frozenset({"call-1"}), None, []),
        (frozenset({"call-2"}), NOON, ["call-1"]),
        (None, "2026-11-03T10:00:00+00:00", []),
        (None, "2026-11-03T14:00:00+00:00", ["call-1"]),
    ],
)
def test_call_that_begins_in_a_pause_is_found(begun, sending_at, late):
    rows = [row("a", "accepted", sending_at=sending_at)]
    pause = Pause(execution=1, confirmed_at=BEFORE, until=AFTER, begun=begun)
    arrival = Arrival(at=(BEFORE + AFTER) / 2, attempt="call-1", communication="a")

    broken = judged(rows, [sent("a")], pauses=[pause], arrivals=[arrival])

    assert broken == ({"call begun after a pause": late} if late else {})


def test_call_outside_of_the_pause_or_of_another_run_is_nobodys_fault():
    rows = [row("a", "accepted", sending_at=NOON)]
    pause = Pause(execution=1, confirmed_at=BEFORE, until=AFTER, begun=frozenset())
    other = Pause(execution=2, confirmed_at=BEFORE, until=AFTER + 10, begun=frozenset())
    arrival = Arrival(at=AFTER + 1, attempt="call-1", communication="a")

    assert judged(rows, [sent("a")], pauses=[pause, other], arrivals=[arrival]) == {}
