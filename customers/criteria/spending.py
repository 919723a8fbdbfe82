"""Facts about money: what a customer spent, and where that puts him among the others.

Spent is the sum of payments made at or before ``now``, less what was given back, in minor units.

A spending tier is a third of the shop's own *paying* customers (spent more than nothing), lowest
first. Each customer stands at the share of paying customers who spent less than he did, plus half
of those who spent exactly the same::

    place = (below + same / 2) / paying        low < 1/3 <= medium <= 2/3 < high

The place depends on the amount alone, so equal spenders are always in one tier, whatever the
order of the rows; if all spent the same, all are in the middle. Where the shop has set fixed
amounts, these count instead: medium from ``spending_medium_from``, high from
``spending_high_from``, low whatever is less and more than nothing.
"""

import datetime as dt
from dataclasses import dataclass

from django.db import connection
from django.db.models import Count, F, Q, Sum

from customers.criteria.grouped import Grouped
from customers.criteria.named import Names
from customers.criteria.registry import Fact, register_fact
from customers.criteria.summed import PAYMENTS, SPENT, average_within, of_summary, within
from customers.criteria.tree import EVERYBODY, NOBODY
from customers.criteria.values import (
    Range,
    ends,
    fields,
    in_money,
    number,
    number_range,
    range_of,
    range_schema,
    word_of,
)
from customers.criteria.view import View
from customers.criteria.windows import MOST_DAYS, in_window, says_window, window_turns
from customers.models import Payment, VisitSummary

MOST_SPENT = 10**12
TIERS = {"low": "lowest", "medium": "middle", "high": "highest"}


def _spent(payments):
    return (
        payments.order_by()
        .values("customer")
        .annotate(spent=Sum("amount") - Sum("refunded_amount"))
    )


def _paid(*, now, days: int | None = None):
    return Payment.objects.filter(**in_window("paid_at", days, now=now))


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


def tier_bounds(tier: str, view: View) -> Range | None:
    """The least and the most (minor units) that customers of a tier spent; None: nobody did."""
    shop = view.shop
    if shop.spending_medium_from is not None:
        fixed = {
            "low": Range(1, shop.spending_medium_from - 1),
            "medium": Range(max(shop.spending_medium_from, 1), shop.spending_high_from - 1),
            "high": Range(shop.spending_high_from),
        }
        return fixed[tier]
    if view.ahead == []:
        return _bounds_by_summary(tier, shop=shop)
    payers = _spent(_paid(now=view.now).filter(shop=shop)).filter(spent__gt=0)
    spent, params = payers.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(_TIER_BOUNDS.format(spent=spent, condition=_PLACE[tier]), params)
        least, most = cursor.fetchone()
    return None if least is None else Range(int(least), int(most))


