"""Criteria as rows: facts with their values, joined by "all" or "any", each may be negated.

Pure. What rows cannot say (groups within groups) stays JSON, in its own box.
"""

from dataclasses import dataclass
from typing import Any

from customers.criteria import FACTS

ALL, ANY = "all", "any"


@dataclass(frozen=True)
class Rule:
    """One row: a fact by name, its value as JSON, and whether it must not hold."""

    fact: str
    value: Any
    negated: bool = False

    @property
    def raw(self) -> dict:
        said = {self.fact: self.value}
        return {"not": said} if self.negated else said


def as_criteria(rules: list[Rule], *, join: str = ALL) -> dict:
    """The criteria that rows say; none are everybody. Short where the short form can say it."""
    if join == ANY and len(rules) > 1:
        return {"any": [rule.raw for rule in rules]}
    names = [rule.fact for rule in rules]
    if len(set(names)) == len(names) and not any(rule.negated for rule in rules):
        return {rule.fact: rule.value for rule in rules}
    if len(rules) == 1:
        return rules[0].raw
    return {"all": [rule.raw for rule in rules]}


def as_rules(raw: dict | None) -> tuple[str, list[Rule]] | None:
    """The join and the rows of criteria; None for a tree deeper than rows can say."""
    raw = raw or {}
    if not isinstance(raw, dict):
        return None
    if set(raw) == {"any"} and isinstance(raw["any"], list):
        rules = _each(raw["any"])
        return None if rules is None else (ANY, rules)
    rules = []
    for key, value in raw.items():
        found = _each(value) if key == "all" and isinstance(value, list) else _one({key: value})
        if found is None:
            return None
        rules += found
    return ALL, rules


def _each(items: list) -> list[Rule] | None:
    found = [_one(item) for item in items]
    # An item of several facts is a group of its own.
    if any(rules is None or len(rules) != 1 for rules in found):
        return None
    return [rules[0] for rules in found]


def _one(item) -> list[Rule] | None:
    if not isinstance(item, dict) or len(item) != 1:
        return None
    ((key, value),) = item.items()
    if key == "not" and isinstance(value, dict) and len(value) == 1:
        ((fact, inner),) = value.items()
        return [Rule(fact, inner, negated=True)] if fact in FACTS else None
    return [Rule(key, value)] if key in FACTS else None
