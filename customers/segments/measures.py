"""How far somebody is from a range: facts that are numbers, as expressions over customers.

Only an order among people who fail: the fact itself (``customers.criteria``) says who does. So the
summary of visits and payments is good enough, although it knows those that lie ahead as well.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from django.db.models import F
from django.db.models.functions import Coalesce

from customers.criteria.summed import FIRST_VISIT, LAST_VISIT, SPENT, VISITS
from customers.criteria.values import Range

DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Measure:
    """A number, or a moment that stands for days since then.

    Attributes:
        expression: over customers.
        number: ``(value of the expression, now)`` to the unit of the range.
        stored: the way back: ``(bound of a range, now)`` to what the expression is compared with.
        falls: true when a larger value of the expression is a smaller number: a later visit is
            fewer days ago.
    """

    expression: Any
    number: Callable = lambda value, now: float(value)
    stored: Callable = lambda bound, now: bound
    falls: bool = False


def of(term) -> tuple[Measure, Range] | None:
    """The measure of a leaf and the range it asks for; None where nearness has no meaning.

    A range that is narrowed, to a service say or to the last 90 days, has no measure here.
    """
    measure, wanted = MEASURES.get(term.fact.name), _range_of(term.value)
    return None if measure is None or wanted is None else (measure, wanted)


def _range_of(value) -> Range | None:
    if isinstance(value, Range) or not is_dataclass(value):
        return value if isinstance(value, Range) else None
    parts = {each.name: getattr(value, each.name) for each in fields(value)}
    ranges = [part for part in parts.values() if isinstance(part, Range)]
    others = [part for part in parts.values() if not isinstance(part, Range)]
    return ranges[0] if len(ranges) == 1 and not any(others) else None


def gap(value: float, wanted: Range, *, is_wanted: bool = True) -> float:
    """How far a number is from where it should be, as a share of the bound (at least of 1)."""
    gaps = []
    for bound, beyond in ((wanted.min, -1), (wanted.max, 1)):
        if bound is None:
            continue
        distance = (value - bound) * beyond
        if not is_wanted:
            distance = 1 - distance
        gaps.append(distance / max(abs(bound), 1))
    return max(0.0, max(gaps) if is_wanted else min(gaps))


def _days_since(column: str) -> Measure:
    return Measure(
        F(column),
        number=lambda moment, now: (now - moment) / DAY,
        stored=lambda days, now: now - days * DAY,
        falls=True,
    )


MEASURES = {
    "last_visit_days": _days_since(LAST_VISIT),
    "first_visit_days": _days_since(FIRST_VISIT),
    "visit_count": Measure(Coalesce(VISITS, 0)),
    "total_spent": Measure(Coalesce(SPENT, 0)),
}
