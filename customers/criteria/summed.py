"""Columns of ``VisitSummary`` as criteria ask for them; to be given to ``View.by_summary``."""

from django.db.models import F, Q

from customers.criteria.tree import EVERYBODY
from customers.criteria.values import Range

FIRST_VISIT = "visit_summary__first_visit_at"
LAST_VISIT = "visit_summary__last_visit_at"
VISITS = "visit_summary__visit_count"
SPENT = "visit_summary__spent"
PAYMENTS = "visit_summary__payment_count"
_IS_THERE = Q(visit_summary__isnull=False)


def of_summary(*conditions: Q, **columns) -> Q:
    """There is a summary, and all of this holds of it."""
    # Of who has none the database must not say "unknown". Django sees to that by itself only where
    # nothing beside it has asked for the same row before.
    return _IS_THERE & Q(*conditions, **columns)


def within(column: str, wanted: Range) -> Q:
    """A number in a range; who has no summary has 0."""
    if wanted.min in (None, 0):
        return EVERYBODY if wanted.max is None else ~of_summary(**{f"{column}__gt": wanted.max})
    most = {} if wanted.max is None else {f"{column}__lte": wanted.max}
    return of_summary(**{f"{column}__gte": wanted.min}, **most)


def average_within(total: str, number: str, wanted: Range) -> Q:
    """The total against so many times the average, without a division; who has none has no average.

    Of columns, or of what a query is annotated with.
    """
    asked = Q(**{f"{number}__gt": 0})
    if wanted.min is not None:
        asked &= Q(**{f"{total}__gte": F(number) * wanted.min})
    if wanted.max is not None:
        asked &= Q(**{f"{total}__lte": F(number) * wanted.max})
    return asked
