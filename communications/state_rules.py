"""Between which hours marketing texts may arrive, and how many: the law, as data.

A lawyer confirms it. Each row says where it was read and when; where sources differ, the stricter
one stands here. Times are those of the person who is written to.
"""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from customers.zones import SOMEWHERE

READ_ON = dt.date(2026, 11, 22)
EVERY_DAY = frozenset(range(7))  # 0 is Monday
SUNDAY = frozenset({6})


@dataclass(frozen=True)
class HoursRule:
    """From ``start`` on, and before ``end``. ``state`` is empty for everybody."""

    state: str
    weekdays: frozenset[int]
    start: dt.time
    end: dt.time
    source: str
    read_on: dt.date = READ_ON


@dataclass(frozen=True)
class CapRule:
    """At most so many promotional texts to one number within so long."""

    state: str
    texts: int
    within: dt.timedelta
    source: str
    read_on: dt.date = READ_ON


HOURS = (
    HoursRule("", EVERY_DAY, dt.time(8), dt.time(21), "47 CFR 64.1200(c)(1)"),
    HoursRule(
        "CT",
        EVERY_DAY,
        dt.time(9),
        dt.time(20),
        "Conn. Gen. Stat. 42-288a as of October 2023; support.referrizer.com, dropcowboy.com",
    ),
    HoursRule("FL", EVERY_DAY, dt.time(8), dt.time(20), "Fla. Stat. 501.616; dnc.com"),
    HoursRule(
        "MD",
        EVERY_DAY,
        dt.time(8),
        dt.time(20),
        "Stop the Spam Calls Act of 2023; wmar2news.com, transnexus.com",
    ),
    HoursRule(
        "OK", EVERY_DAY, dt.time(8), dt.time(20), "Telephone Solicitation Act of 2022; dnc.com"
    ),
    HoursRule(
        "TX",
        EVERY_DAY - SUNDAY,
        dt.time(9),
        dt.time(21),
        "Tex. Bus. & Com. Code 301.051, SB 140 of 2025; support.referrizer.com",
    ),
    HoursRule(
        "TX",
        SUNDAY,
        dt.time(12),
        dt.time(21),
        "Tex. Bus. & Com. Code 301.051, SB 140 of 2025; support.referrizer.com",
    ),
    HoursRule("WA", EVERY_DAY, dt.time(8), dt.time(20), "RCW 80.36.390"),
)

CAPS = tuple(
    CapRule(state, texts=3, within=dt.timedelta(hours=24), source=source)
    for state, source in {
        "FL": "Fla. Stat. 501.616(6); dnc.com",
        "MD": "Stop the Spam Calls Act of 2023; wmar2news.com",
        "OK": "Telephone Solicitation Act of 2022; dnc.com",
    }.items()
)


def hours(states: Collection[str], *, weekday: int) -> tuple[dt.time, dt.time]:
    """The strictest of all rules that may hold for somebody: from when, and until when."""
    rules = [rule for rule in HOURS if weekday in rule.weekdays and _holds(rule.state, states)]
    return max(rule.start for rule in rules), min(rule.end for rule in rules)


def cap(states: Collection[str]) -> CapRule | None:
    """The strictest cap that may hold for somebody."""
    rules = [rule for rule in CAPS if _holds(rule.state, states)]
    return min(rules, key=lambda rule: rule.texts / rule.within.total_seconds(), default=None)


def _holds(state: str, states: Collection[str]) -> bool:
    """Somebody who may be in any state is in the strictest one."""
    return not state or state in states or SOMEWHERE in states
