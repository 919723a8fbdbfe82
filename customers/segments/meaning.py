"""Whether two rules mean the same, however they are written down."""

from dataclasses import fields, is_dataclass
from typing import Any

from customers import criteria
from customers.criteria import Fact
from customers.segments import tree
from customers.segments.tree import Leaf, Node


def says_the_same(one: dict, other: dict) -> bool:
    """Whether two rules are the same, maybe in other brackets; one that cannot be read is not."""
    try:
        return _said(tree.of(criteria.parse(one))) == _said(tree.of(criteria.parse(other)))
    except criteria.CriteriaError:
        return False


def read(rule: dict) -> criteria.Criteria | None:
    """A stored rule; None where it cannot be read (any more)."""
    try:
        return criteria.parse(rule)
    except criteria.CriteriaError:
        return None


def is_same_value(fact: Fact, one: Any, other: Any) -> bool:
    """Whether two values of a fact ask for the same; one that cannot be read does not."""
    try:
        return _unordered(fact.parse(one, "")) == _unordered(fact.parse(other, ""))
    except criteria.CriteriaError:
        return False


def _said(node: Node):
    if isinstance(node, Leaf):
        return node.term.fact.name, _unordered(node.term.value), node.wanted
    return node.needs_all, tuple(_said(part) for part in node.parts)


def _unordered(value: Any):
    """A list in a value names what may be, or what must be: in which order is all the same."""
    if isinstance(value, tuple):
        return frozenset(_unordered(each) for each in value)
    if is_dataclass(value):
        return tuple(_unordered(getattr(value, field.name)) for field in fields(value))
    return value
