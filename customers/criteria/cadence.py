"""The fact about rhythm: how overdue somebody is by his own usual gap between visits.

The usual gap is the mean of his own gaps, drawn towards the trade's 35 days as long as there are
few of them (Bühlmann's credibility, "Experience rating and credibility", ASTIN Bulletin 4, 1967:
own mean times Z plus prior times 1 - Z, with Z = n / (n + k) for n gaps)::

    gap = (k * 35 days + (last - first)) / (k + n)      n = visits - 1, k = 2
    ratio = (now - last) / gap

The prior is the usual gap between men's cuts (half of them between 28 and 43 days). ``k`` says
that it counts as much as two gaps of his own; it is a choice, not a measurement. With a single
visit the gap is the prior, so everybody has a ratio from the first visit on. Moments are taken in
whole seconds and the ratio is compared without a division, so both databases agree to the last.
"""

import datetime as dt
import math

from django.db.models import BigIntegerField, Count, F, Func, Max, Min, Q, Value
from django.db.models.lookups import GreaterThanOrEqual, LessThanOrEqual

from customers.criteria.errors import CriteriaError
from customers.criteria.grouped import Grouped
from customers.criteria.registry import Fact, register_fact
from customers.criteria.summed import FIRST_VISIT, LAST_VISIT, VISITS, of_summary
from customers.criteria.values import Range, ends, fields, range_of
from customers.criteria.view import View
from customers.criteria.visits import all_visits_of, visits_of
from customers.models import Appointment

PRIOR_DAYS = 35
PRIOR_GAPS = 2
DAY = 24 * 60 * 60
HUNDRED = 100
MOST_RATIO = 100


class Seconds(Func):
    """Whole seconds since 1970."""

    function = "FLOOR"
    output_field = BigIntegerField()

    def as_sql(self, compiler, connection, **context):
        template = "FLOOR(EXTRACT(EPOCH FROM %(expressions)s))::bigint"
        return super().as_sql(compiler, connection, template=template, **context)

    def as_sqlite(self, compiler, connection, **context):
        # Without the fraction: SQLite would round its last microsecond up.
        template = "CAST(strftime('%%%%s', substr(%(expressions)s, 1, 19)) AS INTEGER)"
        return super().as_sql(compiler, connection, template=template, **context)


def seconds(moment: dt.datetime) -> int:
    return math.floor(moment.timestamp())


def usual_gap(visits: list[dt.datetime]) -> float | None:
    """Days between visits, shrunk; None before the first one."""
    if not visits:
        return None
    own = (seconds(visits[-1]) - seconds(visits[0])) / DAY
    return (PRIOR_GAPS * PRIOR_DAYS + own) / (PRIOR_GAPS + len(visits) - 1)


def _hundredths(raw, path: str) -> int:
    is_number = isinstance(raw, int) or (isinstance(raw, float) and not math.isnan(raw))
    if isinstance(raw, bool) or not is_number:
        raise CriteriaError(path, "Write a number such as 1.5.")
    if not 0 <= raw <= MOST_RATIO:  # infinity too, and a whole number too long for a float
        raise CriteriaError(path, f"Write a number from 0 to {MOST_RATIO}.")
    found = round(raw * HUNDRED)
    if abs(raw * HUNDRED - found) > 1e-6:
        raise CriteriaError(path, "Write at most two digits after the point.")
    return found


def _parse(raw, path: str) -> Range:
    """A range in hundredths."""
    readers = ends(0, _hundredths)
    return range_of(fields(raw, path, readers, like='{"min": 1.2, "max": 2}'), path)


def _q(value: Range, view: View) -> Q:
    rows = Appointment.objects.filter(
        status=Appointment.Status.COMPLETED, starts_at__lte=view.now
    ).order_by()
    ratio = _ratio(Min("starts_at"), Max("starts_at"), Count("*"), now=view.now)
    groups = rows.values("customer").annotate(**ratio)
    asked = Q(Grouped(groups.filter(_between(value, F("since"), F("gaps")))))
    ratio = _ratio(F(FIRST_VISIT), F(LAST_VISIT), F(VISITS), now=view.now)
    came = Q(**{f"{LAST_VISIT}__isnull": False})
    return view.by_summary(of_summary(came, _between(value, **ratio)), asked)


def _ratio(first, last, visits, *, now: dt.datetime) -> dict:
    """The ratio as two whole numbers, a hundredth of ``gaps`` being its unit."""
    return {
        "since": (Value(seconds(now)) - Seconds(last)) * (visits + (PRIOR_GAPS - 1)) * HUNDRED,
        "gaps": Seconds(last) - Seconds(first) + PRIOR_GAPS * PRIOR_DAYS * DAY,
    }


def _between(value: Range, since, gaps) -> Q:
    asked = Q()
    if value.min is not None:
        asked &= Q(GreaterThanOrEqual(since, gaps * value.min))
    if value.max is not None:
        asked &= Q(LessThanOrEqual(since, gaps * value.max))
    return asked


def _found(value, customer, *, now) -> str:
    came = visits_of(customer, now=now)
    gap = usual_gap(came)
    if gap is None:
        return "no visit yet"
    ratio = (seconds(now) - seconds(came[-1])) / DAY / gap
    return f"{ratio:.2f} times his usual gap of {gap:.0f} day{'' if round(gap) == 1 else 's'}"


def _turns(value: Range, customer, *, now) -> list[dt.datetime]:
    came = all_visits_of(customer)
    found = [time for time in came if time > now]
    past = [time for time in came if time <= now]
    for end in range(len(past), len(came) + 1):
        found += _crossings(value, came[:end])
    return found


def _crossings(value: Range, came: list[dt.datetime]) -> list[dt.datetime]:
    """When the ratio passes the ends of the range, if he does not come again."""
    if not came:
        return []
    gaps = seconds(came[-1]) - seconds(came[0]) + PRIOR_GAPS * PRIOR_DAYS * DAY
    weight = (PRIOR_GAPS + len(came) - 1) * HUNDRED
    ages = []
    if value.min is not None:
        ages.append(-(-value.min * gaps // weight))
    if value.max is not None:
        ages.append(value.max * gaps // weight + 1)
    last = seconds(came[-1])
    return [dt.datetime.fromtimestamp(last + age, dt.UTC) for age in ages]


def _sentence(value: Range, names) -> str:
    times = "time" if value.is_of(HUNDRED) else "times"
    return f"who are {value.says_as(_says)} {times} their usual gap away"


def _says(hundredths: int) -> str:
    return f"{hundredths / HUNDRED:g}"


register_fact(
    Fact(
        name="overdue_ratio",
        group="Visits",
        description="Days since the last visit divided by his usual gap, which begins at the "
        "trade's 35 days and becomes his own with every visit; 1 is due, 2 is twice overdue.",
        parse=_parse,
        q=_q,
        sentence=_sentence,
        found=_found,
        turns=_turns,
        schema={
            "type": "object",
            "properties": {
                name: {"type": "number", "minimum": 0, "maximum": MOST_RATIO, "multipleOf": 0.01}
                for name in ("min", "max")
            },
            "anyOf": [{"required": ["min"]}, {"required": ["max"]}],
            "additionalProperties": False,
        },
        example={"min": 1.2, "max": 2},
    )
)
