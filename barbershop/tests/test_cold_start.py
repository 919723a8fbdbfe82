"""Everything is killed while it sends, its broker with it, and started cold."""

import secrets
from collections import Counter

import pytest

from barbershop.tests.environment import services_are_up
from barbershop.tests.test_chaos import plan
from benchmarks.chaos import cold
from benchmarks.chaos.house import SQLITE, House, Plan
from benchmarks.chaos.shop import Shop

pytestmark = pytest.mark.processes
PEOPLE = 400
SLOW = {"slow": 0.8}  # so that there is something left to send


def embedded_or_at_scale() -> Plan:
    """Celery in both cases: over Redis, or over files as in the embedded default."""
    if services_are_up():
        return plan(faults=SLOW)
    return Plan(database=SQLITE, senders=1, faults=SLOW)


def test_product_that_was_killed_as_a_whole_sends_again_within_ninety_seconds():
    with House(embedded_or_at_scale()) as house:
        shop = Shop(house, [PEOPLE], kinds=[("sms",)], text_share=1.0)
        shop.open()

        found = cold.cold_start(house, shop, seed=secrets.randbits(32), latest=3)

        calls = Counter(arrival.communication for arrival in house.provider.arrivals)

    assert 0 < found.calls_before < PEOPLE, found
    assert found.seconds <= cold.PROMISED_SECONDS
    assert max(calls.values()) == 1
