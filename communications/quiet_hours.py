"""When a marketing text may arrive: wherever its reader may be, and when the shop is open.

Times of day are laid out on each zone's own calendar and compared in UTC, so that a day with 23 or
25 hours needs no rule of its own.
"""

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from zoneinfo import ZoneInfo

from barbershop.models import Barbershop
from communications import state_rules
from customers.zones import Place

AHEAD = 10  # days in which an opening is looked for
DAY = dt.timedelta(days=1)
Span = tuple[dt.datetime, dt.datetime]  # from, and before; UTC


@dataclass(frozen=True)
class Hours:
    """A shop's own rule for texts, narrower than the law's or not.

    Attributes:
        start, end: the reader's local time.
        closed_on, closed_weekdays: days of the shop's calendar, in its zone; 0 is Monday.
    """

    start: dt.time
    end: dt.time
    zone: str
    closed_on: frozenset[dt.date] = frozenset()
    closed_weekdays: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Window:
    """What one moment is for one reader.

    Attributes:
        is_open: whether a text may arrive now.
        until: the end of the time that is open now.
        opens_at: when it opens next, while it is closed; None when not within ``AHEAD`` days.
    """

    is_open: bool
    until: dt.datetime | None = None
    opens_at: dt.datetime | None = None


def hours_of(shop: Barbershop) -> Hours:
    """One query, or none where the shop sends on closed days too."""
    days = [] if shop.sends_on_closed_days else list(shop.closed_days.all())
    return Hours(
        start=_time(shop.sms_window_start),
        end=_time(shop.sms_window_end),
        zone=shop.timezone or "UTC",
        closed_on=frozenset(day.on for day in days if day.on),
        closed_weekdays=frozenset(day.weekday for day in days if day.weekday is not None),
    )


def window(place: Place, *, hours: Hours, now: dt.datetime) -> Window:
    """Whether it is open for somebody of whom all candidates must agree.

    Nobody knows what time it is for a place without zones: it is closed and never opens.
    """
    for start, end in _spans(place, hours, now.astimezone(dt.UTC).date()):
        if start <= now < end:
            return Window(is_open=True, until=end)
        if now < start:
            return Window(is_open=False, opens_at=start)
    return Window(is_open=False)


@lru_cache(maxsize=4096)
def _spans(place: Place, hours: Hours, today: dt.date) -> tuple[Span, ...]:
    """Every open time from yesterday on, in order. The same for all who may be in one place."""
    days = [today + n * DAY for n in range(-1, AHEAD + 1)]
    spans: list[Span] = []
    for number, zone in enumerate(sorted(place.zones)):
        own = [span for day in days if (span := _span(day, zone, place.states, hours))]
        spans = _both(spans, own) if number else own
    for day in days:
        if day in hours.closed_on or day.weekday() in hours.closed_weekdays:
            closed = (
                _moment(day, dt.time(0), hours.zone),
                _moment(day + DAY, dt.time(0), hours.zone),
            )
            spans = _without(spans, closed)
    return tuple(spans)


def _span(day: dt.date, zone: str, states: frozenset[str], hours: Hours) -> Span | None:
    lawful_start, lawful_end = state_rules.hours(states, weekday=day.weekday())
    start = _moment(day, max(lawful_start, hours.start), zone, later=True)
    end = _moment(day, min(lawful_end, hours.end), zone)
    return (start, end) if start < end else None


def _moment(day: dt.date, time: dt.time, zone: str, *, later: bool = False) -> dt.datetime:
    """A time of day in UTC. One that comes twice, or never, has two answers."""
    local = dt.datetime.combine(day, time, tzinfo=ZoneInfo(zone))
    both = [local.replace(fold=fold).astimezone(dt.UTC) for fold in (0, 1)]
    return max(both) if later else min(both)


def _both(these: list[Span], those: list[Span]) -> list[Span]:
    """The times that lie in one of these and in one of those."""
    met = ((max(a[0], b[0]), min(a[1], b[1])) for a in these for b in those)
    return sorted(span for span in met if span[0] < span[1])


def _without(spans: list[Span], gap: Span) -> list[Span]:
    pieces = [
        piece
        for start, end in spans
        for piece in ((start, min(end, gap[0])), (max(start, gap[1]), end))
    ]
    return [piece for piece in pieces if piece[0] < piece[1]]


def _time(value: dt.time | str) -> dt.time:
    """Also of a shop that has just been made from texts and not been read back."""
    return dt.time.fromisoformat(value) if isinstance(value, str) else value
