"""What one campaign did: the same figures for the page and for the API, names = JSON keys.

Read live from the ledger and the responses, all runs of the campaign together, test messages
never. "The count on screen is the count sent": ``targeted`` counts ledger rows, one per person,
channel and run, and every row is in exactly one of six groups::

    targeted = sent + blocked + rejected + unknown + pending + cancelled

``analytics.metrics`` says which figures count messages, which recipients, and every denominator.
"""

import datetime as dt
from dataclasses import asdict, dataclass
from typing import Literal

from django.utils import timezone

from analytics import credits, ledger, metrics, series
from analytics.series import Point
from barbershop.currencies import minor_units
from campaigns.models import CampaignDefinition, CampaignExecution
from communications.models import Dispatch
from customers.channels import Channel

LAST_TOUCH = "last_touch"


@dataclass(frozen=True)
class Counts:
    """Messages: targeted to cancelled, machine_*. Recipients: reached to complained.

    sent: accepted by the provider. delivered, bounced: by its latest report, never both.
    unknown: nobody can say whether the provider took it. pending: waiting, or in a call just now.
    machine_opened, machine_clicked: mail scanners and prefetching; in no other figure.
    converted: bookings credited. confirmed: those who came or paid. revenue, cost: minor units.
    cost: messages of the group ``sent`` only, rounded once per figure; in the totals also the
    discounts given, which belong to no channel.
    """

    targeted: int
    blocked: int
    sent: int
    delivered: int
    bounced: int
    rejected: int
    unknown: int
    pending: int
    cancelled: int
    machine_opened: int
    machine_clicked: int
    reached: int
    opened: int
    clicked: int
    engaged: int
    replied: int
    unsubscribed: int
    complained: int
    converted: int
    confirmed: int
    revenue: int
    cost: int
    roi: float | None


@dataclass(frozen=True)
class Rates:
    """Fractions; ``None`` where the denominator is 0. Denominators: ``analytics.metrics``."""

    delivery: float | None
    open: float | None
    click: float | None
    engagement: float | None
    conversion: float | None
    unsubscribe: float | None
    bounce: float | None
    reply: float | None
    complaint: float | None
    booking: float | None


@dataclass(frozen=True)
class Totals(Counts):
    """Both channels together.

    discounts: what redeemed codes of the campaign took off, in minor units; ``cost`` holds it.
    held_out: people deliberately not messaged, for comparison, once per run.
    people: distinct customers considered, held out ones included; each once.
    """

    discounts: int
    held_out: int
    people: int


@dataclass(frozen=True)
class ChannelPerformance(Counts):
    rates: Rates


@dataclass(frozen=True)
class ExecutionCounts:
    """As in ``campaigns.progress``: ``audience`` is the sum of the six words after it.

    people: distinct customers considered, held out ones included.
    """

    audience: int
    pending: int
    sent: int
    blocked: int
    rejected: int
    unknown: int
    cancelled: int
    held_out: int
    people: int


@dataclass(frozen=True)
class ExecutionFigures:
    """One run: how far it is."""

    id: int
    campaign: int
    status: str
    occurrence_key: str
    started_at: dt.datetime
    finished_at: dt.datetime | None
    counts: ExecutionCounts


@dataclass(frozen=True)
class Attribution:
    """Which booking counts: made within so many days after a click, or after a delivery."""

    model: str
    window_days: int
    delivery_window_days: int


@dataclass(frozen=True)
class Performance:
    campaign: int
    campaign_name: str
    execution: ExecutionFigures | None
    totals: Totals
    blocked_by_reason: dict[str, int]
    rejected_by_reason: dict[str, int]
    rates: Rates
    channels: dict[str, ChannelPerformance]
    bucket: str | None
    series: tuple[Point, ...]
    currency: str
    timezone: str
    attribution: Attribution
    as_of: dt.datetime

    def as_dict(self) -> dict:
        """Plain dictionaries and lists, times as ``datetime``."""
        return asdict(self)


