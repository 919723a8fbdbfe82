"""Everything is killed in the middle of sending and started cold; when does it send again?"""

import random
import time
from dataclasses import dataclass

from benchmarks.chaos.house import House, eventually
from benchmarks.chaos.shop import Shop

PROMISED_SECONDS = 90
FIRST_CALL_SECONDS = 120


@dataclass(frozen=True)
class ColdStart:
    """``seconds`` from the start of the first process until the next call at the provider."""

    after: float
    calls_before: int
    seconds: float


def cold_start(house: House, shop: Shop, *, seed: int, latest: float) -> ColdStart:
    """Kill web, senders, beat and Redis at a random second of sending, then start them all.

    Args:
        latest: seconds of sending after which they are killed, at most.
    """
    after = random.Random(seed).uniform(0.2, latest)
    shop.start(shop.campaigns[0])
    house.start_senders()
    calls = house.provider.arrivals
    eventually(lambda: calls, seconds=FIRST_CALL_SECONDS, what="The first call", every=0.01)
    time.sleep(after)
    house.tree.end()
    if house.redis:
        house.redis.stop()
    before = len(calls)
    began = time.monotonic()
    if house.redis:
        house.redis.start()
    house.start_senders()
    house.start_web()
    eventually(
        lambda: len(calls) > before,
        seconds=2 * PROMISED_SECONDS,
        what="The next call after a cold start",
        every=0.01,
    )
    return ColdStart(after, before, time.monotonic() - began)
