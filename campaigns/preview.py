"""What a campaign would do if it were sent now, asked of the same code that sends it."""

import datetime as dt
import re
from collections import Counter
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Count, Q, QuerySet, Value
from django.db.models.functions import Left

from barbershop.currencies import minor_units
from campaigns import audience, content, offers, readiness
from campaigns.experiments import assign
from campaigns.models import CampaignDefinition
from communications import compliance, examples, pricing, rendering
from communications.models import CustomerCommunication, Dispatch
from communications.sms_segments import SmsSegments, count
from customers.channels import Channel, Topic

Reason = CustomerCommunication.Reason
PRICED_BY = 5  # leading characters of a number that decide its price


@dataclass(frozen=True)
class ChannelForecast:
    """Rows of one channel: ``rows = will_receive + sum(blocked.values())``."""

    channel: str
    rows: int
    blocked: dict[str, int]
    will_receive: int
    cost_micros: int


@dataclass(frozen=True)
class Forecast:
    """What sending now would do.

    ``matched`` people meet the criteria; ``held_out`` of them are left out on purpose. ``cost`` is
    an estimate in minor units: texts are measured with example names and links, so that a long
    name may make a message one part longer.
    """

    matched: int
    held_out: int
    channels: tuple[ChannelForecast, ...]
    cost: int
    currency: str

    @property
    def will_receive(self) -> int:
        """Messages, on all channels."""
        return sum(channel.will_receive for channel in self.channels)

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

    Raises:
        campaigns.refusals.Refused: when the content cannot be sent.
        customers.criteria.CriteriaError: when the criteria cannot be read.
    """
    shop = definition.shop
    variants = [variant for variant, _ in readiness.contents(definition)]
    people = audience.select(definition, now=now).order_by()
    matched = people.count()
    held_out = _held_out(definition, variants, people)
    if held_out:
        people = people.exclude(pk__in=held_out)
    names = content.CHANNELS_OF_TYPE[definition.campaign_type]
    for channel in names:
        people = compliance.annotate_refusal(
            people, shop=shop, channel=channel, topic=Topic.MARKETING, alias=f"no_{channel}"
        )
    parts = _parts(samples(definition, now=now), variants)
    channels = tuple(
        _channel(people.filter(rows), shop=shop, channel=channel, parts=parts[channel], now=now)
        for channel, rows in _rows(definition, names)
    )
    return Forecast(
        matched=matched,
        held_out=len(held_out),
        channels=channels,
        cost=minor_units(sum(channel.cost_micros for channel in channels), shop.currency),
        currency=shop.currency,
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


def _held_out(definition, variants, people: QuerySet) -> list[int]:
    if not definition.holdout_percent:
        return []
    arms = assign(
        definition=definition,
        variants=variants,
        customer_ids=people.values_list("pk", flat=True).iterator(),
    )
    return [pk for pk, arm in arms.items() if arm.is_holdout]


def _rows(definition, names) -> list[tuple[str, Q]]:
    """Who has a row on which channel, as ``materialising`` writes them."""
    if definition.channel_policy == CampaignDefinition.Policy.ALL:
        return [(channel, Q()) for channel in names]
    nowhere = Q()
    for channel in names:
        nowhere &= ~Q(**{f"no_{channel}": ""})
    found, not_before = [], Q()
    for channel in names:
        usable = Q(**{f"no_{channel}": ""})
        found.append((channel, not_before & usable | nowhere))
        not_before &= ~usable
    return found


def _channel(people: QuerySet, *, shop, channel, parts: float, now) -> ChannelForecast:
    address, _ = compliance.ADDRESS_FIELDS[channel]
    prefix = Left(address, PRICED_BY) if channel == Channel.SMS else Value("")
    groups = list(
        people.annotate(prefix=prefix)
        .values(f"no_{channel}", "prefix")
        .annotate(rows=Count("pk"), addresses=Count(address, distinct=True))
    )
    prices = pricing.price_list(shop=shop, channel=channel, on=now.date())
    blocked, will_receive, cost = Counter(), 0, 0.0
    for group in groups:
        reason = group[f"no_{channel}"]
        if reason:
            blocked[reason] += group["rows"]
            continue
        will_receive += group["addresses"]
        blocked[Reason.DUPLICATE_ADDRESS] += group["rows"] - group["addresses"]
        cost += group["addresses"] * parts * prices.part(group["prefix"])
    return ChannelForecast(
        channel=channel,
        rows=sum(group["rows"] for group in groups),
        blocked={str(reason): n for reason, n in blocked.most_common() if n},
        will_receive=will_receive,
        cost_micros=round(cost),
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
