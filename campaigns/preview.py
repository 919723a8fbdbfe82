"""What a campaign would do if it were sent now, asked of the same code that sends it."""

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.conf import settings
from django.db.models import QuerySet

from barbershop.currencies import minor_units
from campaigns import audience, content, offers, readiness, terms
from campaigns.experiments import assign
from campaigns.materialising import rows_of
from campaigns.models import CampaignDefinition
from communications import compliance, examples, pricing, rendering
from communications.models import CustomerCommunication, Dispatch
from communications.sms_segments import SmsSegments, count
from customers.channels import Channel, Topic

Reason = CustomerCommunication.Reason
PRICED_BY = 5  # leading characters of a number that decide its price


@dataclass(frozen=True)
class ChannelForecast:
    """Rows of one channel: ``rows = will_receive + sum(blocked.values())``.

    ``later`` of those who will receive it wait for their hours first.
    """

    channel: str
    rows: int
    blocked: dict[str, int]
    will_receive: int
    cost_micros: int
    later: int = 0


@dataclass(frozen=True)
class Forecast:
    """What sending now would do.

    ``matched`` people meet the criteria; ``held_out`` of them are left out on purpose. ``cost`` is
    an estimate in minor units: texts are measured with example names and links, so that a long
    name may make a message one part longer. ``next_at`` is when the first of those goes that have
    to wait for their hours, in the shop's zone.
    """

    matched: int
    held_out: int
    channels: tuple[ChannelForecast, ...]
    cost: int
    currency: str
    next_at: dt.datetime | None = None

    @property
    def will_receive(self) -> int:
        """Messages, on all channels."""
        return sum(channel.will_receive for channel in self.channels)

    @property
    def later(self) -> int:
        """Messages that wait for their hours, on all channels."""
        return sum(channel.later for channel in self.channels)

    @property
    def blocked(self) -> dict[str, int]:
        """Messages that will not go, by reason, the most frequent first."""
        found = Counter()
        for channel in self.channels:
            found.update(channel.blocked)
        return dict(found.most_common())


@dataclass(frozen=True)
class Sample:
    """One arm on one channel, as somebody would read it. ``size`` only for texts."""

    variant: str
    channel: str
    subject: str
    text: str
    size: SmsSegments | None = None


def forecast(definition: CampaignDefinition, *, now: dt.datetime) -> Forecast:
    """Count who would get what; a few queries, whatever the size of the audience.

    Texts that a slow number cannot hand over within their hours wait too; that is not foreseen.

    Raises:
        campaigns.refusals.Refused: when the content cannot be sent.
        customers.criteria.CriteriaError: when the criteria cannot be read.
    """
    shop = definition.shop
    variants = [variant for variant, _ in readiness.contents(definition)]
    people = audience.select(definition, now=now).order_by()
    matched, held_out = people.count(), _held_out(definition, variants, people)
    names = content.CHANNELS_OF_TYPE[definition.campaign_type]
    tallies = {channel: _Tally() for channel in names}
    _tally(definition, people, tallies, without=held_out, now=now)
    parts = _parts(samples(definition, now=now), variants)
    channels = tuple(
        _channel(tallies[channel], shop=shop, channel=channel, parts=parts[channel], now=now)
        for channel in names
    )
    return Forecast(
        matched=matched,
        held_out=len(held_out),
        channels=channels,
        cost=minor_units(sum(channel.cost_micros for channel in channels), shop.currency),
        currency=shop.currency,
        next_at=_first(tallies.values(), zone=shop.zone),
    )


def samples(definition: CampaignDefinition, *, now: dt.datetime) -> list[Sample]:
    """Every arm on every channel, with the footer and the words that the law asks for.

    Raises:
        campaigns.refusals.Refused: when the content cannot be sent.
    """
    values = offers.values_of(definition, now=now)
    return [
        _sample(definition.shop, variant.label, part, values)
        for variant, channels in readiness.contents(definition)
        for part in channels.values()
    ]


