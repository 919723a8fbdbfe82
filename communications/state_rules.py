"""Between which hours marketing texts may arrive, and how many: the law, as data.

A lawyer confirms it. Each row says where it was read and when; where sources differ, the stricter
one stands here. Times are those of the person who is written to. Guides to these laws also name
holidays of single states, and hours on Pennsylvania's Saturdays that its statute does not have:
neither stands here, and a shop's own closed days cover the first.
"""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from customers.zones import SOMEWHERE

READ_ON = dt.date(2026, 11, 22)
EVERY_DAY = frozenset(range(7))  # 0 is Monday
SUNDAY = frozenset({6})
WEEKEND = frozenset({5, 6})


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


_GUIDES = "dropcowboy.com/state-compliance, usestello.com/compliance"
_TEXAS = "Tex. Bus. & Com. Code 301.051, SB 140 of 2025; support.referrizer.com"


def _daily(state: str, start: int, end: int, source: str, *, days=EVERY_DAY) -> HoursRule:
    return HoursRule(state, days, dt.time(start), dt.time(end), source)


def _never(state: str, days: frozenset[int], source: str) -> HoursRule:
    """Nothing on these days: a window that ends when the day begins."""
    return HoursRule(state, days, dt.time(0), dt.time(0), source)


HOURS = (
    _daily("", 8, 21, "47 CFR 64.1200(c)(1)"),
    _daily("AL", 8, 20, f"Ala. Admin. Code 770-X-5-.17; {_GUIDES}"),
    _never("AL", SUNDAY, f"Ala. Admin. Code 770-X-5-.17; {_GUIDES}"),
    _daily("CA", 9, 21, "Cal. Pub. Util. Code 2872(c); usestello.com/compliance"),
    _daily(
        "CT",
        9,
        20,
        "Conn. Gen. Stat. 42-288a as of October 2023; support.referrizer.com, dropcowboy.com",
    ),
    _daily("FL", 8, 20, "Fla. Stat. 501.616; dnc.com"),
    _daily("IL", 9, 21, "815 ILCS 305, 815 ILCS 413/15; usestello.com/compliance"),
    _daily("KY", 10, 21, f"KRS 367.46955(3); {_GUIDES}"),
    _daily("LA", 8, 20, f"La. R.S. 45:844.31 and following; {_GUIDES}"),
    _never("LA", SUNDAY, "La. R.S. 45:844.31 and following; dropcowboy.com/state-compliance"),
    _daily("MA", 8, 20, f"Mass. Gen. Laws ch. 159C s. 3, 201 CMR 12.00; {_GUIDES}"),
    _daily(
        "MD",
        8,
        20,
        "Stop the Spam Calls Act of 2023; wmar2news.com, transnexus.com, dropcowboy.com",
    ),
    _daily("MI", 9, 21, f"MCL 750.540e; {_GUIDES}"),
    _daily("MN", 9, 21, f"Minn. Stat. 325E.30; {_GUIDES}"),
    _daily("MS", 8, 20, f"Mississippi Telephone Solicitation Act; {_GUIDES}"),
    _never("MS", SUNDAY, "Mississippi Telephone Solicitation Act; dropcowboy.com/state-compliance"),
    _daily("NJ", 8, 20, "New Jersey, early 2024; support.referrizer.com"),
    _daily("NM", 9, 21, "dropcowboy.com/state-compliance"),
    _daily("NV", 9, 20, "dropcowboy.com/state-compliance"),
    _daily("OK", 8, 20, "Telephone Solicitation Act of 2022; dnc.com"),
    _daily("RI", 9, 18, "support.referrizer.com, dropcowboy.com/state-compliance"),
    _daily("RI", 10, 17, "support.referrizer.com, dropcowboy.com/state-compliance", days=WEEKEND),
    _daily("TX", 9, 21, _TEXAS, days=EVERY_DAY - SUNDAY),
    _daily("TX", 12, 21, _TEXAS, days=SUNDAY),
    _daily("WA", 8, 20, "RCW 80.36.390"),
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
