"""Why somebody did, or did not, get a campaign, and when he would: every rule with what was found.

Asks the same code that sends: the audience, the compliance gate, the ledger.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.utils import timezone

from analytics.asked_rules import rules_of
from analytics.reason_words import in_a_clause
from analytics.run_stories import RunStory, stories
from campaigns import qualifying, verdicts
from campaigns.models import CampaignDefinition, CampaignSegment
from communications import compliance
from customers import criteria
from customers.models import Customer

NOW, LATER, NO = "now", "later", "no"
NOT_BY_TIME = "not by time alone"


class Unknown(LookupError):
    """There is no such campaign or customer."""


@dataclass(frozen=True)
class CriterionFound:
    """One criterion: where it stands in the JSON, what it asks, and what was found."""

    path: str
    sentence: str
    holds: bool
    found: str


@dataclass(frozen=True)
class SegmentFound:
    """One segment of the campaign; ``mode`` is include or exclude."""

    segment: int
    name: str
    mode: str
    is_in: bool
    criteria: tuple[CriterionFound, ...]


@dataclass(frozen=True)
class RuleFound:
    """One rule of the messages, in its reader's words.

    ``reason`` is the ledger's when it does not pass.
    """

    name: str
    reason: str
    found: str
    passes: bool


# The name of a rule and what it found, as one reader is told them; times in the zone.
Words = Callable[[compliance.Rule, dt.tzinfo], tuple[str, str]]


@dataclass(frozen=True)
class ChannelFound:
    """One channel.

    Attributes:
        is_tried: with first_available only the first channel that may be used is.
        reason: of the first rule that does not pass.
    """

    channel: str
    is_tried: bool
    reason: str
    not_before: dt.datetime | None
    rules: tuple[RuleFound, ...]


@dataclass(frozen=True)
class Explanation:
    """One customer and one campaign at one moment.

    Attributes:
        runs: what happened so far.
        matches: whether he is in the audience: criteria, segments.
        is_held_out: drawn to get nothing, so that the effect can be measured; holds for every run
            of the campaign.
        variant, variation: which words he would get.
        verdict: ``now``, ``later`` or ``no``: what a run that begins at ``now`` would do.
        reason: the first one why not: ``not_matched``, ``held_out`` or a word of the ledger.
        qualifies_at: the next moment at which he would get it if nothing changes but the time;
            None: never within a year.
        waits_for: in words, what is in the way until then.
    """

    campaign: int
    customer: int
    now: dt.datetime
    runs: tuple[RunStory, ...]
    matches: bool
    criteria: tuple[CriterionFound, ...]
    segments: tuple[SegmentFound, ...]
    is_held_out: bool
    variant: str
    variation: str
    channels: tuple[ChannelFound, ...]
    verdict: str
    reason: str
    qualifies_at: dt.datetime | None
    waits_for: str


def find(*, campaign_id: int, customer_id: int) -> tuple[CampaignDefinition, Customer]:
    """The campaign, and the customer of the same shop.

    Raises:
        Unknown: with a sentence for people.
    """
    definition = campaign(campaign_id)
    customer = Customer.objects.for_shop(definition.shop).filter(pk=customer_id).first()
    if customer is None:
        raise Unknown(f"There is no customer {customer_id} in {definition.shop}.")
    return definition, customer


def campaign(campaign_id: int) -> CampaignDefinition:
    """
    Raises:
        Unknown: with a sentence for people.
    """
    definitions = CampaignDefinition.objects.select_related("shop", "offer__service", "offer__shop")
    definition = definitions.filter(pk=campaign_id).first()
    if definition is None:
        raise Unknown(f"There is no campaign {campaign_id}.")
    return definition


def gates_own(rule: compliance.Rule, zone: dt.tzinfo) -> tuple[str, str]:
    return rule.name, rule.found.in_words(zone)


def explain(
    definition: CampaignDefinition,
    customer: Customer,
    *,
    now: dt.datetime | None = None,
    words: Words = gates_own,
) -> Explanation:
    """What happened, and what would happen at ``now``, which may lie ahead.

    Args:
        words: in which the reader is told the rules of the messages; the API keeps the gate's own.

    Raises:
        customers.criteria.CriteriaError: when the criteria cannot be read any more.
    """
    now = now or timezone.now()
    answer = verdicts.of(definition, customer, now=now)
    names = criteria.Names(definition.shop)
    findings = _criteria(definition.target_criteria, customer, now=now, names=names)
    segments = tuple(_segments(definition, customer, now=now, names=names))
    coming = qualifying.next_time(definition, customer, answer, now=now)
    verdict = (LATER if answer.first_at else NOW) if answer.received else NO
    channels = (
        _channel(definition, customer, each, now=now, words=words) for each in answer.channels
    )
    return Explanation(
        campaign=definition.pk,
        customer=customer.pk,
        now=now,
        runs=stories(definition, customer),
        matches=answer.matches,
        criteria=findings,
        segments=segments,
        is_held_out=answer.is_held_out,
        variant=answer.label,
        variation=answer.variation,
        channels=tuple(channels),
        verdict=verdict,
        reason=answer.reason,
        qualifies_at=coming.at if coming else None,
        waits_for=_waits_for(answer, findings, segments, coming=coming),
    )


def _channel(
    definition, customer, answer: verdicts.OnChannel, *, now: dt.datetime, words: Words
) -> ChannelFound:
    rules = rules_of(definition, customer, answer, now=now)
    return ChannelFound(
        channel=str(answer.channel),
        is_tried=answer.has_row,
        reason=answer.reason,
        not_before=answer.not_before,
        rules=tuple(_said(rule, words, definition.shop.zone) for rule in rules),
    )


def _said(rule: compliance.Rule, words: Words, zone: dt.tzinfo) -> RuleFound:
    name, found = words(rule, zone)
    return RuleFound(name, str(rule.reason), found, rule.passes)


def _criteria(
    raw, customer: Customer, *, now: dt.datetime, names: criteria.Names
) -> tuple[CriterionFound, ...]:
    found = criteria.parse(raw).findings(customer, now=now, names=names)
    return tuple(CriterionFound(str(f.path), f.sentence, f.holds, f.found) for f in found)


def _segments(
    definition, customer: Customer, *, now: dt.datetime, names: criteria.Names
) -> Iterator[SegmentFound]:
    one = Customer.objects.filter(pk=customer.pk)
    for link in definition.campaign_segments.select_related("segment").order_by("mode", "pk"):
        parsed = criteria.parse(link.segment.criteria)
        yield SegmentFound(
            segment=link.segment_id,
            name=link.segment.name,
            mode=link.mode,
            is_in=parsed.apply(one, shop=definition.shop, now=now).exists(),
            criteria=_criteria(link.segment.criteria, customer, now=now, names=names),
        )


def _waits_for(
    answer: verdicts.Answer,
    findings: tuple[CriterionFound, ...],
    segments: tuple[SegmentFound, ...],
    *,
    coming: qualifying.Next | None,
) -> str:
    """What is in the way until he would get it, or that time alone does not mend it."""
    if coming is None:
        return NOT_BY_TIME
    if answer.received:
        return "his hours" if answer.first_at else ""
    if answer.reason != verdicts.NOT_MATCHED:
        return in_a_clause(answer.reason)
    missing = [found.sentence for found in findings if not found.holds]
    for segment in segments:
        if segment.mode == CampaignSegment.Mode.INCLUDE and not segment.is_in:
            missing.append(f"segment {segment.name}")
        elif segment.mode == CampaignSegment.Mode.EXCLUDE and segment.is_in:
            missing.append(f"leaving segment {segment.name}")
    return "; ".join(missing) or in_a_clause(answer.reason)
