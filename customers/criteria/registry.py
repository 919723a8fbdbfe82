"""The facts about a customer that criteria may ask for. Upper floors add theirs when ready."""

from collections.abc import Callable
from dataclasses import dataclass

FACTS: dict[str, "Fact"] = {}


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One word of the criteria language.

    Attributes:
        name: the key in the criteria object.
        description: for people who build a segment.
        parse: ``(raw, path)`` to the meant value, or ``CriteriaError``.
        q: ``(value, *, shop, now)`` to a ``Q`` over customers: set-based; at most one query of its
            own, as for the bounds of ``spending_tier``.
        sentence: ``(value)`` to a clause that follows "Customers", such as "who have a tag VIP".
    """

    name: str
    description: str
    parse: Callable
    q: Callable
    sentence: Callable


def register_fact(fact: Fact) -> Fact:
    """Teach the language a word.

    Raises:
        ValueError: when the word is already taken by another fact.
    """
    if FACTS.get(fact.name, fact) != fact:
        raise ValueError(f"the fact {fact.name!r} is already registered")
    FACTS[fact.name] = fact
    return fact
