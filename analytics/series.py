"""A campaign over time, by hour or by day of the shop: one query.

Hours are counted in real time and days by the shop's calendar, so the night of a clock change has
23 or 25 hours and is still one day.
"""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from typing import Literal, NewType
from zoneinfo import ZoneInfo

from django.db.models import Count, Sum, Value
from django.db.models.functions import Coalesce, TruncDate, TruncHour, TruncMinute

from analytics import credits, ledger

Unit = Literal["hour", "day"]
HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)
LONGEST_AUTO_HOURS = dt.timedelta(hours=72)
LONGEST_HOURS = dt.timedelta(days=31)
InShopsZone = NewType("InShopsZone", dt.datetime)  # with the shop's offset, in the API too
COUNTS = ("sent", "delivered", "opened", "clicked", "converted")


@dataclass(frozen=True)
class Point:
    """One hour or day that began at ``at`` (in the shop's zone).

    Messages by the time they were accepted, delivered, first opened, first clicked; bookings and
    their money by the time they were made.
    """

    at: InShopsZone
    sent: int = 0
    delivered: int = 0
    opened: int = 0
    clicked: int = 0
    converted: int = 0
    revenue: int = 0


def read(
    *, shop, runs, spans, bucket: Literal["auto", "hour", "day"], until: dt.datetime | None
) -> tuple[Unit | None, tuple[Point, ...]]:
    """The points from the first to the last event, without gaps; nothing when there is none.

    Args:
        spans: moments between which everything happened.
        bucket: ``auto`` is by hour up to 72 hours; by hour above 31 days becomes by day.
        until: while the campaign is running, the last point is the one of now.
    """
    if bucket not in {"auto", "hour", "day"}:
        raise ValueError(f"bucket is auto, hour or day, not {bucket!r}")
    moments = sorted(moment for span in spans for moment in span)
    if not moments:
        return None, ()
    first, last = moments[0], max(moments[-1], until or moments[-1])
    unit = _unit(bucket, last - first)
    found: dict = defaultdict(dict)
    for name, at, count, revenue in _rows(shop=shop, runs=runs, unit=unit, first=first, last=last):
        start = _start(at, unit, shop.zone)
        point = found[start]
        point[name] = point.get(name, 0) + count
        if name == "converted":
            point["revenue"] = point.get("revenue", 0) + int(revenue)
    return unit, tuple(
        Point(at=start.astimezone(shop.zone), **found.get(start, {}))
        for start in _starts(first, last, unit, shop.zone)
    )


def _unit(bucket: str, length: dt.timedelta) -> Unit:
    if bucket == "auto":
        return "hour" if length <= LONGEST_AUTO_HOURS else "day"
    if bucket == "hour" and length > LONGEST_HOURS:
        return "day"
    return bucket


def _rows(*, shop, runs, unit: Unit, first, last):
    """Yield (name, local date or UTC moment, count, revenue), cut as coarsely as is exact."""

    def cut(column):
        if unit == "day":
            return TruncDate(column, tzinfo=shop.zone)
        whole = _has_whole_hours(shop.zone, first, last)
        return (TruncHour if whole else TruncMinute)(column, tzinfo=dt.UTC)

    sent = ledger.accepted(shop=shop, runs=runs).order_by()
    delivered = sent.filter(delivery=ledger.Delivery.DELIVERED)
    booked = credits.credited(shop=shop, runs=runs).order_by()
    parts = [
        _counted(sent, "sent", cut(Coalesce("accepted_at", "attempt__sending_at"))),
        _counted(delivered, "delivered", cut("delivered_at")),
        _counted(sent, "opened", cut("opened_at")),
        _counted(sent, "clicked", cut("clicked_at")),
        _counted(booked, "converted", cut("converted_at"), money=Sum("revenue")),
    ]
    return parts[0].union(*parts[1:], all=True)


def _counted(queryset, name: str, at, money=None):
    return (
        queryset.annotate(name=Value(name), point=at)
        .filter(point__isnull=False)
        .values("name", "point")
        .annotate(count=Count("pk"), money=money or Sum(Value(0)))
        .values_list("name", "point", "count", "money")
    )


def _has_whole_hours(zone: ZoneInfo, first: dt.datetime, last: dt.datetime) -> bool:
    offsets = (moment.astimezone(zone).utcoffset() for moment in (first, last))
    return all(offset % HOUR == dt.timedelta(0) for offset in offsets)


def _start(moment: dt.datetime | dt.date, unit: Unit, zone: ZoneInfo) -> dt.datetime:
    """The beginning of the shop's hour or day in which a moment lies, in UTC.

    In UTC because two local times of the doubled hour would be equal.
    """
    if not isinstance(moment, dt.datetime):
        return _midnight(moment, zone)
    local = moment.astimezone(zone)
    if unit == "day":
        return _midnight(local.date(), zone)
    past = dt.timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    return moment.astimezone(dt.UTC) - past


def _midnight(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), zone).astimezone(dt.UTC)


def _starts(first: dt.datetime, last: dt.datetime, unit: Unit, zone: ZoneInfo):
    start = _start(first, unit, zone)
    while start <= last:
        yield start
        if unit == "day":
            start = _midnight(start.astimezone(zone).date() + DAY, zone)
        else:
            start += HOUR
