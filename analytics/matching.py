"""Whether one customer is in a campaign's audience: every rule with what was found, which of them
decide, and what he lacks."""

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from campaigns.models import CampaignDefinition, CampaignSegment
from customers import criteria
from customers.criteria import All, AnyOf, Criteria, Finding, Names, Not, Term
from customers.models import Customer
from customers.segments import tree
from customers.segments.tree import Group, Leaf, Node

ENOUGH, ALL = "one of these is enough", "all of these"
NOBODY = "nobody can meet the criteria"
ERASED = "whose data was not erased"
NOT_RECORDED = "who are recorded by then"
_SEGMENT = criteria.FACTS["in_segment"]


@dataclass(frozen=True)
class CriterionFound:
    """One criterion.

    Attributes:
        path: where it stands in the JSON.
        sentence: what it asks, whether wanted or not.
        holds: whether that is so.
        is_wanted: false beneath "not": it must not hold.
        passes: ``holds`` as it is wanted.
        decides: whether it is one of those that make him be in the audience, or not be in it.
    """

    path: str
    sentence: str
    holds: bool
    found: str
    is_wanted: bool
    passes: bool
    decides: bool


@dataclass(frozen=True)
class SegmentFound:
    """One segment of the campaign; ``mode`` is include or exclude.

    The criteria of one that is excluded are wanted not to hold.
    """

    segment: int
    name: str
    mode: str
    is_in: bool
    criteria: tuple[CriterionFound, ...]


@dataclass(frozen=True)
class Asked:
    """A line of the audience's rules, said as it is wanted: a criterion, a segment, or a group
    whose parts are the lines below it that are deeper."""

    depth: int
    sentence: str
    found: str
    passes: bool
    decides: bool


@dataclass(frozen=True)
class Audience:
    """Of one customer; ``missing`` is empty when he is in it."""

    criteria: tuple[CriterionFound, ...]
    segments: tuple[SegmentFound, ...]
    asked: tuple[Asked, ...]
    missing: str


@dataclass(frozen=True)
class _Rule:
    """Criteria with what was found; ``found`` has the findings of the leaves by their index, and
    ``below`` the lines that belong to one of them."""

    root: Node
    found: Sequence[Finding]
    of: str = ""
    below: dict[int, "_Rule"] | None = None

    @property
    def truth(self) -> bool:
        return tree.deciding(self.root, self.holds)[0]

    @property
    def decisive(self) -> set[int]:
        return {leaf.index for leaf in tree.deciding(self.root, self.holds)[1]}

    def holds(self, leaf: Leaf) -> bool:
        return self.found[leaf.index].holds


def of(
    definition: CampaignDefinition, customer: Customer, *, now: dt.datetime, names: Names
) -> Audience:
    """
    Raises:
        customers.criteria.CriteriaError: when the criteria cannot be read any more.
    """
    own = criteria.parse(definition.target_criteria)
    links = definition.campaign_segments.select_related("segment").order_by("mode", "pk")
    parsed = [(link, criteria.parse(link.segment.criteria)) for link in links]
    found = own.findings(customer, now=now, names=names)
    included, excluded, below, segments = [], [], {}, {}
    # In the order of the leaves of the whole: whom it is for comes before whom it is not for.
    for link, members in sorted(parsed, key=lambda each: not _is_included(each[0])):
        inside = members.findings(customer, now=now, names=names)
        is_in = members.holds(inside)
        (included if _is_included(link) else excluded).append(_term(link))
        segments[link.pk] = len(found)
        wanted = members.root if _is_included(link) else Not(members.root)
        below[len(found)] = _Rule(tree.of(Criteria(wanted)), inside, of=f"“{link.segment.name}”: ")
        found.append(_membership(link, is_in))
    anywhere = (AnyOf(tuple(included)),) if included else ()
    whole = Criteria(All((own.root, *anywhere, *map(Not, excluded))))
    rule = _Rule(tree.of(whole), found, below=below)
    decisive = rule.decisive
    return Audience(
        criteria=_criteria(own, found, decisive),
        segments=tuple(
            _segment(link, members, below[segments[link.pk]], segments[link.pk], found, decisive)
            for link, members in parsed
        ),
        asked=tuple(_asked(rule.root, rule, decisive=decisive, depth=0)),
        missing=_missing(rule, customer, now=now),
    )


