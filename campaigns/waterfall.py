"""From everybody who matches to everybody who is written to, and what takes away the others.

The same shape twice: as forecast, asked of the code that sends, and as fact, counted from the rows
that were written. Hold-outs are drawn first, whether or not somebody may be written to: only then
can those who were written to be compared with them. What follows is counted for each channel in
messages, one row a person.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Exists, F, Min, OuterRef, Q, Sum

from barbershop.currencies import minor_units
from campaigns import content, message_costs, progress, readiness, tally, text_costs
from campaigns.message_sizes import Sizes
from campaigns.models import CampaignDefinition, CampaignExecution, CampaignResponse
from campaigns.text_costs import TextCosts
from communications.delivery import gate
from communications.models import AttemptDeparture, CustomerCommunication
from customers.channels import Channel

Reason = CustomerCommunication.Reason
# In which order the rules are asked: communications.compliance.
ORDER = tuple(
    str(reason)
    for reason in (
        Reason.SUPPRESSED,
        Reason.NO_ADDRESS,
        Reason.HELD_FOR_REVIEW,
        Reason.UNPROVEN,
        Reason.NO_CONSENT,
        Reason.TOPIC,
        Reason.EXCLUDED,
        Reason.BOOKED_MEANWHILE,
        Reason.INVALID_ADDRESS,
        Reason.SHOP_SUSPENDED,
        Reason.UNKNOWN_ZONE,
        Reason.QUIET_WINDOW_MISSED,
        Reason.FREQUENCY_CAP,
        Reason.DUPLICATE_ADDRESS,
        Reason.RENDER_ERROR,
    )
)
FAILED = ("rejected", "unknown", "cancelled")


@dataclass(frozen=True)
class ChannelFall:
    """One channel: ``considered = sum(blocked) + sum(failed) + now + later``, in messages.

    Attributes:
        blocked: by reason, in the order in which the rules are asked; the first reason counts.
        failed: of a fact only: ``rejected`` by the provider, ``unknown``, ``cancelled``.
        now: those that go, or went, without waiting for their hours.
        later: those that wait, or waited, for their hours: also texts that a slow number could
            not have passed on before the hours ended.
        cost_micros: millionths of the currency unit: of a forecast what will be billed; of a fact
            what the calls so far cost.
    """

    channel: str
    considered: int
    blocked: dict[str, int]
    failed: dict[str, int]
    now: int
    later: int
    cost_micros: int

    @property
    def will_receive(self) -> int:
        return self.now + self.later


@dataclass(frozen=True)
class Waterfall:
    """Of one campaign, or of one run of it.

    Attributes:
        kind: ``forecast`` or ``fact``.
        matched: people who meet the criteria.
        held_out: of them, left out on purpose before anything else was asked.
        cost: of all channels, in minor units of ``currency``.
        next_at: when the first of those goes that wait, in the shop's zone.
        texts: where the money for texts goes; of a forecast only.
    """

    kind: str
    as_of: dt.datetime
    matched: int
    held_out: int
    channels: tuple[ChannelFall, ...]
    cost: int
    currency: str
    next_at: dt.datetime | None = None
    texts: TextCosts | None = None

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
        found: Counter[str] = Counter()
        for channel in self.channels:
            found.update(channel.blocked)
        return dict(found.most_common())


def forecast(definition: CampaignDefinition, *, now: dt.datetime) -> Waterfall:
    """Count who would get what; a few queries, whatever the size of the audience.

    Raises:
        campaigns.refusals.Refused: when the content cannot be sent.
        customers.criteria.CriteriaError: when the criteria cannot be read.
    """
    shop = definition.shop
    variants = [variant for variant, _ in readiness.contents(definition)]
    sizes = Sizes(definition, now=now)
    counted = tally.of(definition, variants=variants, sizes=sizes, now=now)
    texts = _texts(counted, sizes, shop=shop, now=now)
    channels = [
        _foreseen(each, micros=_micros(each, texts, shop=shop, now=now))
        for each in counted.channels.values()
    ]
    return _waterfall(
        "forecast",
        shop=shop,
        now=now,
        matched=counted.matched,
        held_out=counted.held_out,
        channels=channels,
        moments=[each.next_at for each in counted.channels.values()],
        texts=texts,
    )


def _texts(counted: tally.Count, sizes: Sizes, *, shop, now) -> TextCosts | None:
    found = counted.channels.get(Channel.SMS)
    if found is None:
        return None
    return text_costs.of_texts(found.receivers, shop=shop, values=sizes.values, now=now)


def _micros(found: tally.Tally, texts: TextCosts | None, *, shop, now) -> int:
    if found.channel == Channel.SMS:
        return texts.cost_micros
    return message_costs.micros(found.receivers, shop=shop, channel=found.channel, now=now)


def fact(execution: CampaignExecution, *, now: dt.datetime) -> Waterfall:
    """Count what one run has come to by ``now``; three queries.

    While its audience is still being written it is what has been written so far.
    """
    definition = execution.definition
    people = CampaignResponse.objects.filter(execution=execution).aggregate(
        matched=Count("pk"), held_out=Count("pk", filter=Q(is_holdout=True))
    )
    names = content.CHANNELS_OF_TYPE[definition.campaign_type]
    channels = {channel: _Written() for channel in names}
    for row in _rows(execution):
        channels.setdefault(row["channel"], _Written()).add(row)
    waiting = CustomerCommunication.objects.filter(
        dispatch=execution.dispatch_id, send_state="pending", not_before__gt=now
    )
    return _waterfall(
        "fact",
        shop=execution.shop,
        now=now,
        channels=[written.fall(channel) for channel, written in channels.items()],
        moments=[waiting.aggregate(first=Min("not_before"))["first"]],
        **people,
    )


def _waterfall(kind, *, shop, now, matched, held_out, channels, moments, texts=None) -> Waterfall:
    waits = [moment for moment in moments if moment]
    return Waterfall(
        kind=kind,
        as_of=now,
        matched=matched,
        held_out=held_out,
        channels=tuple(channels),
        cost=minor_units(sum(channel.cost_micros for channel in channels), shop.currency),
        currency=shop.currency,
        next_at=min(waits).astimezone(shop.zone) if waits else None,
        texts=texts,
    )


def _foreseen(found: tally.Tally, *, micros: int) -> ChannelFall:
    receivers = found.receivers.total()
    return ChannelFall(
        channel=found.channel,
        considered=receivers + found.blocked.total(),
        blocked=_in_order(found.blocked),
        failed={},
        now=receivers - found.later,
        later=found.later,
        cost_micros=micros,
    )


def _in_order(blocked: Counter[str]) -> dict[str, int]:
    def place(reason: str) -> tuple[int, str]:
        return (ORDER.index(reason) if reason in ORDER else len(ORDER), reason)

    return {reason: blocked[reason] for reason in sorted(blocked, key=place)}


def _rows(execution: CampaignExecution) -> Iterable[dict]:
    """The ledger of a run, counted by what became of its rows: one query."""
    departures = AttemptDeparture.objects.filter(
        communication=OuterRef("pk"), outcome=AttemptDeparture.Outcome.REQUEUED
    )
    # Who waits because the provider asked for it does not wait for his hours.
    for_hours = Q(not_before__gt=F("queued_at")) & (
        ~Exists(departures) | Exists(departures.filter(reason__in=gate.WAITS_FOR_HOURS))
    )
    return (
        CustomerCommunication.objects.filter(dispatch=execution.dispatch_id)
        .with_state()
        .order_by()
        .values("channel", "state", "reason")
        .annotate(n=Count("pk"), late=Count("pk", filter=for_hours), micros=Sum("cost_micros"))
    )


class _Written:
    """The rows of one channel, by what became of them."""

    def __init__(self):
        self.blocked: Counter[str] = Counter()
        self.failed: Counter[str] = Counter()
        self.now = self.later = self.micros = 0

    def add(self, row: dict) -> None:
        word = progress.COUNTED_AS[row["state"]]
        self.micros += row["micros"] or 0
        if word == "blocked":
            self.blocked[row["reason"]] += row["n"]
        elif word in FAILED:
            self.failed[word] += row["n"]
        else:
            self.later += row["late"]
            self.now += row["n"] - row["late"]

    def fall(self, channel: str) -> ChannelFall:
        considered = self.blocked.total() + self.failed.total() + self.now + self.later
        return ChannelFall(
            channel=channel,
            considered=considered,
            blocked=_in_order(self.blocked),
            failed={word: self.failed[word] for word in FAILED if self.failed[word]},
            now=self.now,
            later=self.later,
            cost_micros=self.micros,
        )
