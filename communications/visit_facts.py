"""What merge fields say of a customer's visits and of free times.

A fact is read for many people in one query, relative to the reference to the customer: the same
for a message in the ledger and for a customer who has none yet. It is written in the shop's zone
and in the customer's language.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from zoneinfo import ZoneInfo

from django.db.models import Count, Expression, OuterRef, QuerySet, Subquery
from django.utils import translation
from django.utils.dates import MONTHS
from django.utils.formats import date_format

from barbershop.models import Barbershop, Opening
from communications import languages
from communications.liquid import Day
from customers.models import Appointment

MOST_TIMES = 10
MOST_OPENINGS = 2_000  # looked at: the next ones of a shop
Status = Appointment.Status


@dataclass(frozen=True)
class Person:
    """How a query refers to a customer.

    Attributes:
        key: the look-up of his id.
        prefix: before the look-ups of his columns.
        now: what lies after it has not happened.
    """

    key: str
    prefix: str
    now: dt.datetime

    @classmethod
    def of_message(cls, *, now: dt.datetime) -> "Person":
        return cls("customer_id", "customer__", now)

    @classmethod
    def himself(cls, *, now: dt.datetime) -> "Person":
        return cls("pk", "", now)


@dataclass(frozen=True)
class Reader:
    """For whom a fact is written: the shop, and with it the zone and the first language."""

    shop: Barbershop

    @property
    def zone(self) -> ZoneInfo:
        return self.shop.zone

    def language(self, row: Mapping) -> str:
        return languages.of_person(row.get("customer__language") or "", shop=self.shop)


def count(person: Person) -> Expression:
    per_customer = _completed(person).order_by().values("customer")
    return Subquery(per_customer.annotate(number=Count("pk")).values("number"))


def last(column: str) -> Callable[[Person], Expression]:
    return partial(_last, column)


def next_start(person: Person) -> Expression:
    booked = Appointment.objects.filter(
        customer=OuterRef(person.key), status=Status.BOOKED, starts_at__gt=person.now
    )
    return Subquery(booked.order_by("starts_at", "pk").values("starts_at")[:1])


def _last(column: str, person: Person) -> Expression:
    visits = _completed(person).order_by("-starts_at", "-pk")
    return Subquery(visits.values(column)[:1])


def _completed(person: Person) -> QuerySet:
    return Appointment.objects.filter(
        customer=OuterRef(person.key), status=Status.COMPLETED, starts_at__lte=person.now
    )


def month_name(found: int | None, row: Mapping, reader: Reader) -> str:
    if not found:
        return ""
    with translation.override(reader.language(row)):
        return str(MONTHS[found])


def day(found: dt.datetime | None, row: Mapping, reader: Reader) -> str:
    if found is None:
        return ""
    on, language = found.astimezone(reader.zone).date(), reader.language(row)
    with translation.override(language):
        return Day(date_format(on, "DATE_FORMAT"), on=on, language=language)


def moment(found: dt.datetime | None, row: Mapping, reader: Reader) -> str:
    if found is None:
        return ""
    local, language = found.astimezone(reader.zone), reader.language(row)
    with translation.override(language):
        parts = ("l", "MONTH_DAY_FORMAT", "TIME_FORMAT")
        written = ", ".join(date_format(local, part) for part in parts)
    return Day(written, on=local, language=language)


def days_since(found: dt.datetime | None, row: Mapping, reader: Reader) -> int | None:
    """Nights between the two days at the shop."""
    if found is None:
        return None
    today = row["now"].astimezone(reader.zone).date()
    return (today - found.astimezone(reader.zone).date()).days


def free_times(shop: Barbershop, *, now: dt.datetime) -> dict[int | None, list[dt.datetime]]:
    """The next free times of each barber, and under None of the whole shop; one query."""
    found = Opening.objects.filter(shop=shop, starts_at__gt=now, barber__is_active=True)
    free: dict[int | None, list[dt.datetime]] = {None: []}
    for barber, starts_at in found.values_list("barber_id", "starts_at")[:MOST_OPENINGS]:
        for whose in (barber, None):
            known = free.setdefault(whose, [])
            if len(known) < MOST_TIMES and starts_at not in known[-1:]:
                known.append(starts_at)
    return free


def times(number: int) -> Callable[[None, Mapping, Reader], str]:
    """So many free times in words, such as ``Tue 10:00, Tue 14:30``; empty when there are none."""
    return partial(_times, number)


def _times(number: int, found: None, row: Mapping, reader: Reader) -> str:
    free = row.get("free_times") or {}
    chosen = free.get(row.get("customer__preferred_barber_id")) or free.get(None) or []
    with translation.override(reader.language(row)):
        return ", ".join(
            date_format(start.astimezone(reader.zone), "D G:i") for start in chosen[:number]
        )
