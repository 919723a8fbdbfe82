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


def turned(node: Node, holds: Callable[[Leaf], bool], held: Callable[[Leaf], bool]) -> list[Leaf]:
    """The leaves by which a tree that was true of somebody is false of him now.

    Of an "all" every part was true, so each that is false now has turned. Of an "any" at least one
    was: which, is told by the leaves as they were, and by none where they do not know.

    Args:
        holds: whether a leaf's fact is true of him now.
        held: whether it was, as far as its dates tell.
    """
    if deciding(node, holds)[0]:
        return []
    if isinstance(node, Leaf):
        return [node]
    parts = node.parts
    if not node.needs_all:
        parts = [part for part in parts if deciding(part, held)[0]]
    return [leaf for part in parts for leaf in turned(part, holds, held)]


def lacking(node: Node, holds: Callable[[Leaf], bool]) -> Node | None:
    """What would have to turn for the tree to be true of somebody; None when it is.

    All of the leaves of an "all", and of an "any" one of the parts: these are the leaves that
    decide, in their groups. ``FALSE`` when no change of facts makes it true.
    """
    if isinstance(node, Leaf):
        return None if holds(node) == node.wanted else node
    found = [lacking(part, holds) for part in node.parts]
    failing = [part for part in found if part is not None]
    is_true = not failing if node.needs_all else len(failing) < len(found)
    if is_true:
        return None
    parts = []
    for part in failing:
        is_same = isinstance(part, Group) and part.needs_all == node.needs_all
        parts += part.parts if is_same else [part]
    return parts[0] if len(parts) == 1 else Group(tuple(parts), node.needs_all)


def wanted(criteria: Criteria) -> list[bool]:
    """Of every leaf, also of those that change nothing, whether it is wanted to hold."""
    return list(_wanted(criteria.root, wanted=True))


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


def _wanted(raw, *, wanted: bool) -> Iterator[bool]:
    if isinstance(raw, Term):
        yield wanted
    elif isinstance(raw, Not):
        yield from _wanted(raw.node, wanted=not wanted)
    else:
        for part in raw.nodes:
            yield from _wanted(part, wanted=wanted)


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
