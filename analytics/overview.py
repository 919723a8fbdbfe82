"""The home page: how the shop's messages do, this period beside the one before."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, F, Q, Sum
from django.utils import timezone

from analytics import metrics
from barbershop.models import Barbershop
from campaigns.models import CampaignExecution, CampaignResponse
from communications.models import CustomerCommunication, Dispatch

PERIOD_DAYS = 30
FIGURES = ("bookings", "confirmed", "revenue", "reached", "sent", "opted_out", "opt_out_rate")


@dataclass(frozen=True)
class Figure:
    """One number now and before. ``change`` is a fraction; ``None``: nothing to compare with."""

    current: float | None
    previous: float | None
    change: float | None


@dataclass(frozen=True)
class Overview:
    """``[since, until)`` beside the equally long time before it.

    bookings, confirmed, revenue: credited bookings by the time they were made; minor units.
    reached: distinct people with an accepted marketing message. sent: those messages.
    opted_out: distinct people who opted out by one of them, opt_out_rate: of those reached.
    running: campaigns that are sending, being prepared or paused right now.
    """

    since: dt.datetime
    until: dt.datetime
    currency: str
    running: int
    bookings: Figure
    confirmed: Figure
    revenue: Figure
    reached: Figure
    sent: Figure
    opted_out: Figure
    opt_out_rate: Figure


def of(shop: Barbershop, *, days: int = PERIOD_DAYS, now: dt.datetime | None = None) -> Overview:
    """The figures of the last ``days`` days. Three queries."""
    until = now or timezone.now()
    since = until - dt.timedelta(days=days)
    before = since - dt.timedelta(days=days)
    periods = {"current": (since, until), "previous": (before, since)}
    found = _bookings(shop, periods) | _messages(shop, periods)
    for name in periods:
        found[f"opt_out_rate_{name}"] = metrics.share(
            found[f"opted_out_{name}"], found[f"reached_{name}"]
        )
    return Overview(
        since=since,
        until=until,
        currency=shop.currency,
        running=_running(shop),
        **{name: _figure(name, found) for name in FIGURES},
    )


def _figure(name: str, found: dict) -> Figure:
    current, previous = found[f"{name}_current"], found[f"{name}_previous"]
    return Figure(current, previous, metrics.change(current=current, previous=previous))


def _within(column: str, periods: dict) -> dict[str, Q]:
    return {
        name: Q(**{f"{column}__gte": start, f"{column}__lt": end})
        for name, (start, end) in periods.items()
    }


def _bookings(shop: Barbershop, periods: dict) -> dict:
    figures = {}
    for name, within in _within("converted_at", periods).items():
        figures[f"bookings_{name}"] = Count("appointment", filter=within)
        figures[f"confirmed_{name}"] = Count("confirmed_at", filter=within)
        figures[f"revenue_{name}"] = Sum("revenue", filter=within, default=0)
    earliest = periods["previous"][0]
    credited = CampaignResponse.objects.for_shop(shop).filter(converted_at__gte=earliest)
    return {name: int(value) for name, value in credited.aggregate(**figures).items()}


def _messages(shop: Barbershop, periods: dict) -> dict:
    figures = {}
    for name, within in _within("sent_at", periods).items():
        left = within & Q(unsubscribed_at__isnull=False)
        figures[f"sent_{name}"] = Count("pk", filter=within)
        figures[f"reached_{name}"] = Count("customer", distinct=True, filter=within)
        figures[f"opted_out_{name}"] = Count("customer", distinct=True, filter=left)
    return (
        CustomerCommunication.objects.for_shop(shop)
        .accepted()
        .filter(dispatch__kind=Dispatch.Kind.MARKETING)
        .annotate(sent_at=F("attempt__sending_at"))
        .filter(sent_at__gte=periods["previous"][0])
        .aggregate(**figures)
    )


def _running(shop: Barbershop) -> int:
    return (
        CampaignExecution.objects.for_shop(shop)
        .filter(dispatch__state__in=Dispatch.STOPPABLE)
        .count()
    )
