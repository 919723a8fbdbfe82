"""The criteria language: who is meant, said in JSON, asked in one set-based query."""

from customers.criteria import people, spending, visits  # noqa: F401 - they register their facts
from customers.criteria.errors import CriteriaError
from customers.criteria.language import Criteria, parse
from customers.criteria.registry import FACTS, Fact, register_fact

__all__ = ["FACTS", "Criteria", "CriteriaError", "Fact", "parse", "register_fact"]
