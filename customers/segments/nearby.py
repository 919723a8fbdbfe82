"""Some of those inside a segment, and of those just outside it, with the facts that decide.

Just outside is whom the fewest leaves keep out; among those whom one leaf keeps out, first who is
nearest to its range. For each of the first leaves the database is asked for a few whom that leaf
alone keeps out; only when they are too few, everybody outside is ordered by how many leaves it is.
The number of questions depends on the rule, never on how many customers there are.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import F, Q

from customers.criteria import Criteria, Names
from customers.criteria.grouped import settle
from customers.criteria.view import View
from customers.models import Customer
from customers.segments import measures, tree
from customers.segments.tree import Leaf

SHOWN = 5
SHOWN_WITH = ("shop", "preferred_barber")  # what findings look at
MOST_ASKED = 12  # leaves relaxed one by one
FAR = float("inf")


@dataclass(frozen=True)
class Neighbour:
    """Somebody near the border.

    Attributes:
        deciding: the findings that let him in, or that keep him out.
    """

    customer: Customer
    is_inside: bool
    deciding: tuple

    @property
    def reasons(self) -> list[str]:
        """What was found of him, and the clause that it decides."""
        return [
            f"{finding.found}: {'' if finding.holds else 'not '}among those {finding.sentence}"
            for finding in self.deciding
        ]


def inside(
    criteria: Criteria, *, shop, now: dt.datetime, limit: int = SHOWN, names: Names | None = None
) -> list[Neighbour]:
    """The newest of those who are in."""
    names = names or Names(shop)
    people = criteria.select(shop=shop, now=now).select_related(*SHOWN_WITH)
    newest = people.order_by("-pk")[:limit]
    return [_neighbour(criteria, person, now=now, names=names) for person in newest]


def just_outside(
    criteria: Criteria, *, shop, now: dt.datetime, limit: int = SHOWN, names: Names | None = None
) -> list[Neighbour]:
    """Those who are nearly in, nearest first; nobody when everybody is in."""
    root, view = tree.of(criteria), View(shop, now)
    everybody = Customer.objects.for_shop(shop).present().select_related(*SHOWN_WITH)
    best: dict[int, tuple[float, Customer]] = {}
    for leaf in list(tree.leaves(root))[:MOST_ASKED]:
        for distance, person in _kept_out_by(root, leaf, everybody, view, n=limit):
            if person.pk not in best or distance < best[person.pk][0]:
                best[person.pk] = distance, person
    ranked = sorted(best.values(), key=lambda found: (found[0], found[1].pk))
    people = [person for _, person in ranked[:limit]]
    if len(people) < limit and root != tree.FALSE:
        found = [person.pk for person in people]
        people += _by_cost(root, everybody.exclude(pk__in=found), view)[: limit - len(people)]
    names = names or Names(shop)
    return [_neighbour(criteria, person, now=now, names=names) for person in people]


def _kept_out_by(
    root, leaf: Leaf, people, view: View, *, n: int
) -> Iterator[tuple[float, Customer]]:
    """A few whom this leaf alone keeps out, nearest first where there is a measure."""
    would_be = tree.replaced(root, leaf, tree.TRUE)
    without = tree.replaced(root, leaf, tree.FALSE)
    people = people.filter(tree.leaf_condition(leaf, view, fails=True))
    if would_be != tree.TRUE:
        people = people.filter(settle(tree.condition(would_be, view), shop=view.shop))
    if without == tree.TRUE:
        return
    if without != tree.FALSE:
        people = people.filter(~tree.condition(without, view))
    measured = measures.of(leaf.term)
    if measured is None:
        yield from ((FAR, person) for person in people.order_by("pk")[:n])
        return
    measure, wanted = measured
    people = people.annotate(measured=measure.expression)
    for order, asked in _sides(leaf, measure, wanted, now=view.now):
        for person in people.filter(asked).order_by(order, "pk")[:n]:
            yield _distance(person, leaf, measure, wanted, now=view.now), person


def _sides(leaf: Leaf, measure, wanted, *, now) -> list[tuple]:
    """Orders that bring the nearest first, each for those whom it is about.

    Below a range the largest come first, above it the smallest; whoever has no value at all is
    asked for apart. An unwanted range is left at either end.
    """
    rising, falling = F("measured").asc(), F("measured").desc()
    less, more = "measured__lt", "measured__gt"
    if measure.falls:
        rising, falling, less, more = falling, rising, more, less
    sides = [(F("pk").asc(), Q(measured=None))] if leaf.wanted else []
    if wanted.max is not None:
        about = Q(**{more: measure.stored(wanted.max, now)}) if leaf.wanted else Q()
        sides.insert(0, (rising if leaf.wanted else falling, about))
    if wanted.min is not None:
        about = Q(**{less: measure.stored(wanted.min, now)}) if leaf.wanted else Q()
        sides.insert(0, (falling if leaf.wanted else rising, about))
    return sides


def _distance(person, leaf: Leaf, measure, wanted, *, now) -> float:
    if person.measured is None:
        return FAR
    value = measure.number(person.measured, now)
    return measures.gap(value, wanted, is_wanted=leaf.wanted)


def _by_cost(root, people, view: View):
    """Everybody who is out, by how many leaves keep him there."""
    people = people.annotate(leaves_off=tree.cost(root, view))
    return people.filter(leaves_off__gt=0, leaves_off__lt=tree.NEVER).order_by("leaves_off", "pk")


def _neighbour(criteria: Criteria, person: Customer, *, now, names: Names) -> Neighbour:
    findings = criteria.findings(person, now=now, names=names)
    root = tree.of(criteria)
    is_in, leaves = tree.deciding(root, lambda leaf: findings[leaf.index].holds)
    return Neighbour(person, is_in, tuple(findings[leaf.index] for leaf in leaves))
