"""A sender is killed at each point of a call's life; the others go on without a person."""

import datetime as dt

import pytest

from barbershop.tests.test_chaos import plan
from benchmarks.chaos import books, recovery
from benchmarks.chaos.calm import Calm
from benchmarks.chaos.house import House

pytestmark = pytest.mark.processes


def ledger(house: House, shop) -> dict[tuple[str, str], list[dict]]:
    """The rows of each case's campaign."""
    rows = [recovery.rows_of(house, campaign) for campaign in shop.campaigns]
    return dict(zip(recovery.cases(), rows, strict=True))


def states(house: House, shop) -> dict[tuple[str, str], set[tuple[str, int]]]:
    """The states in each case's campaign, with how often it was tried."""
    return {
        case: {(row["state"], row["attempts"]) for row in rows}
        for case, rows in ledger(house, shop).items()
    }


def test_every_call_of_a_killed_sender_is_settled_without_a_person_and_nothing_goes_out_twice():
    with House(plan(story_seconds=0.2)) as house:
        shop = recovery.shop_for(house)
        shop.open()
        for (point, _), campaign in zip(recovery.cases(), shop.campaigns, strict=True):
            recovery.crash(shop, campaign, point)
        died = dt.datetime.now(dt.UTC)
        called = {arrival.communication for arrival in house.provider.arrivals}
        crashed = ledger(house, shop)
        assert house.provider.settle(timeout=60)

        for seconds in (30, 60, recovery.PROMISED_SECONDS):
            house.forks.run("tick", "--now", (died + dt.timedelta(seconds=seconds)).isoformat())
        soon = states(house, shop)
        calm = Calm(house, shop)
        calm.settle_by_clock()
        minutes = calm.look_up()
        later = states(house, shop)
        found = books.read(house, shop)

    for (point, channel), rows in crashed.items():
        reached = called & {row["communication"] for row in rows}
        assert bool(reached) == (point in recovery.AT_THE_PROVIDER), (point, channel)
    # A call that was committed as begun and never made looks like one whose answer was lost.
    after_the_crash = {
        "claimed": {("accepted", 2)},
        "sending": {("unknown", 1)},
        "written": {("accepted", 1)},
        "answered": {("accepted", 1)},
        "recorded": {("accepted", 1)},
    }
    assert soon == {(point, channel): after_the_crash[point] for point, channel in soon}
    # A text's absence can be proven: it goes out after all. An email's cannot.
    assert later == soon | {("sending", "sms"): {("accepted", 2)}}
    assert 15 <= minutes <= 60
    assert {name: ids for name, ids in found.promises.items() if ids} == {}
