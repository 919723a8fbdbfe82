"""The facts about a customer that criteria may ask for. Upper floors add theirs when ready."""

from collections.abc import Callable
from dataclasses import dataclass

FACTS: dict[str, "Fact"] = {}


def no_turns(value, customer, *, now) -> tuple:
    """For a fact that only changes when somebody writes something down."""
    return ()


def always(shop) -> bool:
    """For a fact that may be so of somebody in every shop."""
    return True


def nothing_to_check(value, path: str, *, shop, segment) -> None:
    """For a fact that names no row of the shop."""


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One word of the criteria language.

    Attributes:
        name: the key in the criteria object.
        group: under which heading people look for it.
        description: for people who build a segment.
        parse: ``(raw, path)`` to the meant value, or ``CriteriaError``.
        q: ``(value, view)`` to a ``Q`` over customers: set-based; a few short queries of its own
            at most, as for the bounds of ``spending_tier``. True or false for everybody, never
            unknown, so that ``not`` turns it round.
        sentence: ``(value, names)`` to a clause that follows "Customers", such as "who have a tag
            VIP"; ``names`` (``named.Names``) tells what the rows are called that the value names.
        found: ``(value, customer, *, now)`` to what is so, in words: "12 days ago".
        turns: ``(value, customer, *, now)`` to moments at which time alone may change the answer,
            as far as the customer's own rows say; past ones and far ones do no harm.
        check: ``(value, path, *, shop, segment)`` raises ``CriteriaError`` for a row that this
            shop does not have; ``segment`` is the one being saved, if it is one.
        offered: ``(shop)`` to whether a form offers it to who builds a segment; criteria may name
            it all the same.
        schema: of the value, in the words of JSON Schema.
        example: of the value.
    """

    name: str
    group: str
    description: str
    parse: Callable
    q: Callable
    sentence: Callable
    found: Callable
    turns: Callable = no_turns
    check: Callable = nothing_to_check
    offered: Callable = always
    schema: dict
    example: object


def register_fact(fact: Fact) -> Fact:
    """Teach the language a word.

    Raises:
        ValueError: when the word is already taken by another fact, or by the grammar.
    """
    if FACTS.get(fact.name, fact) != fact or fact.name in {"all", "any", "not"}:
        raise ValueError(f"the fact {fact.name!r} is already registered")
    FACTS[fact.name] = fact
    return fact
