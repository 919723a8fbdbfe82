"""Why somebody entered or left a segment: the facts that changed, in words.

A leaf that turned is said as "now among those …" or "no longer among those …", followed by what
was found, where only few people are asked about.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from customers.criteria import Criteria, Names
from customers.criteria.view import View
from customers.models import Customer
from customers.segments import tree
from customers.segments.tree import Leaf

LONGEST = 300  # the column
MOST_FOUND = 10  # people whose actual values are looked up, one by one
NEW_RULE = "the rule was changed"
NEW_PERSON = "new among the customers"
NO_LEAF = "what is known of the customer was changed"


@dataclass(frozen=True)
class Change:
    """What happened between two looks at one rule.

    Attributes:
        then: the last look; None when nobody was written down at it.
        is_new_rule: the rule is not the one of the last look.
    """

    rule: Criteria
    shop: object
    then: dt.datetime | None
    now: dt.datetime
    is_new_rule: bool

    @cached_property
    def names(self) -> Names:
        return Names(self.shop)

    def left(self, people: Sequence[int]) -> dict[int, str]:
        """For customers (ids) who are not in any more: the leaves by which they left.

        By a new rule: all those that keep them out now.
        """
        root = tree.of(self.rule)
        held = holding(root, people, shop=self.shop, now=self.now)
        before = {} if self.is_new_rule else self._before(root, people)
        found = self._found(people)
        reasons = {}
        for pk in people:

            def holds(leaf, pk=pk):
                return pk in held[leaf.index]

            if self.is_new_rule:
                said = self._said(tree.deciding(root, holds)[1], held, pk, found)
                reasons[pk] = shortened([NEW_RULE, *said])
            else:
                turned = tree.turned(root, holds, lambda leaf, pk=pk: pk in before[leaf.index])
                reasons[pk] = shortened(self._said(turned, held, pk, found))
        return reasons

    def entered(self, people: Sequence[int]) -> dict[int, str]:
        """For customers (ids) who are in now: the leaves that were otherwise at the last look."""
        if self.is_new_rule:
            return dict.fromkeys(people, NEW_RULE)
        root = tree.of(self.rule)
        held = holding(root, people, shop=self.shop, now=self.now)
        before = self._before(root, people)
        new = self._new(people)
        found = self._found(people)
        reasons = {}
        for pk in people:
            _, leaves = tree.deciding(root, lambda leaf, pk=pk: pk in held[leaf.index])
            turned = [
                leaf for leaf in leaves if (pk in held[leaf.index]) != (pk in before[leaf.index])
            ]
            said = self._said(turned, held, pk, found)
            reasons[pk] = NEW_PERSON if pk in new else shortened(said)
        return reasons

    def _before(self, root, people: Sequence[int]) -> dict[int, set[int]]:
        """As ``holding`` at the last look, by the dates of what is known now."""
        return holding(root, people, shop=self.shop, now=self.then)

    def _said(self, leaves: Sequence[Leaf], held: dict, pk: int, found: dict) -> list[str]:
        return in_words(
            leaves, lambda leaf: pk in held[leaf.index], found.get(pk), names=self.names
        )

    def _new(self, people: Sequence[int]) -> set[int]:
        rows = Customer.objects.for_shop(self.shop).filter(pk__in=people, created_at__gt=self.then)
        return set(rows.values_list("pk", flat=True))

    def _found(self, people: Sequence[int]) -> dict[int, list]:
        """Findings of the first few: each costs questions of its own."""
        rows = Customer.objects.for_shop(self.shop).select_related("shop", "preferred_barber")
        first = rows.in_bulk(list(people[:MOST_FOUND]))
        return {
            pk: self.rule.findings(person, now=self.now, names=self.names)
            for pk, person in first.items()
        }


def holding(root, people: Sequence[int], *, shop, now) -> dict[int, set[int]]:
    """For each leaf, by its index, those of these customers (ids) of whom its fact is true."""
    view, rows = View(shop, now), Customer.objects.for_shop(shop).filter(pk__in=people)
    return {
        leaf.index: set(rows.filter(leaf.term.q(view)).values_list("pk", flat=True))
        for leaf in tree.leaves(root)
    }


def in_words(leaves: Sequence[Leaf], holds, findings, *, names: Names) -> list[str]:
    """A clause for each leaf as it is now, with what was found."""
    said = []
    for leaf in leaves:
        start = "now" if holds(leaf) else "no longer"
        value = f" ({findings[leaf.index].found})" if findings else ""
        said.append(f"{start} among those {leaf.term.sentence(names)}{value}")
    return said


def shortened(clauses: Sequence[str]) -> str:
    """As many whole clauses as the column holds; the first one at any length."""
    kept = NO_LEAF if not clauses else clauses[0]
    for index, clause in enumerate(clauses[1:], start=1):
        longer = f"{kept}; {clause}"
        more = f"; and {len(clauses) - index} more"
        if len(longer) > LONGEST or (index + 1 < len(clauses) and len(longer + more) > LONGEST):
            return (kept + more)[:LONGEST]
        kept = longer
    return kept if len(kept) <= LONGEST else f"{kept[: LONGEST - 1]}…"
