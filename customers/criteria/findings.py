"""One customer seen by criteria: what holds, what was found, and when that may change."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import BooleanField, Case, Value, When

from customers.criteria.named import Names
from customers.criteria.tree import Term
from customers.criteria.view import View
from customers.models import Customer

AHEAD = dt.timedelta(days=366)


@dataclass(frozen=True)
class Finding:
    """One leaf for one customer.

    Attributes:
        path: where the leaf stands in the criteria, such as ``any.0.tags``.
        sentence: what is asked.
        holds: what the database answers, by the very condition that selects people.
        found: what is so, in words: "12 days ago", "no visit yet".
    """

    term: Term
    path: str
    sentence: str
    holds: bool
    found: str


def find(
    terms: Iterable[Term], customer: Customer, *, now: dt.datetime, names: Names
) -> list[Finding]:
    """The findings of each term, their verdicts in one query."""
    terms = tuple(terms)
    if not terms:
        return []
    view = View(customer.shop, now)
    verdicts = {
        f"holds_{index}": Case(
            When(term.q(view), then=Value(True)),
            default=Value(False),
            output_field=BooleanField(),
        )
        for index, term in enumerate(terms)
    }
    row = Customer.objects.filter(pk=customer.pk).annotate(**verdicts).values(*verdicts).get()
    return [
        Finding(
            term=term,
            path=term.path,
            sentence=term.sentence(names),
            holds=row[name],
            found=term.fact.found(term.value, customer, now=now),
        )
        for name, term in zip(verdicts, terms, strict=True)
    ]


def turning_points(
    terms: Iterable[Term], customer: Customer, *, now: dt.datetime
) -> list[dt.datetime]:
    moments = {
        moment for term in terms for moment in term.fact.turns(term.value, customer, now=now)
    }
    return sorted(moment for moment in moments if now < moment <= now + AHEAD)