def of(
    definition: CampaignDefinition,
    *,
    now: dt.datetime | None = None,
    bucket: Literal["auto", "hour", "day"] = "auto",
) -> Performance:
    """Count everything that a campaign did so far.

    Five queries at most, whatever its size; one more with an offer, one after several runs, and
    one when ``definition.shop`` is not loaded.
    Raises ``ValueError`` for another ``bucket``.
    """
    now = now or timezone.now()
    shop = definition.shop
    runs = CampaignExecution.objects.for_shop(shop).filter(definition=definition)
    current = runs.select_related("dispatch").order_by("-started_at", "-pk").first()
    sent = ledger.read(shop=shop, runs=runs, current=current)
    booked = credits.read(shop=shop, runs=runs, current=current)
    unit, points = series.read(
        shop=shop,
        runs=runs,
        spans=(sent.span, booked.span),
        bucket=bucket,
        until=now if current and current.dispatch.state not in Dispatch.OVER else None,
    )
    discounts = credits.discounts(shop=shop, runs=runs) if definition.offer_id else 0
    totals = _counts(sent.total, booked.total, shop.currency, discounts=discounts)
    return Performance(
        campaign=definition.pk,
        campaign_name=definition.name,
        execution=current and _execution(current, sent.current, booked),
        totals=Totals(
            **totals, discounts=discounts, held_out=booked.held_out, people=booked.people
        ),
        blocked_by_reason=sent.blocked_by_reason,
        rejected_by_reason=sent.rejected_by_reason,
        rates=_rates(totals, emails=sent.of(Channel.EMAIL).delivered),
        channels={
            channel: _channel(channel, sent.of(channel), booked.of(channel), shop.currency)
            for channel in Channel.values
        },
        bucket=unit,
        series=points,
        currency=shop.currency,
        timezone=shop.timezone,
        attribution=Attribution(
            model=LAST_TOUCH,
            window_days=shop.attribution_click_days,
            delivery_window_days=shop.attribution_delivery_days,
        ),
        as_of=now,
    )


def _counts(
    sent: ledger.Tally, booked: credits.Credit, currency: str, *, discounts: int = 0
) -> dict:
    cost = minor_units(sent.cost_micros, currency) + discounts
    return {
        **sent.counts(),
        "converted": booked.converted,
        "confirmed": booked.confirmed,
        "revenue": booked.revenue,
        "cost": cost,
        "roi": metrics.roi(revenue=booked.revenue, cost=cost),
    }


def _channel(
    channel: str, sent: ledger.Tally, booked: credits.Credit, currency: str
) -> ChannelPerformance:
    counts = _counts(sent, booked, currency)
    emails = sent.delivered if channel == Channel.EMAIL else 0
    return ChannelPerformance(**counts, rates=_rates(counts, emails=emails))


def _rates(n: dict, *, emails: int) -> Rates:
    """``emails``: those delivered."""
    delivered, sent = n["delivered"], n["sent"]
    return Rates(
        delivery=metrics.delivery_rate(delivered=delivered, sent=sent),
        open=metrics.open_rate(opened=n["opened"], delivered_emails=emails),
        click=metrics.click_rate(clicked=n["clicked"], delivered=delivered),
        engagement=metrics.engagement_rate(engaged=n["engaged"], delivered=delivered),
        conversion=metrics.conversion_rate(converted=n["converted"], engaged=n["engaged"]),
        unsubscribe=metrics.unsubscribe_rate(unsubscribed=n["unsubscribed"], delivered=delivered),
        bounce=metrics.bounce_rate(bounced=n["bounced"], sent=sent),
        reply=metrics.reply_rate(replied=n["replied"], delivered=delivered),
        complaint=metrics.complaint_rate(complained=n["complained"], delivered=delivered),
        booking=metrics.booking_rate(converted=n["converted"], reached=n["reached"]),
    )


def _execution(execution: CampaignExecution, tally: ledger.Tally, booked: credits.Reading):
    return ExecutionFigures(
        id=execution.pk,
        campaign=execution.definition_id,
        status=str(execution.current_status),
        occurrence_key=execution.occurrence_key,
        started_at=execution.started_at,
        finished_at=execution.finished_at,
        counts=ExecutionCounts(
            audience=tally.targeted,
            pending=tally.pending,
            sent=tally.sent,
            blocked=tally.blocked,
            rejected=tally.rejected,
            unknown=tally.unknown,
            cancelled=tally.cancelled,
            held_out=booked.held_out_now,
            people=booked.people_now,
        ),
    )
