"""Facts about how often: visits, no-shows, cancellations; in all or in the last so many days.

Each may be narrowed to services, categories of services and barbers. An appointment counts from
the moment at which it was to begin.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q

from barbershop.models import Barber, Service
from customers.criteria.grouped import Grouped
from customers.criteria.named import (
    Names,
    barber_ref,
    check_categories,
    check_rows,
    named,
    service_ref,
    services_of,
)
from customers.criteria.registry import Fact, register_fact
from customers.criteria.summed import VISITS, within
from customers.criteria.tree import EVERYBODY
from customers.criteria.values import (
    TEXT_SCHEMA,
    Range,
    any_of,
    ends,
    fields,
    list_schema,
    number,
    one_or_more,
    range_of,
    range_schema,
    text,
)
from customers.criteria.view import View
from customers.criteria.windows import MOST_DAYS, in_window, says_window, window_turns
from customers.models import Appointment

MOST_VISITS = 100_000
Status = Appointment.Status
LIKE = '{"min": 3, "days": 365}'


@dataclass(frozen=True)
class Often:
    """How often, within how many days, and of what; empty is anything."""

    times: Range
    days: int | None = None
    service: tuple = ()
    service_category: tuple = ()
    barber: tuple = ()


def _parse(raw, path: str) -> Often:
    readers = ends(MOST_VISITS) | {
        "days": number(least=1, most=MOST_DAYS),
        "service": one_or_more(service_ref),
        "service_category": one_or_more(text),
        "barber": one_or_more(barber_ref),
    }
    found = fields(raw, path, readers, like=LIKE)
    times = range_of(found, path)
    return Often(times, **{name: found[name] for name in found if name not in {"min", "max"}})


def _kept(status: str, value: Often, *, shop):
    """Appointments of this kind, whenever they are."""
    found = Appointment.objects.filter(status=status)
    if value.service:
        found = found.filter(service__in=named(Service, value.service, shop).values("pk"))
    if value.service_category:
        found = found.filter(service__in=services_of(value.service_category, shop))
    if value.barber:
        found = found.filter(barber__in=named(Barber, value.barber, shop).values("pk"))
    return found


def how_often(rows, times: Range) -> Q:
    """Customers with so many of these rows; none at all is a number too."""
    if times.min in (None, 0):
        return EVERYBODY if times.max is None else ~more_than(rows, times.max)
    if times.max is None:
        return more_than(rows, times.min - 1)
    return Q(Grouped(_grouped(rows).filter(number__gte=times.min, number__lte=times.max)))


def more_than(rows, number: int) -> Q:
    if number == 0:
        return Q(Exists(rows.filter(customer=OuterRef("pk"))))
    return Q(Grouped(_grouped(rows).filter(number__gt=number)))


def _grouped(rows):
    return rows.order_by().values("customer").annotate(number=Count("*"))


def _q(status: str) -> Callable:
    def ask(value: Often, view: View) -> Q:
        rows = _kept(status, value, shop=view.shop)
        rows = rows.filter(**in_window("starts_at", value.days, now=view.now))
        asked = how_often(rows, value.times)
        if status == Status.COMPLETED and value == Often(value.times):
            return view.by_summary(within(VISITS, value.times), asked)
        return asked

    return ask


def _found(status: str) -> Callable:
    def found(value: Often, customer, *, now) -> str:
        rows = _kept(status, value, shop=customer.shop).filter(customer=customer)
        number = rows.filter(**in_window("starts_at", value.days, now=now)).count()
        return "never" if number == 0 else "once" if number == 1 else f"{number:,} times"

    return found


def _turns(status: str) -> Callable:
    def turns(value: Often, customer, *, now) -> list[dt.datetime]:
        rows = _kept(status, value, shop=customer.shop).filter(customer=customer)
        return window_turns(rows.values_list("starts_at", flat=True), value.days)

    return turns


def _check(value: Often, path: str, *, shop, segment) -> None:
    check_rows(Service, value.service, f"{path}.service", shop=shop)
    check_rows(Barber, value.barber, f"{path}.barber", shop=shop)
    check_categories(value.service_category, f"{path}.service_category", shop=shop)


def _says(verb: str) -> Callable[[Often, Names], str]:
    def sentence(value: Often, names: Names) -> str:
        if value.times == Range(max=0):
            said = f"who never {verb}"
        else:
            said = f"who {verb} {value.times.says('times')}"
        if value.service:
            said += f" for service {names.any_of(Service, value.service)}"
        if value.service_category:
            said += f" for {any_of(names.categories(value.service_category))}"
        if value.barber:
            said += f" with barber {names.any_of(Barber, value.barber)}"
        return said + says_window(value.days)

    return sentence


_REF = {"type": ["integer", "string"]}
_SCHEMA = range_schema(
    most=MOST_VISITS,
    days={"type": "integer", "minimum": 1, "maximum": MOST_DAYS},
    service=list_schema(_REF),
    service_category=list_schema(TEXT_SCHEMA),
    barber=list_schema(_REF),
)


def _count(name: str, status: str, *, verb: str, description: str, example: dict) -> None:
    register_fact(
        Fact(
            name=name,
            group="Visits",
            description=description,
            parse=_parse,
            q=_q(status),
            sentence=_says(verb),
            found=_found(status),
            turns=_turns(status),
            check=_check,
            schema=_SCHEMA,
            example=example,
        )
    )


_count(
    "visit_count",
    Status.COMPLETED,
    verb="came",
    description="Completed visits: in all, in the last so many `days`, for a service (id or "
    "external id), a category of services, with a barber.",
    example={"min": 3, "days": 365, "service_category": "Beard"},
)
_count(
    "no_show_count",
    Status.NO_SHOW,
    verb="stayed away from a booking",
    description="Appointments that he did not come to and did not call off.",
    example={"min": 1, "days": 180},
)
_count(
    "cancellation_count",
    Status.CANCELLED,
    verb="called a booking off",
    description="Appointments that were called off, by the time they were to begin.",
    example={"max": 2, "days": 365},
)
