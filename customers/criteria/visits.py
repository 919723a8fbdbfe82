"""Facts about coming: last visit, how often, what is booked.

A visit is a completed appointment that began at or before ``now``. Days are full days of 24
hours since then: somebody who came 90 days and 5 hours ago was here 90 days ago.

Each fact looks into the index once per customer. Grouping all visits first and joining is up to
twice as fast with fresh planner statistics, but was seen to take minutes without them (PostgreSQL
right after a large import), so the steady way is taken.
"""

import datetime as dt

from django.db.models import Count, DateTimeField, Exists, IntegerField, Max, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.db.models.lookups import (
    GreaterThanOrEqual,
    LessThanOrEqual,
)
from django.db.models.lookups import Range as Between

from customers.criteria.registry import Fact, register_fact
from customers.criteria.values import Range, boolean, number_range
from customers.models import Appointment

MOST_DAYS = 36_500
MOST_VISITS = 100_000


def _visits(aggregate, *, now, output_field) -> Subquery:
    # The customer is of the shop already. Asked for the shop again, both databases were seen to
    # choose its index and to read all its appointments for each customer.
    rows = (
        Appointment.objects.filter(
            customer=OuterRef("pk"), status=Appointment.Status.COMPLETED, starts_at__lte=now
        )
        .order_by()
        .values("customer")
    )
    return Subquery(rows.annotate(fact=aggregate).values("fact"), output_field=output_field)


def _last_visit(value: Range, *, shop, now) -> Q:
    last = _visits(Max("starts_at"), now=now, output_field=DateTimeField())
    latest = now - dt.timedelta(days=value.min or 0)
    if value.max is None:
        return Q(LessThanOrEqual(last, latest))
    # Not yet ``max + 1`` full days ago; the smallest step of a stored time is a microsecond.
    earliest = now - dt.timedelta(days=value.max + 1) + dt.timedelta(microseconds=1)
    return Q(Between(last, (earliest, latest)))


def _visit_count(value: Range, *, shop, now) -> Q:
    count = _visits(Count("pk"), now=now, output_field=IntegerField())
    return within(value, Coalesce(count, 0))


def within(value: Range, fact) -> Q:
    """The expression lies in the range; it is worked out once per customer."""
    if value.min is None:
        return Q(LessThanOrEqual(fact, value.max))
    if value.max is None:
        return Q(GreaterThanOrEqual(fact, value.min))
    return Q(Between(fact, (value.min, value.max)))


def _upcoming(value: bool, *, shop, now) -> Q:
    booked = Appointment.objects.filter(
        customer=OuterRef("pk"), status=Appointment.Status.BOOKED, starts_at__gt=now
    )
    return Q(Exists(booked)) if value else Q(~Exists(booked))


register_fact(
    Fact(
        name="last_visit_days",
        description="Full days since the last completed visit.",
        parse=number_range(most=MOST_DAYS),
        q=_last_visit,
        sentence=lambda value: f"whose last visit was {value.says('days')} ago",
    )
)
register_fact(
    Fact(
        name="visit_count",
        description="Completed visits so far.",
        parse=number_range(most=MOST_VISITS),
        q=_visit_count,
        sentence=lambda value: f"who came {value.says('times')}",
    )
)
register_fact(
    Fact(
        name="has_upcoming_booking",
        description="Whether an appointment is booked for later.",
        parse=boolean,
        q=_upcoming,
        sentence=lambda value: f"who have {'a' if value else 'no'} booking ahead",
    )
)
