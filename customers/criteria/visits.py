"""Facts about coming: last and first visit, what is booked. How often: ``counts``.

A visit is a completed appointment that began at or before ``now``.

"The last visit was at least 60 days ago" is asked as: there is a visit from then or before, and
none since. Of nearly everybody the summary of his visits says the same (``view``).
"""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q

from customers.criteria.errors import CriteriaError
from customers.criteria.registry import Fact, register_fact
from customers.criteria.summed import FIRST_VISIT, LAST_VISIT, of_summary
from customers.criteria.values import (
    Range,
    boolean,
    date,
    fields,
    number,
    number_range,
    range_schema,
)
from customers.criteria.values import on as day_of
from customers.criteria.view import View
from customers.criteria.windows import MOST_DAYS, age_turns, aged, ago, days
from customers.models import Appointment

Status = Appointment.Status


def visits_of(customer, *, now) -> list[dt.datetime]:
    """When the customer came, first to last."""
    return [time for time in all_visits_of(customer) if time <= now]


def all_visits_of(customer) -> list[dt.datetime]:
    """As ``visits_of``, and what is already called completed but lies ahead."""
    found = Appointment.objects.filter(customer=customer, status=Status.COMPLETED)
    return list(found.order_by("starts_at").values_list("starts_at", flat=True))


def visited(**when) -> Q:
    """Has a completed appointment at such a time."""
    # Of the customer alone, not of the shop again: see ``grouped``.
    found = Appointment.objects.filter(customer=OuterRef("pk"), status=Status.COMPLETED, **when)
    return Q(Exists(found))


def _last_visit(value: Range, view: View) -> Q:
    now = view.now
    asked = visited(**aged("starts_at", value, now=now))
    if value.min:
        asked &= ~visited(starts_at__gt=now - days(value.min), starts_at__lte=now)
    return view.by_summary(of_summary(**aged(LAST_VISIT, value, now=now)), asked)


def _first_visit(value: Range, view: View) -> Q:
    asked = visited(**aged("starts_at", value, now=view.now))
    if value.max is not None:
        asked &= ~visited(starts_at__lte=view.now - days(value.max + 1))
    return view.by_summary(of_summary(**aged(FIRST_VISIT, value, now=view.now)), asked)


def _last_found(value, customer, *, now) -> str:
    came = visits_of(customer, now=now)
    return ago(came[-1], now=now) if came else "no visit yet"


def _first_found(value, customer, *, now) -> str:
    came = visits_of(customer, now=now)
    return ago(came[0], now=now) if came else "no visit yet"


def _age_turns(value: Range, customer, *, now) -> list[dt.datetime]:
    return age_turns(all_visits_of(customer), value)


@dataclass(frozen=True)
class Days:
    """Calendar days where the shop is, both included; either may be open."""

    first: dt.date | None
    last: dt.date | None

    def moments(self, shop) -> tuple[dt.datetime | None, dt.datetime | None]:
        """From the first one's midnight to before the midnight after the last one."""
        begin = self.first and dt.datetime.combine(self.first, dt.time(), tzinfo=shop.zone)
        end = self.last and dt.datetime.combine(
            self.last + dt.timedelta(days=1), dt.time(), tzinfo=shop.zone
        )
        return begin, end

    def says(self) -> str:
        if self.first is None:
            return f"on or before {self.last}"
        if self.last is None:
            return f"on or after {self.first}"
        return f"on {self.first}" if self.first == self.last else f"{self.first} to {self.last}"


def _parse_days(raw, path: str) -> Days:
    like = '{"from": "2026-05-01", "to": "2026-05-31"}'
    found = fields(raw, path, {"from": date, "to": date}, like=like)
    if not found:
        raise CriteriaError(path, "Give from, to or both.")
    value = Days(found.get("from"), found.get("to"))
    if value.first and value.last and value.first > value.last:
        raise CriteriaError(path, f"from ({value.first}) is after to ({value.last}).")
    return value


def _within(field: str, begin, end) -> dict:
    found = {f"{field}__gte": begin} if begin else {}
    return found | ({f"{field}__lt": end} if end else {})


def _last_on(value: Days, view: View) -> Q:
    begin, end = value.moments(view.shop)
    asked = visited(starts_at__lte=view.now, **_within("starts_at", begin, end))
    if end:
        asked &= ~visited(starts_at__lte=view.now, starts_at__gte=end)
    return view.by_summary(of_summary(**_within(LAST_VISIT, begin, end)), asked)


def _first_on(value: Days, view: View) -> Q:
    begin, end = value.moments(view.shop)
    asked = visited(starts_at__lte=view.now, **_within("starts_at", begin, end))
    if begin:
        asked &= ~visited(starts_at__lte=view.now, starts_at__lt=begin)
    return view.by_summary(of_summary(**_within(FIRST_VISIT, begin, end)), asked)