def _bounds_by_summary(tier: str, *, shop) -> Range | None:
    """The same read off the summaries in order: an amount's place is found by counting.

    Whoever spent less than the one at a third of the line stands below a third, whoever spent
    more above it; where he himself stands is counted.
    """
    payers = VisitSummary.objects.for_shop(shop).filter(spent__gt=0)
    paying = payers.count()
    if not paying:
        return None
    amount, place = _at(payers, paying // 3)
    medium_from = amount + 1 if place < 2 * paying else amount
    amount, place = _at(payers, 2 * paying // 3)
    high_from = amount if place > 4 * paying else amount + 1
    return {
        "low": Range(1, medium_from - 1),
        "medium": Range(medium_from, high_from - 1),
        "high": Range(high_from),
    }[tier]


def _at(payers, index: int) -> tuple[int, int]:
    """The amount at a place in the line of payers, and six times the place of that amount."""
    amount = payers.order_by("spent").values_list("spent", flat=True)[index]
    below = payers.filter(spent__lt=amount).count()
    return amount, 6 * below + 3 * payers.filter(spent=amount).count()


def _tier(value: str, view: View) -> Q:
    bounds = tier_bounds(value, view)
    if bounds is None:
        return NOBODY
    return view.by_summary(within(SPENT, bounds), _spent_within(bounds, _paid(now=view.now)))


def _spent_within(value: Range, payments) -> Q:
    """Customers who spent so much by these payments; whoever paid nothing spent nothing."""
    groups = _spent(payments)
    if value.min in (None, 0):
        if value.max is None:
            return EVERYBODY
        return ~Q(Grouped(groups.filter(spent__gt=value.max)))
    groups = groups.filter(spent__gte=value.min)
    return Q(Grouped(groups if value.max is None else groups.filter(spent__lte=value.max)))


@dataclass(frozen=True)
class Spent:
    amount: Range
    days: int | None = None


def _parse_spent(raw, path: str) -> Spent:
    readers = ends(MOST_SPENT) | {"days": number(least=1, most=MOST_DAYS)}
    found = fields(raw, path, readers, like='{"min": 10000, "days": 365}')
    return Spent(range_of(found, path), found.get("days"))


def _total_spent(value: Spent, view: View) -> Q:
    asked = _spent_within(value.amount, _paid(now=view.now, days=value.days))
    return asked if value.days else view.by_summary(within(SPENT, value.amount), asked)


def _ticket(value: Range, view: View) -> Q:
    kept = _paid(now=view.now).filter(amount__gt=F("refunded_amount"))
    groups = _spent(kept).annotate(payments=Count("*"))
    asked = Q(Grouped(groups.filter(average_within("spent", "payments", value))))
    return view.by_summary(of_summary(average_within(SPENT, PAYMENTS, value)), asked)


def _own(customer, *, now, days: int | None = None) -> list[int]:
    """Net amounts of his payments that were not given back in full."""
    rows = _paid(now=now, days=days).filter(customer=customer).order_by("paid_at", "pk")
    amounts = rows.values_list("amount", "refunded_amount")
    return [amount - refunded for amount, refunded in amounts if amount > refunded]


def _spent_found(value, customer, *, now) -> str:
    days = value.days if isinstance(value, Spent) else None
    spent = in_money(sum(_own(customer, now=now, days=days)), customer.shop)
    return f"{spent}{says_window(days)}" if days else f"{spent} in all"


def _ticket_found(value, customer, *, now) -> str:
    paid = _own(customer, now=now)
    if not paid:
        return "no payment yet"
    average = in_money((2 * sum(paid) + len(paid)) // (2 * len(paid)), customer.shop)
    return f"{average} on average over {len(paid):,} payment{'s' if len(paid) > 1 else ''}"


def _turns(value, customer, *, now) -> list[dt.datetime]:
    paid = Payment.objects.filter(customer=customer).values_list("paid_at", flat=True)
    return window_turns(paid, value.days if isinstance(value, Spent) else None)


def _says_tier(value: str, names: Names) -> str:
    shop = names.shop
    if shop is None or shop.spending_medium_from is None:
        return f"who are in the {TIERS[value]} third by spending"
    medium, high = map(names.money, (shop.spending_medium_from, shop.spending_high_from))
    amounts = {
        "low": f"less than {medium}, but more than nothing",
        "medium": f"at least {medium}, but less than {high}",
        "high": f"at least {high}",
    }
    return f"who are in the {value} spending tier ({amounts[value]})"


def _money(**fact) -> Fact:
    return register_fact(Fact(group="Money", turns=_turns, **fact))


_money(
    name="spending_tier",
    description="Third of the shop's paying customers by what they spent, or by the amounts that "
    "the shop has fixed: low, medium, high.",
    parse=word_of(TIERS),
    q=_tier,
    sentence=_says_tier,
    found=_spent_found,
    schema={"enum": list(TIERS)},
    example="medium",
)
_money(
    name="total_spent",
    description="Money spent, net of refunds, in minor units: in all, or in the last so many "
    "`days`.",
    parse=_parse_spent,
    q=_total_spent,
    sentence=lambda value, names: (
        f"who spent {value.amount.says_as(names.money)}{says_window(value.days)}"
    ),
    found=_spent_found,
    schema=range_schema(
        most=MOST_SPENT, days={"type": "integer", "minimum": 1, "maximum": MOST_DAYS}
    ),
    example={"min": 10_000, "days": 365},
)
_money(
    name="average_ticket",
    description="Average payment, net of refunds, in minor units; what was given back in full "
    "does not count, and who never paid has none.",
    parse=number_range(most=MOST_SPENT),
    q=_ticket,
    sentence=lambda value, names: f"who pay {value.says_as(names.money)} on average",
    found=_ticket_found,
    schema=range_schema(most=MOST_SPENT),
    example={"min": 4_000},
)
