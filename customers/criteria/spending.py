"""Facts about money: what a customer spent, and where that puts him among the others.

Spent is the sum of payments made at or before ``now``, less what was given back, in minor units.

A spending tier is a third of the shop's own *paying* customers (spent more than nothing), lowest
first. Each customer stands at the share of paying customers who spent less than he did, plus half
of those who spent exactly the same::

    place = (below + same / 2) / paying        low < 1/3 <= medium <= 2/3 < high

The place depends on the amount alone, so equal spenders are always in one tier, whatever the
order of the rows; if all spent the same, all are in the middle.
"""

from django.db import connection
from django.db.models import BigIntegerField, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from customers.criteria.registry import Fact, register_fact
from customers.criteria.values import Range, number_range, word_of
from customers.criteria.visits import within
from customers.models import Payment

MOST_SPENT = 10**12
TIERS = {"low": "lowest", "medium": "middle", "high": "highest"}


def _spent(payments, *, now):
    return (
        payments.filter(paid_at__lte=now)
        .order_by()
        .values("customer")
        .annotate(spent=Sum("amount") - Sum("refunded_amount"))
    )


def _spent_of_each(*, now):
    # Of the customer alone, not of the shop again: see ``visits``.
    rows = _spent(Payment.objects.filter(customer=OuterRef("pk")), now=now).values("spent")
    return Coalesce(Subquery(rows, output_field=BigIntegerField()), 0)


# The ORM cannot put windows over groups. Times six times ``paying``, all numbers stay whole.
_TIER_BOUNDS = """
    SELECT MIN(spent), MAX(spent) FROM (
        SELECT spent,
            6 * (RANK() OVER (ORDER BY spent) - 1)
                + 3 * COUNT(*) OVER (PARTITION BY spent) AS place,
            2 * COUNT(*) OVER () AS third
        FROM ({spent}) AS paid
    ) AS placed WHERE {condition}
"""
_PLACE = {
    "low": "place < third",
    "medium": "place >= third AND place <= 2 * third",
    "high": "place > 2 * third",
}


def tier_bounds(tier: str, *, shop, now) -> Range | None:
    """The least and the most (minor units) that customers of a tier spent; None: nobody did."""
    payers = _spent(Payment.objects.for_shop(shop), now=now).filter(spent__gt=0)
    spent, params = payers.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(_TIER_BOUNDS.format(spent=spent, condition=_PLACE[tier]), params)
        least, most = cursor.fetchone()
    return None if least is None else Range(int(least), int(most))


def _tier(value: str, *, shop, now) -> Q:
    bounds = tier_bounds(value, shop=shop, now=now)
    if bounds is None:
        return Q(pk__in=[])
    return within(bounds, _spent_of_each(now=now))


def _total_spent(value: Range, *, shop, now) -> Q:
    return within(value, _spent_of_each(now=now))


register_fact(
    Fact(
        name="spending_tier",
        description="Third of the shop's paying customers by what they spent: low, medium, high.",
        parse=word_of(TIERS),
        q=_tier,
        sentence=lambda value: f"who are in the {TIERS[value]} third by spending",
    )
)
register_fact(
    Fact(
        name="total_spent",
        description="Money spent so far, net of refunds, in minor units.",
        parse=number_range(most=MOST_SPENT),
        q=_total_spent,
        sentence=lambda value: f"who spent {value.says('')} in minor units",
    )
)
