"""The tree that criteria are: ``All``, ``AnyOf``, ``Not``, and the leaves, ``Term``.

Each node is asked as a ``Q`` and said as a clause that follows "Customers". A ``Q`` of a node is
true or false for everybody, so ``Not`` is the plain complement.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from customers.criteria.named import Names
from customers.criteria.registry import Fact
from customers.criteria.view import View

# An empty ``Q`` disappears beside others, also where ``|`` should let everybody in.
EVERYBODY = Q(pk__isnull=False)
NOBODY = Q(pk__in=[])


@dataclass(frozen=True)
class Term:
    """A leaf: one fact and what it is asked for."""

    fact: Fact
    value: Any
    path: str = field(default="", compare=False)

    is_simple = True

    def q(self, view: View) -> Q:
        return self.fact.q(self.value, view)

    def clause(self, names: Names) -> str:
        return self.fact.sentence(self.value, names)

    sentence = clause

    def terms(self) -> Iterator["Term"]:
        yield self

    def holds(self, answers: Iterator[bool]) -> bool:
        return next(answers)


@dataclass(frozen=True)
class All:
    """Every node holds; with nothing in it, it is everybody."""

    nodes: tuple["Node", ...] = ()

    def q(self, view: View) -> Q:
        condition = Q()
        for node in self.nodes:
            condition &= node.q(view)
        return condition if self.nodes else EVERYBODY

    @property
    def is_simple(self) -> bool:
        flat = self.flat()
        return len(flat) == 1 and flat[0].is_simple and not isinstance(flat[0], Not)

    def flat(self) -> tuple["Node", ...]:
        """What it says in the end: an ``all`` within an ``all`` says no more than its parts."""
        found: list[Node] = []
        for node in map(plain, self.nodes):
            found += node.flat() if isinstance(node, All) else [node]
        return tuple(found)

    def clause(self, names: Names) -> str:
        flat = self.flat()
        wanted = [node for node in flat if not isinstance(node, Not)]
        unwanted = [node.node for node in flat if isinstance(node, Not)]
        said = " and ".join(node.clause(names) for node in wanted) or "who are on record"
        return said + _but(unwanted, names)

    def terms(self) -> Iterator[Term]:
        for node in self.nodes:
            yield from node.terms()

    def holds(self, answers: Iterator[bool]) -> bool:
        # Listed first: each leaf takes its own answer, also when it is settled already.
        verdicts = [node.holds(answers) for node in self.nodes]
        return all(verdicts)


@dataclass(frozen=True)
class AnyOf:
    """At least one node holds."""

    nodes: tuple["Node", ...]

    is_simple = True  # "either … or …" holds itself together

    def q(self, view: View) -> Q:
        condition = Q()
        for node in self.nodes:
            condition |= node.q(view)
        return condition if self.nodes else NOBODY

    def clause(self, names: Names) -> str:
        said = [_whole(node, names) for node in map(plain, self.nodes)]
        return f"either {', '.join(said[:-1])} or {said[-1]}"

    def terms(self) -> Iterator[Term]:
        for node in self.nodes:
            yield from node.terms()

    def holds(self, answers: Iterator[bool]) -> bool:
        verdicts = [node.holds(answers) for node in self.nodes]
        return any(verdicts)


@dataclass(frozen=True)
class Not:
    """The node does not hold."""

    node: "Node"

    is_simple = True

    def q(self, view: View) -> Q:
        return ~self.node.q(view)

    def clause(self, names: Names) -> str:
        return f"who are not among those {_whole(plain(self.node), names)}"

    def terms(self) -> Iterator[Term]:
        yield from self.node.terms()

    def holds(self, answers: Iterator[bool]) -> bool:
        return not self.node.holds(answers)


Node = All | AnyOf | Not | Term


def plain(node: Node) -> Node:
    """Without wrapping: an object or a list with one thing in it is that thing."""
    while isinstance(node, All | AnyOf) and len(node.nodes) == 1:
        node = node.nodes[0]
    return node


def sentence(root: Node, names: Names) -> str:
    """Criteria in plain English.

    Several conditions are joined by "and"; alternatives stand between "either" and "or"; who is
    left out comes last: "Customers who came at least 3 times, but not those who are tagged VIP."
    """
    root = plain(root)
    flat = root.flat() if isinstance(root, All) else (root,)
    wanted = [node for node in flat if not isinstance(node, Not)]
    unwanted = [node.node for node in flat if isinstance(node, Not)]
    if not wanted:
        return f"All customers{_but(unwanted, names)}."
    return (
        f"Customers {' and '.join(node.clause(names) for node in wanted)}{_but(unwanted, names)}."
    )


def _but(unwanted: list[Node], names: Names) -> str:
    said = [f"those {_whole(plain(node), names)}" for node in unwanted]
    if not said:
        return ""
    if len(said) == 1:
        return f", but not {said[0]}"
    return f", but neither {', '.join(said[:-1])} nor {said[-1]}"


def _whole(node: Node, names: Names) -> str:
    """A clause inside another one: in brackets when it has parts of its own."""
    if isinstance(node, All) and not node.is_simple and node.nodes:
        return f"({node.clause(names)})"
    if isinstance(node, AnyOf):
        return f"({node.clause(names)})"
    return node.clause(names)
