"""What facts about things that happen have in common: since when they count, and when they turn.

"In the last 30 days" is from exactly 30 times 24 hours ago until now, both included. Ages are full
days: what was 90 days and 5 hours ago was 90 days ago.
"""

import datetime as dt
from collections.abc import Iterable

from customers.criteria.values import Range

MOST_DAYS = 36_500
MONTHS_AHEAD = 12
MICROSECOND = dt.timedelta(microseconds=1)  # the smallest step of a stored time


def days(number: int) -> dt.timedelta:
    return dt.timedelta(days=number)


def in_window(field: str, length: int | None, *, now: dt.datetime) -> dict:
    """A filter on ``field``: not after ``now``, and within so many days when they are given."""
    found = {f"{field}__lte": now}
    return found if length is None else found | {f"{field}__gte": now - days(length)}


def aged(field: str, value: Range, *, now: dt.datetime) -> dict:
    """A filter on ``field``: so many full days ago."""
    found = {f"{field}__lte": now - days(value.min or 0)}
    if value.max is not None:
        found[f"{field}__gt"] = now - days(value.max + 1)
    return found


def window_turns(times: Iterable[dt.datetime], length: int | None) -> list[dt.datetime]:
    """When each time begins to count, and when it is out of the window again."""
    times = list(times)
    if length is None:
        return times
    return [*times, *(time + days(length) + MICROSECOND for time in times)]


def age_turns(times: Iterable[dt.datetime], value: Range) -> list[dt.datetime]:
    """When each time comes into its age, and when it is too old."""
    found = []
    for time in times:
        found += [time, time + days(value.min or 0)]
        if value.max is not None:
            found.append(time + days(value.max + 1))
    return found


def ago(time: dt.datetime, *, now: dt.datetime) -> str:
    number = (now - time).days
    return "today" if number == 0 else f"{number:,} day{'s' if number != 1 else ''} ago"


def says_window(length: int | None) -> str:
    if length is None:
        return ""
    return " in the last day" if length == 1 else f" in the last {length:,} days"


def month_of(now: dt.datetime, shop) -> int:
    """The month, 1 to 12, where the shop is."""
    return now.astimezone(shop.zone).month


def month_starts(now: dt.datetime, shop) -> list[dt.datetime]:
    """The first midnight of each of the next twelve months, where the shop is."""
    on, found = now.astimezone(shop.zone).date().replace(day=1), []
    for _ in range(MONTHS_AHEAD):
        on = (on + dt.timedelta(days=31)).replace(day=1)
        found.append(dt.datetime.combine(on, dt.time(), tzinfo=shop.zone).astimezone(dt.UTC))
    return found
