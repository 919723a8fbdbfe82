"""Criteria as a tree of leaves without negations: a leaf under "not" is one that is unwanted.

Pushed down to the leaves by De Morgan's laws, every group only asks for all or for any of its
parts. Then each leaf can only help, and the questions of this package have short answers: how few
leaves keep somebody out, which of them decide, and whom one leaf alone keeps out.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db.models import Case, IntegerField, Q, Value, When
from django.db.models.functions import Least

from customers.criteria import Criteria
from customers.criteria.tree import EVERYBODY, NOBODY, All, Not, Term
from customers.criteria.view import View


@dataclass(frozen=True)
class Leaf:
    """One fact: ``wanted`` to hold, or not to. ``index`` is its place in ``Criteria.terms``."""

    term: Term
    index: int
    wanted: bool


@dataclass(frozen=True)
class Group:
    """All of its parts (none: true), or any of them (none: false)."""

    parts: tuple["Leaf | Group", ...]
    needs_all: bool


Node = Leaf | Group
TRUE, FALSE = Group((), needs_all=True), Group((), needs_all=False)


def of(criteria: Criteria) -> Node:
    """The tree of criteria."""
    counter = iter(range(len(criteria.terms)))
    return _node(criteria.root, wanted=True, index=lambda: next(counter))


def leaves(node: Node) -> Iterator[Leaf]:
    """Every leaf, in order."""
    if isinstance(node, Leaf):
        yield node
        return
    for part in node.parts:
        yield from leaves(part)


def replaced(node: Node, leaf: Leaf, by: Node) -> Node:
    """The tree with another node in the place of one leaf, simplified."""
    if isinstance(node, Leaf):
        return by if node == leaf else node
    return _simple(
        Group(tuple(replaced(part, leaf, by) for part in node.parts), needs_all=node.needs_all)
    )


def deciding(node: Node, holds: Callable[[Leaf], bool]) -> tuple[bool, list[Leaf]]:
    """Whether the tree is true for somebody, and the leaves that make it so.

    Args:
        holds: whether a leaf's fact is true of him, wanted or not.
    """
    if isinstance(node, Leaf):
        return holds(node) == node.wanted, [node]
    answers = [deciding(part, holds) for part in node.parts]
    truths = [truth for truth, _ in answers]
    result = all(truths) if node.needs_all else any(truths)
    return result, [leaf for truth, found in answers if truth == result for leaf in found]


def fewest(node: Node, holds: Callable[[Leaf], bool]) -> int:
    """How many leaves would have to change, at least, for the tree to be true of somebody.

    All: the sum of the parts. Any: the least of them.
    """
    if isinstance(node, Leaf):
        return int(holds(node) != node.wanted)
    costs = [fewest(part, holds) for part in node.parts]
    return sum(costs) if node.needs_all else min(costs, default=NEVER)


NEVER = 10_000  # more than there may be leaves: no change of facts makes it true


def condition(node: Node, view: View) -> Q:
    """The tree as a condition over customers, true or false for everybody."""
    if isinstance(node, Leaf):
        return leaf_condition(node, view)
    asked = [condition(part, view) for part in node.parts]
    if not asked:
        return EVERYBODY if node.needs_all else NOBODY
    whole = asked[0]
    for part in asked[1:]:
        whole = whole & part if node.needs_all else whole | part
    return whole


def leaf_condition(leaf: Leaf, view: View, *, fails: bool = False) -> Q:
    """That a leaf is as it is wanted, or with ``fails`` that it is not."""
    asked = leaf.term.q(view)
    return asked if leaf.wanted != fails else ~asked


def cost(node: Node, view: View):
    """``fewest`` as an expression over customers."""
    if isinstance(node, Leaf):
        asked = node.term.q(view)
        held, failed = (0, 1) if node.wanted else (1, 0)
        return Case(When(asked, then=Value(held)), default=Value(failed))
    costs = [cost(part, view) for part in node.parts]
    if not costs:
        return Value(0 if node.needs_all else NEVER, output_field=IntegerField())
    if not node.needs_all:
        return Least(*costs) if len(costs) > 1 else costs[0]
    whole = costs[0]
    for part in costs[1:]:
        whole = whole + part
    return whole


def _node(raw, *, wanted: bool, index) -> Node:
    if isinstance(raw, Term):
        return Leaf(raw, index(), wanted)
    if isinstance(raw, Not):
        return _node(raw.node, wanted=not wanted, index=index)
    parts = tuple(_node(part, wanted=wanted, index=index) for part in raw.nodes)
    return _simple(Group(parts, needs_all=isinstance(raw, All) == wanted))


def _simple(group: Group) -> Node:
    """Without parts that change nothing: true in an "all", false in an "any"."""
    neutral, final = (TRUE, FALSE) if group.needs_all else (FALSE, TRUE)
    if final in group.parts:
        return final
    parts = tuple(part for part in group.parts if part != neutral)
    if len(parts) == 1:
        return parts[0]
    return neutral if not parts else Group(parts, group.needs_all)
