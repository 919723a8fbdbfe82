"""Why somebody did, or did not, get a campaign, and when he would: every rule with what was found.

Asks the same code that sends: the audience, the compliance gate, the ledger.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from django.utils import timezone

from analytics import matching
from analytics.asked_rules import rules_of
from analytics.matching import Asked, CriterionFound, SegmentFound
from analytics.reason_words import in_a_clause
from analytics.run_stories import RunStory, stories
from campaigns import qualifying, readiness, verdicts
from campaigns.models import CampaignDefinition
from campaigns.refusals import Refused
from communications import compliance
from customers import criteria
from customers.models import Customer

NOW, LATER, NO = "now", "later", "no"
NOT_BY_TIME = "not by time alone"
NOT_KNOWN = "not known"


class Unknown(LookupError):
    """There is no such campaign or customer."""


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
        not_ready: what keeps the campaign from starting, one sentence each; the rest is what would
            be once it can start.
        matches: whether he is in the audience: criteria, segments.
        asked: the same rules line by line, said as they are wanted.
        missing: in words, what he lacks to be in the audience.
        is_held_out: drawn to get nothing, so that the effect can be measured; holds for every run
            of the campaign.
        variant, variation: which words he would get.
        verdict: ``now``, ``later`` or ``no``: what a run that begins at ``now`` would do.
        reason: the first one why not: ``not_matched``, ``held_out`` or a word of the ledger.
        qualifies_at: the next moment at which he would get it if nothing changes but the time;
            None: never within a year, but for what is not ``known_until``.
        known_until: when there were too many moments to ask of all: until when they were asked.
        waits_for: in words, what is in the way until then.
    """

    campaign: int
    customer: int
    now: dt.datetime
    runs: tuple[RunStory, ...]
    not_ready: tuple[str, ...]
    matches: bool
    criteria: tuple[CriterionFound, ...]
    segments: tuple[SegmentFound, ...]
    asked: tuple[Asked, ...]
    missing: str
    is_held_out: bool
    variant: str
    variation: str
    channels: tuple[ChannelFound, ...]
    verdict: str
    reason: str
    qualifies_at: dt.datetime | None
    known_until: dt.datetime | None
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
    audience = matching.of(definition, customer, now=now, names=criteria.Names(definition.shop))
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
        not_ready=_not_ready(definition, now=now),
        matches=answer.matches,
        criteria=audience.criteria,
        segments=audience.segments,
        asked=audience.asked,
        missing="" if answer.matches else audience.missing,
        is_held_out=answer.is_held_out,
        variant=answer.label,
        variation=answer.variation,
        channels=tuple(channels),
        verdict=verdict,
        reason=answer.reason,
        qualifies_at=coming.at if isinstance(coming, qualifying.Next) else None,
        known_until=coming.until if isinstance(coming, qualifying.NotKnown) else None,
        waits_for=_waits_for(answer, audience, coming),
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


def _not_ready(definition: CampaignDefinition, *, now: dt.datetime) -> tuple[str, ...]:
    """What keeps the campaign from starting, but that nobody matches: the audience says that."""
    try:
        readiness.check(definition, now=now)
    except Refused as refused:
        return () if refused.code == "empty_audience" else tuple(refused.sentences)
    return ()


def _waits_for(
    answer: verdicts.Answer, audience: matching.Audience, coming: qualifying.Coming
) -> str:
    """What is in the way until he would get it, or that time alone does not mend it."""
    if isinstance(coming, qualifying.NotKnown):
        return NOT_KNOWN
    if coming is None:
        return NOT_BY_TIME
    if answer.received:
        return "his hours" if answer.first_at else ""
    if answer.reason != verdicts.NOT_MATCHED:
        return in_a_clause(answer.reason)
    return audience.missing or in_a_clause(answer.reason)