@dataclass
class _Tally:
    """The rows of one channel, as ``materialising`` and ``outbox`` would write them."""

    blocked: Counter[str] = field(default_factory=Counter)
    prefixes: Counter[str] = field(default_factory=Counter)  # of numbers: they decide the price
    addresses: set[str] = field(default_factory=set)
    later: int = 0
    next_at: dt.datetime | None = None

    def add(self, verdict: compliance.Verdict) -> None:
        if verdict.refusal:
            self.blocked[str(verdict.refusal)] += 1
            return
        if verdict.address in self.addresses:
            self.blocked[str(Reason.DUPLICATE_ADDRESS)] += 1
            return
        self.addresses.add(verdict.address)
        self.prefixes[verdict.address[:PRICED_BY]] += 1
        if verdict.not_before:
            self.later += 1
            self.next_at = min(filter(None, [self.next_at, verdict.not_before]))


def _tally(definition, people: QuerySet, tallies: dict[str, _Tally], *, without, now) -> None:
    considered = compliance.consider(
        people,
        shop=definition.shop,
        channels=list(tallies),
        topic=Topic.MARKETING,
        terms=terms.of(definition),
        now=now,
        is_everybody=True,
    )
    first_only = definition.channel_policy == CampaignDefinition.Policy.FIRST_AVAILABLE
    for pk, verdicts in considered:
        if pk not in without:
            for channel, verdict in rows_of(verdicts, first_only=first_only):
                tallies[channel].add(verdict)


def _first(tallies: Iterable[_Tally], *, zone) -> dt.datetime | None:
    moments = [tally.next_at for tally in tallies if tally.next_at]
    return min(moments).astimezone(zone) if moments else None


def _held_out(definition, variants, people: QuerySet) -> set[int]:
    if not definition.holdout_percent:
        return set()
    arms = assign(
        definition=definition,
        variants=variants,
        customer_ids=people.values_list("pk", flat=True).iterator(),
    )
    return {pk for pk, arm in arms.items() if arm.is_holdout}


def _channel(tally: _Tally, *, shop, channel, parts: float, now) -> ChannelForecast:
    prices = pricing.price_list(shop=shop, channel=channel, on=now.date())
    if channel == Channel.SMS:
        priced = sum(n * prices.part(prefix) for prefix, n in tally.prefixes.items())
    else:
        priced = len(tally.addresses) * prices.part("")
    will_receive, blocked = len(tally.addresses), tally.blocked
    return ChannelForecast(
        channel=channel,
        rows=will_receive + blocked.total(),
        blocked=dict(blocked.most_common()),
        will_receive=will_receive,
        cost_micros=round(priced * parts),
        later=tally.later,
    )


def _parts(found: list[Sample], variants) -> dict[str, float]:
    """Parts per message on each channel: the mean over the arms by their weight."""
    weights = {variant.label: variant.weight for variant in variants}
    whole = sum(weights.values())
    means: dict[str, float] = {}
    for sample in found:
        parts = sample.size.segments if sample.size else 1
        share = parts * weights[sample.variant] / whole
        means[sample.channel] = means.get(sample.channel, 0) + share
    return means


def _sample(shop, label: str, part: content.ChannelContent, values) -> Sample:
    kind = Dispatch.Kind.MARKETING
    if part.channel == Channel.SMS:
        written = rendering.sms_text(part.message, shop=shop, kind=kind)
        size = count(examples.filled(written, shop=shop, values=values))
        return Sample(label, part.channel, "", _shown(written, shop, values), size=size)
    footer = rendering.footer_text(shop, kind=kind)
    return Sample(
        variant=label,
        channel=part.channel,
        subject=examples.filled_subject(part.subject, shop=shop, values=values),
        text=_shown(f"{part.message}\n\n--\n{footer}", shop, values),
    )


def _shown(text: str, shop, values) -> str:
    """Filled, with personal links short enough to read; they are measured at full length."""
    personal = rf"({re.escape(settings.PUBLIC_BASE_URL)}/[cu]/)[^\s/]+/"
    return re.sub(personal, r"\1…/", examples.filled(text, shop=shop, values=values))
