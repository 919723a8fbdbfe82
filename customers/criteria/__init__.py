"""The criteria language: who is meant, said in JSON, asked in one set-based query."""

from customers.criteria import (  # noqa: F401 - they register their facts
    birthdays,
    cadence,
    chance,
    counts,
    membership,
    people,
    permission,
    places,
    season,
    spending,
    visits,
)
from customers.criteria.checking import check
from customers.criteria.errors import CriteriaError
from customers.criteria.findings import Finding
from customers.criteria.language import MAX_DEPTH, MAX_LEAVES, Criteria, parse
from customers.criteria.named import Names
from customers.criteria.registry import FACTS, Fact, register_fact
from customers.criteria.tree import All, AnyOf, Not, Term

__all__ = [
    "FACTS",
    "MAX_DEPTH",
    "MAX_LEAVES",
    "All",
    "AnyOf",
    "Criteria",
    "CriteriaError",
    "Fact",
    "Finding",
    "Names",
    "Not",
    "Term",
    "check",
    "parse",
    "register_fact",
]
