"""Criteria as given (JSON), understood (a tree) and asked (a ``Q``).

The grammar: an object holds when all of its keys do; a key is a fact, or ``all`` (a list of
objects), ``any`` (a list of objects, at least one) or ``not`` (an object).
"""

import datetime as dt
import json
from dataclasses import dataclass, field

from django.db.models import Q
from django.utils import timezone

from barbershop.nearest import did_you_mean
from customers.criteria.errors import CriteriaError
from customers.criteria.findings import Finding, find, turning_points
from customers.criteria.grouped import settle
from customers.criteria.named import Names
from customers.criteria.registry import FACTS
from customers.criteria.tree import All, AnyOf, Node, Not, Term, sentence
from customers.criteria.view import View
from customers.models import Customer

MAX_DEPTH = 8  # objects within objects
MAX_LEAVES = 100
OPERATORS = ("all", "any", "not")


@dataclass(frozen=True)
class Criteria:
    """Understood criteria; with nothing in them, they are everybody.

    ``Criteria((term, …))`` asks for all of these.
    """

    root: Node = field(default_factory=All)

    def __post_init__(self):
        if isinstance(self.root, tuple):
            object.__setattr__(self, "root", All(self.root))

    @property
    def terms(self) -> tuple[Term, ...]:
        """Every leaf, in the order in which they were given."""
        return tuple(self.root.terms())

    def q(self, *, shop, now: dt.datetime | None = None) -> Q:
        """A condition over customers of ``shop`` as they stood at ``now``.

        It may stand anywhere: beside others, beneath ``~`` and in a ``When``. To choose people of
        a whole shop ``apply`` is faster. A fact may ask the database here already, as
        ``spending_tier`` does for its bounds: make the condition anew rather than keep it.

        Raises:
            CriteriaError: when a segment that is named can itself not be read any more.
        """
        return self.root.q(View(shop, now or timezone.now()))

    def apply(self, queryset, *, shop, now: dt.datetime | None = None):
        """The customers of ``queryset`` who are of ``shop`` and match."""
        return queryset.for_shop(shop).filter(settle(self.q(shop=shop, now=now), shop=shop))

    def select(self, *, shop, now: dt.datetime | None = None):
        """Every customer of the shop who matches and has not been erased."""
        return self.apply(Customer.objects.present(), shop=shop, now=now)

    def sentence(self, names: Names | None = None) -> str:
        """The criteria in plain English.

        Args:
            names: what the shop's rows are called; without them a row is said as it is given, by
                its id. One ``Names(shop)`` is for all sentences of a page.
        """
        return sentence(self.root, names or Names())

    def findings(
        self, customer: Customer, *, now: dt.datetime | None = None, names: Names | None = None
    ) -> list[Finding]:
        """Each leaf for one customer: whether it holds, and what was found, in words.

        Args:
            names: those of the customer's shop, where there are several customers to look at.
        """
        names = names or Names(customer.shop)
        return find(self.terms, customer, now=now or timezone.now(), names=names)

    def holds(self, findings: list[Finding]) -> bool:
        """The verdict that the tree makes of its leaves' own."""
        return self.root.holds(iter([finding.holds for finding in findings]))

    def turning_points(
        self, customer: Customer, *, now: dt.datetime | None = None
    ) -> list[dt.datetime]:
        """Moments of the coming year at which time alone may change the truth of a leaf, sorted.

        They follow from the customer's own rows. What others pay may move the bounds of a spending
        tier at any time.
        """
        return turning_points(self.terms, customer, now=now or timezone.now())


def parse(raw: dict | None) -> Criteria:
    """Understand criteria as they came from outside; no database is asked.

    ``{"last_visit_days": {"min": 30, "max": 90}, "spending_tier": "medium"}`` asks for customers
    for whom both hold; ``{}`` is everybody. The known words are those of ``FACTS``.

    Raises:
        CriteriaError: at the first thing that is not understood, naming the nearest known word.
    """
    if raw is None:
        raw = {}
    criteria = Criteria(_object(raw, "", depth=1))
    if len(criteria.terms) > MAX_LEAVES:
        raise CriteriaError("", f"Say it with at most {MAX_LEAVES} conditions.")
    return criteria


def _object(raw, path: str, *, depth: int) -> All:
    if not isinstance(raw, dict):
        raise CriteriaError(path, 'Write an object such as {"spending_tier": "medium"}.')
    if depth > MAX_DEPTH:
        raise CriteriaError(path, f"Objects within objects go at most {MAX_DEPTH} deep.")
    within = f"{path}." if path else ""
    return All(tuple(_node(key, value, within, depth=depth) for key, value in raw.items()))


def _node(key: str, value, within: str, *, depth: int) -> Node:
    if key == "not":
        return Not(_object(value, within + key, depth=depth + 1))
    if key in OPERATORS:
        return _list(key, value, within + key, depth=depth)
    fact = FACTS.get(key)
    if fact is None:
        shown = json.dumps(key)[1:-1][:80]
        hint = did_you_mean(key, [*FACTS, *OPERATORS])
        raise CriteriaError(within + shown, f'There is no criterion "{shown}". {hint}')
    return Term(fact, fact.parse(value, within + key), within + key)


def _list(key: str, value, path: str, *, depth: int) -> All | AnyOf:
    if not isinstance(value, list):
        raise CriteriaError(path, 'Write a list of objects such as [{"tags": "vip"}].')
    if len(value) > MAX_LEAVES:
        raise CriteriaError(path, f"Give at most {MAX_LEAVES} objects.")
    if key == "any" and not value:
        raise CriteriaError(path, "Give at least one object: nobody can meet one of none.")
    nodes = tuple(
        _object(item, f"{path}.{index}", depth=depth + 1) for index, item in enumerate(value)
    )
    return AnyOf(nodes) if key == "any" else All(nodes)