def _found_on(index: int):
    def found(value, customer, *, now) -> str:
        came = visits_of(customer, now=now)
        return f"on {day_of(came[index], customer.shop)}" if came else "no visit yet"

    return found


def _on_turns(value, customer, *, now) -> list[dt.datetime]:
    return all_visits_of(customer)


@dataclass(frozen=True)
class Upcoming:
    booked: bool
    days: int | None = None


def _parse_upcoming(raw, path: str) -> Upcoming:
    if not isinstance(raw, dict):
        return Upcoming(boolean(raw, path))
    readers = {"booked": boolean, "within_days": number(least=1, most=MOST_DAYS)}
    found = fields(raw, path, readers, like='{"booked": false, "within_days": 14}')
    return Upcoming(found.get("booked", True), found.get("within_days"))


def _upcoming(value: Upcoming, view: View) -> Q:
    booked = Appointment.objects.filter(
        customer=OuterRef("pk"), status=Status.BOOKED, starts_at__gt=view.now
    )
    if value.days is not None:
        booked = booked.filter(starts_at__lte=view.now + days(value.days))
    return Q(Exists(booked)) if value.booked else ~Q(Exists(booked))


def _ahead(customer, *, now) -> list[dt.datetime]:
    found = Appointment.objects.filter(customer=customer, status=Status.BOOKED, starts_at__gt=now)
    return list(found.order_by("starts_at").values_list("starts_at", flat=True))


def _upcoming_found(value, customer, *, now) -> str:
    ahead = _ahead(customer, now=now)
    return f"booked for {day_of(ahead[0], customer.shop)}" if ahead else "no booking ahead"


def _upcoming_turns(value: Upcoming, customer, *, now) -> list[dt.datetime]:
    ahead = _ahead(customer, now=now)
    early = [time - days(value.days) for time in ahead] if value.days is not None else []
    return ahead + early


def _says_upcoming(value: Upcoming, names) -> str:
    said = f"who have {'a' if value.booked else 'no'} booking ahead"
    return said if value.days is None else f"{said} within {_plural(value.days)}"


def _plural(number: int) -> str:
    return Range(number, number).says("days").removeprefix("exactly ")


def _visit(**fact) -> Fact:
    return register_fact(Fact(group="Visits", **fact))


_AGE = range_schema(most=MOST_DAYS)
_ON = {
    "type": "object",
    "properties": {name: {"type": "string", "format": "date"} for name in ("from", "to")},
    "minProperties": 1,
    "additionalProperties": False,
}

_visit(
    name="last_visit_days",
    description="Full days since the last completed visit.",
    parse=number_range(most=MOST_DAYS),
    q=_last_visit,
    sentence=lambda value, names: f"whose last visit was {value.says('days')} ago",
    found=_last_found,
    turns=_age_turns,
    schema=_AGE,
    example={"min": 30, "max": 90},
)
_visit(
    name="first_visit_days",
    description="Full days since the first completed visit.",
    parse=number_range(most=MOST_DAYS),
    q=_first_visit,
    sentence=lambda value, names: f"whose first visit was {value.says('days')} ago",
    found=_first_found,
    turns=_age_turns,
    schema=_AGE,
    example={"max": 30},
)
_visit(
    name="last_visit_on",
    description="Day of the last completed visit, where the shop is.",
    parse=_parse_days,
    q=_last_on,
    sentence=lambda value, names: f"whose last visit was {value.says()}",
    found=_found_on(-1),
    turns=_on_turns,
    schema=_ON,
    example={"from": "2026-05-01", "to": "2026-05-31"},
)
_visit(
    name="first_visit_on",
    description="Day of the first completed visit, where the shop is.",
    parse=_parse_days,
    q=_first_on,
    sentence=lambda value, names: f"whose first visit was {value.says()}",
    found=_found_on(0),
    turns=_on_turns,
    schema=_ON,
    example={"from": "2026-01-01"},
)
_visit(
    name="has_upcoming_booking",
    description="Whether an appointment is booked for later, or within so many days.",
    parse=_parse_upcoming,
    q=_upcoming,
    sentence=_says_upcoming,
    found=_upcoming_found,
    turns=_upcoming_turns,
    schema={
        "oneOf": [
            {"type": "boolean"},
            {
                "type": "object",
                "properties": {
                    "booked": {"type": "boolean", "default": True},
                    "within_days": {"type": "integer", "minimum": 1, "maximum": MOST_DAYS},
                },
                "additionalProperties": False,
            },
        ]
    },
    example={"booked": False, "within_days": 14},
)
