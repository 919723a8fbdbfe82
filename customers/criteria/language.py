"""Criteria as given (JSON), understood (a tree of terms) and asked (a ``Q``)."""

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils import timezone

from barbershop.nearest import did_you_mean
from customers.criteria.errors import CriteriaError
from customers.criteria.registry import FACTS, Fact
from customers.models import Customer


@dataclass(frozen=True)
class Term:
    """A leaf: one fact and what it is asked for."""

    fact: Fact
    value: Any

    def q(self, *, shop, now: dt.datetime) -> Q:
        return self.fact.q(self.value, shop=shop, now=now)

    def sentence(self) -> str:
        return self.fact.sentence(self.value)


@dataclass(frozen=True)
class Criteria:
    """Everything in it must hold; with nothing in it, it is everybody."""

    terms: tuple[Term, ...] = ()

    def q(self, *, shop, now: dt.datetime | None = None) -> Q:
        """A condition over customers of ``shop`` as they stood at ``now``.

        A fact may ask the database here already, as ``spending_tier`` does for its bounds: make
        the condition anew each time rather than keep it.
        """
        now = now or timezone.now()
        condition = Q()
        for term in self.terms:
            condition &= term.q(shop=shop, now=now)
        return condition

    def apply(self, queryset, *, shop, now: dt.datetime | None = None):
        """The customers of ``queryset`` who are of ``shop`` and match."""
        return queryset.for_shop(shop).filter(self.q(shop=shop, now=now))

    def select(self, *, shop, now: dt.datetime | None = None):
        """Every customer of the shop who matches and has not been erased."""
        return self.apply(Customer.objects.present(), shop=shop, now=now)

    def sentence(self) -> str:
        """The criteria in plain English."""
        if not self.terms:
            return "All customers."
        return f"Customers {' and '.join(term.sentence() for term in self.terms)}."


def parse(raw: dict | None) -> Criteria:
    """Understand criteria as they came from outside.

    ``{"last_visit_days": {"min": 30, "max": 90}, "spending_tier": "medium"}`` asks for customers
    for whom both hold; ``{}`` is everybody. The known words are those of ``FACTS``.

    Raises:
        CriteriaError: at the first thing that is not understood, naming the nearest known word.
    """
    if raw is None:
        raw = {}
    if not isinstance(raw, dict):
        raise CriteriaError("", 'Write an object such as {"spending_tier": "medium"}.')
    return Criteria(tuple(_term(key, value) for key, value in raw.items()))


def _term(key: str, value) -> Term:
    fact = FACTS.get(key)
    if fact is None:
        shown = json.dumps(key)[1:-1][:80]
        raise CriteriaError(shown, f'There is no criterion "{shown}". {did_you_mean(key, FACTS)}')
    return Term(fact, fact.parse(value, key))
