"""A sender dies at each point of a call's life; how long until its messages are settled again."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.chaos.crash import POINTS
from benchmarks.chaos.house import House, aloud
from benchmarks.chaos.shop import CHANNELS, Campaign, Shop

PROMISED_SECONDS = 90
UNSETTLED = frozenset({"pending", "claimed", "sending"})
AT_THE_PROVIDER = frozenset({"written", "answered", "recorded"})
PEOPLE = {"email": 3, "sms": 1}  # one call each


@dataclass(frozen=True)
class Recovered:
    """``seconds`` from the death until every message was accepted or known as unresolved."""

    channel: str
    point: str
    seconds: float
    states: tuple[str, ...]


def shop_for(house: House, *, channels=CHANNELS) -> Shop:
    """A shop with one campaign for each point and channel, in the order of ``cases``."""
    kinds = [(channel,) for _, channel in cases(channels)]
    sizes = [PEOPLE[channel] for (channel,) in kinds]
    return Shop(house, sizes, kinds=kinds, text_share=1.0)


def cases(channels=CHANNELS) -> list[tuple[str, str]]:
    """Points and channels; what takes longest to recover comes last."""
    return [(point, channel) for point in reversed(POINTS) for channel in channels]


def crash(shop: Shop, campaign: Campaign, point: str) -> None:
    """Start the campaign and let its one sender die at the point."""
    shop.start(campaign)
    if not shop.house.forks.crash(point, "dispatch", "--once"):
        raise AssertionError(f"the sender did not come to the point {point!r}")


def rows_of(house: House, campaign: Campaign) -> list[dict]:
    lines = house.forks.run("ledger", "--execution", str(campaign.execution)).splitlines()
    return [json.loads(line) for line in lines]


def measure(house: House, shop: Shop, *, say: Callable[[str], None] = aloud) -> list[Recovered]:
    """All senders die, then the product's own processes are started; in real time."""
    died: dict[int, float] = {}
    for (point, channel), campaign in zip(cases(), shop.campaigns, strict=True):
        crash(shop, campaign, point)
        died[campaign.number] = time.monotonic()
        say(f"  {channel}: died at {point}")
    house.start_senders()
    found: dict[int, Recovered] = {}
    while len(found) < len(died) and time.monotonic() < max(died.values()) + 3 * PROMISED_SECONDS:
        for (point, channel), campaign in zip(cases(), shop.campaigns, strict=True):
            if campaign.number in found:
                continue
            states = tuple(sorted(row["state"] for row in rows_of(house, campaign)))
            if not UNSETTLED & set(states):
                seconds = time.monotonic() - died[campaign.number]
                found[campaign.number] = Recovered(channel, point, seconds, states)
        time.sleep(0.5)
    return [found[number] for number in sorted(found)]
