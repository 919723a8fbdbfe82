"""Whether one customer is in a campaign's audience, now and at every moment ahead.

A leaf of the criteria keeps its truth from one of its turning points to the next, so each is asked
at its own moments only, many in one query, and the tree is put together from the answers. A whole
verdict at every moment would be some ten queries each: who comes weekly has more than fifty visits
in a year, and each may turn something.
"""

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db.models import BooleanField, Case, Value, When

from campaigns.models import CampaignDefinition, CampaignSegment
from customers import criteria
from customers.criteria import All, AnyOf, Criteria, Not, Term
from customers.criteria.view import View
from customers.models import Customer

MOST_ASKED = 2000  # questions of one leaf at one moment
AT_ONCE = 25  # in one query
Mode = CampaignSegment.Mode


class _OfRows(View):
    """Of one customer it is as quick to ask his rows as their sums, and needs no look at the
    others to know for whom the sums say too much."""

    ahead = None


@dataclass
class _Truth:
    """Of one leaf: from each of ``since`` on ``holds`` is so, until the next."""

    since: list[dt.datetime] = field(default_factory=list)
    holds: list[bool] = field(default_factory=list)

    def at(self, moment: dt.datetime) -> bool:
        return self.holds[bisect_right(self.since, moment) - 1]


@dataclass(frozen=True)
class Turning:
    """``moments`` are sorted and all after now. When there are too many to ask, the others are
    left out, and from ``until`` on nothing is known."""

    moments: list[dt.datetime]
    until: dt.datetime | None
    _root: All
    _leaves: list[_Truth]
    _recorded_at: dt.datetime

    def matches(self, moment: dt.datetime) -> bool:
        """Whether he is in the audience, at a moment from now on and before ``until``."""
        if moment < self._recorded_at:
            return False
        return self._root.holds(leaf.at(moment) for leaf in self._leaves)


def of(definition: CampaignDefinition, customer: Customer, *, now: dt.datetime) -> Turning:
    """
    Raises:
        customers.criteria.CriteriaError: when the criteria cannot be read.
    """
    root = _meant(definition)
    terms = tuple(root.terms())
    turns = sorted(
        (moment, index)
        for index, term in enumerate(terms)
        for moment in Criteria((term,)).turning_points(customer, now=now)
    )
    kept, left_out = turns[:MOST_ASKED], turns[MOST_ASKED:]
    leaves = [_Truth() for _ in terms]
    asked = [*((now, index) for index in range(len(terms))), *kept]
    answers = _answers([(terms[index], moment) for moment, index in asked], customer)
    for (moment, index), holds in zip(asked, answers, strict=True):
        leaves[index].since.append(moment)
        leaves[index].holds.append(holds)
    return Turning(
        moments=sorted({moment for moment, _ in kept}),
        until=left_out[0][0] if left_out else None,
        _root=root,
        _leaves=leaves,
        _recorded_at=customer.created_at,
    )


def _meant(definition: CampaignDefinition) -> All:
    """The audience as one tree, as ``audience.select`` asks it."""
    root = criteria.parse(definition.target_criteria).root
    included, excluded = [], []
    for link in definition.campaign_segments.select_related("segment"):
        members = criteria.parse(link.segment.criteria).root
        (included if link.mode == Mode.INCLUDE else excluded).append(members)
    anywhere = (AnyOf(tuple(included)),) if included else ()
    return All((root, *anywhere, *map(Not, excluded)))


def _answers(asked: list[tuple[Term, dt.datetime]], customer: Customer) -> Iterator[bool]:
    views: dict[dt.datetime, View] = {}
    for start in range(0, len(asked), AT_ONCE):
        verdicts = {}
        for index, (term, moment) in enumerate(asked[start : start + AT_ONCE]):
            view = views.setdefault(moment, _OfRows(customer.shop, moment))
            verdicts[f"holds_{index}"] = Case(
                When(term.q(view), then=Value(True)),
                default=Value(False),
                output_field=BooleanField(),
            )
        people = Customer.objects.filter(pk=customer.pk).annotate(**verdicts)
        yield from people.values_list(*verdicts).get()