def clause(leaf: Leaf, finding: Finding) -> str:
    """What is asked, as it is wanted."""
    return finding.sentence if leaf.wanted else f"not among those {finding.sentence}"


def in_words(node: Node, found: Sequence[Finding], *, joint: str = "; ") -> str:
    """What is lacking; of alternatives it is said that one of them is enough."""
    if isinstance(node, Leaf):
        return clause(node, found[node.index])
    if node == tree.FALSE:
        return NOBODY
    if node.needs_all:
        return joint.join(in_words(part, found) for part in node.parts)
    return f"{', or '.join(_within(part, found) for part in node.parts)} ({ENOUGH})"


def _within(node: Node, found: Sequence[Finding]) -> str:
    said = in_words(node, found, joint=" and ")
    is_bracketed = isinstance(node, Group) or not node.wanted  # or "not" would reach to the end
    return f"({said})" if is_bracketed else said


def _missing(rule: _Rule, customer: Customer, *, now: dt.datetime) -> str:
    lacking = tree.lacking(rule.root, rule.holds)
    said = [in_words(lacking, rule.found)] if lacking is not None else []
    if customer.erased_at:
        said.append(ERASED)
    if now < customer.created_at:
        said.append(NOT_RECORDED)
    return "; ".join(said)


def _is_included(link: CampaignSegment) -> bool:
    return link.mode == CampaignSegment.Mode.INCLUDE


def _term(link: CampaignSegment) -> Term:
    return Term(_SEGMENT, (link.segment_id,))


def _membership(link: CampaignSegment, is_in: bool) -> Finding:
    return Finding(
        term=_term(link),
        path="",
        sentence=f"who are in segment “{link.segment.name}”",
        holds=is_in,
        found="in it" if is_in else "not in it",
    )


def _segment(link, members: Criteria, rule: _Rule, index: int, found, decisive) -> SegmentFound:
    wanted = members if _is_included(link) else Criteria(Not(members.root))
    decided_by = rule.decisive if index in decisive else set()
    return SegmentFound(
        segment=link.segment_id,
        name=link.segment.name,
        mode=link.mode,
        is_in=found[index].holds,
        criteria=_criteria(wanted, rule.found, decided_by),
    )


def _criteria(
    asked: Criteria, found: Sequence[Finding], decisive: Collection[int]
) -> tuple[CriterionFound, ...]:
    return tuple(
        CriterionFound(
            path=str(found[index].path),
            sentence=found[index].sentence,
            holds=found[index].holds,
            found=found[index].found,
            is_wanted=is_wanted,
            passes=found[index].holds == is_wanted,
            decides=index in decisive,
        )
        for index, is_wanted in enumerate(tree.wanted(asked))
    )


def _asked(
    node: Node, rule: _Rule, *, decisive: Collection[int], depth: int, needs_all: bool = True
) -> Iterator[Asked]:
    """The lines of a node; ``needs_all`` is said already of what it stands in."""
    if isinstance(node, Leaf):
        finding, decides = rule.found[node.index], node.index in decisive
        passes = finding.holds == node.wanted
        said = rule.of + clause(node, finding)
        yield Asked(depth, said, finding.found, passes, decides)
        if inner := (rule.below or {}).get(node.index):
            those = inner.decisive if decides else set()
            yield from _asked(inner.root, inner, decisive=those, depth=depth + 1)
        return
    if node == tree.FALSE:
        yield Asked(depth, rule.of + NOBODY, "", passes=False, decides=True)
        return
    if node.needs_all != needs_all:
        passes, leaves = tree.deciding(node, rule.holds)
        decides = any(leaf.index in decisive for leaf in leaves)
        said = rule.of + (ALL if node.needs_all else ENOUGH)
        yield Asked(depth, said, "", passes, decides)
        depth += 1
    for part in node.parts:
        yield from _asked(part, rule, decisive=decisive, depth=depth, needs_all=node.needs_all)
