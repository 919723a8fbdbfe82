"""The fact about saved segments: a segment's criteria stand in the place of its id.

A segment may be made of others, not of itself: that is refused when it is saved, and when it comes
about all the same, nobody is in a segment by being in it.
"""

import datetime as dt
from collections.abc import Iterator

from django.db.models import Q

from barbershop.whole_numbers import LARGEST
from customers.criteria.errors import CriteriaError
from customers.criteria.findings import turning_points as moments_of
from customers.criteria.named import row_id
from customers.criteria.registry import Fact, register_fact
from customers.criteria.tree import All, AnyOf, Node, Not, Term
from customers.criteria.values import list_schema, one_or_more
from customers.criteria.view import View
from customers.models import CustomerSegment

MAX_LEAVES = 1000  # of all segments together, written out
Known = dict[int, dict]


def _known(shop) -> Known:
    """Stored criteria of every segment of the shop: one query, whatever names whatever."""
    return dict(CustomerSegment.objects.for_shop(shop).values_list("pk", "criteria"))


def _written_out(ids: tuple[int, ...], *, shop) -> AnyOf:
    """The criteria of the segments, with those of the segments that they name."""
    counted = iter(range(MAX_LEAVES))
    return _any(ids, _known(shop), above=frozenset(), counted=counted)


def _any(ids, known: Known, *, above: frozenset[int], counted: Iterator[int]) -> AnyOf:
    from customers.criteria.language import parse

    found = []
    for pk in ids:
        if pk in known and pk not in above:
            root = parse(known[pk]).root
            found.append(_without(root, known, above=above | {pk}, counted=counted))
    return AnyOf(tuple(found))


def _without(node: Node, known: Known, *, above: frozenset[int], counted: Iterator[int]) -> Node:
    """The node without names of segments: their criteria instead."""
    if isinstance(node, Term):
        if next(counted, None) is None:
            raise CriteriaError("", f"The segments say more than {MAX_LEAVES} things together.")
        if node.fact.name != NAME:
            return node
        return _any(node.value, known, above=above, counted=counted)
    if isinstance(node, Not):
        return Not(_without(node.node, known, above=above, counted=counted))
    nodes = tuple(_without(each, known, above=above, counted=counted) for each in node.nodes)
    return All(nodes) if isinstance(node, All) else AnyOf(nodes)


def _q(ids: tuple[int, ...], view: View) -> Q:
    return _written_out(ids, shop=view.shop).q(view)


def _found(ids: tuple[int, ...], customer, *, now) -> str:
    names = dict(CustomerSegment.objects.for_shop(customer.shop).values_list("pk", "name"))
    terms = [Term(FACT, (pk,)) for pk in ids if pk in names]
    inside = [
        names[term.value[0]]
        for term, holds in zip(terms, _verdicts(terms, customer, now=now), strict=True)
        if holds
    ]
    return f"in {', '.join(inside)}" if inside else "in none of them"


def _verdicts(terms: list[Term], customer, *, now) -> list[bool]:
    from customers.models import Customer

    view = View(customer.shop, now)
    return [Customer.objects.filter(term.q(view), pk=customer.pk).exists() for term in terms]


def _turns(ids: tuple[int, ...], customer, *, now) -> list[dt.datetime]:
    return moments_of(_written_out(ids, shop=customer.shop).terms(), customer, now=now)


def _check(ids: tuple[int, ...], path: str, *, shop, segment: int | None) -> None:
    known = _known(shop)
    for index, pk in enumerate(ids):
        where = f"{path}.{index}" if len(ids) > 1 else path
        if pk not in known:
            raise CriteriaError(where, f"There is no segment {pk} in this shop.")
        if segment is not None and segment in _reached(pk, known):
            raise CriteriaError(where, "A segment cannot be made of itself.")
    try:
        _any(ids, known, above=frozenset(), counted=iter(range(MAX_LEAVES)))
    except CriteriaError as error:
        raise CriteriaError(path, f"One of the segments: {error}") from error


def _reached(pk: int, known: Known) -> set[int]:
    """The segment, and every one that it is made of."""
    from customers.criteria.language import parse

    reached: set[int] = set()
    waiting = [pk]
    while waiting:
        current = waiting.pop()
        if current in reached or current not in known:
            continue
        reached.add(current)
        try:
            terms = parse(known[current]).terms
        except CriteriaError:
            continue
        waiting += [pk for term in terms if term.fact.name == NAME for pk in term.value]
    return reached


NAME = "in_segment"
FACT = register_fact(
    Fact(
        name=NAME,
        group="Selection",
        description="Is in one of these saved segments, by id.",
        parse=one_or_more(row_id),
        q=_q,
        sentence=lambda ids, names: (
            f"who are in segment {names.any_of(CustomerSegment, ids, quoted=True)}"
        ),
        found=_found,
        turns=_turns,
        check=_check,
        schema=list_schema({"type": "integer", "minimum": 1, "maximum": LARGEST}),
        example=[7],
    )
)
