"""Counting the bookings that were credited to a campaign: one query."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, Max, Min, Q, Sum

from campaigns.models import CampaignExecution, CampaignResponse, OfferCode


@dataclass(frozen=True)
class Credit:
    """Bookings credited, how many of them came or paid, and their money in minor units."""

    converted: int = 0
    confirmed: int = 0
    revenue: int = 0


@dataclass(frozen=True)
class Reading:
    """``held_out`` people were deliberately not messaged, ``held_out_now`` in the current run.

    ``people`` are the distinct customers of all runs, ``people_now`` those of the current one.
    """

    channels: dict[str, Credit]
    total: Credit
    held_out: int
    held_out_now: int
    people: int
    people_now: int
    span: tuple[dt.datetime, ...]

    def of(self, channel: str) -> Credit:
        return self.channels.get(channel, Credit())


def responses(*, shop, runs):
    """One row per person and run, credited or not."""
    return CampaignResponse.objects.for_shop(shop).filter(execution__in=runs.order_by())


def credited(*, shop, runs):
    """Only those with a booking."""
    return responses(shop=shop, runs=runs).filter(appointment__isnull=False)


def read(*, shop, runs, current: CampaignExecution | None) -> Reading:
    """Count by the channel of the message that got the credit."""
    rows = list(
        responses(shop=shop, runs=runs)
        .order_by()
        .values("communication__channel")
        .annotate(
            people=Count("pk"),
            people_now=Count("pk", filter=Q(execution=current)),
            held_out=Count("pk", filter=Q(is_holdout=True)),
            held_out_now=Count("pk", filter=Q(is_holdout=True, execution=current)),
            converted=Count("appointment"),
            confirmed=Count("confirmed_at", filter=Q(appointment__isnull=False)),
            money=Sum("revenue"),
            first=Min("converted_at"),
            last=Max("converted_at"),
        )
    )
    channels = {
        row["communication__channel"]: Credit(row["converted"], row["confirmed"], int(row["money"]))
        for row in rows
        if row["communication__channel"]
    }
    return Reading(
        channels=channels,
        total=Credit(
            converted=sum(credit.converted for credit in channels.values()),
            confirmed=sum(credit.confirmed for credit in channels.values()),
            revenue=sum(credit.revenue for credit in channels.values()),
        ),
        held_out=sum(row["held_out"] for row in rows),
        held_out_now=sum(row["held_out_now"] for row in rows),
        people=_people(rows, shop=shop, runs=runs),
        people_now=sum(row["people_now"] for row in rows),
        span=tuple(row[end] for row in rows for end in ("first", "last") if row[end]),
    )


def discounts(*, shop, runs) -> int:
    """What redeemed codes of these runs took off, in minor units: one query."""
    codes = OfferCode.objects.for_shop(shop).filter(execution__in=runs.order_by())
    return int(codes.aggregate(given=Sum("discount", default=0))["given"])


def _people(rows: list[dict], *, shop, runs) -> int:
    """One run has one row per person; only several runs must be asked for distinct ones."""
    everybody = sum(row["people"] for row in rows)
    if everybody == sum(row["people_now"] for row in rows):
        return everybody
    return (
        responses(shop=shop, runs=runs)
        .order_by()
        .aggregate(n=Count("customer", distinct=True))["n"]
    )
