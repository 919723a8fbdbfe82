"""Counting the messages of a campaign: two queries, whatever its size."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass, fields, replace
from functools import reduce
from operator import add

from django.db.models import BooleanField, Case, Count, F, Max, Min, Q, Sum, Value, When
from django.db.models.functions import Coalesce

from campaigns.attribution import NOT_DELIVERED
from campaigns.models import CampaignExecution
from campaigns.progress import COUNTED_AS
from communications.models import CustomerCommunication

Delivery = CustomerCommunication.Delivery
ENGAGEMENTS = ("opened", "clicked", "replied", "unsubscribed", "complained")
MOMENTS = ("accepted_at", "delivered_at", "opened_at", "clicked_at")


@dataclass(frozen=True)
class Tally:
    """Counts of some messages; see ``analytics.performance.Counts`` for the words."""

    blocked: int = 0
    sent: int = 0
    delivered: int = 0
    bounced: int = 0
    rejected: int = 0
    unknown: int = 0
    pending: int = 0
    cancelled: int = 0
    machine_opened: int = 0
    machine_clicked: int = 0
    reached: int = 0
    opened: int = 0
    clicked: int = 0
    engaged: int = 0
    replied: int = 0
    unsubscribed: int = 0
    complained: int = 0
    cost_micros: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        names = (field.name for field in fields(self))
        return Tally(**{name: getattr(self, name) + getattr(other, name) for name in names})

    @property
    def targeted(self) -> int:
        return (
            self.sent + self.blocked + self.rejected + self.unknown + self.pending + self.cancelled
        )

    def counts(self) -> dict[str, int]:
        counts = {field.name: getattr(self, field.name) for field in fields(self)}
        del counts["cost_micros"]
        return {"targeted": self.targeted, **counts}


@dataclass(frozen=True)
class Reading:
    """``current`` is the part of one run; ``span`` the first and last moment of anything."""

    channels: dict[str, Tally]
    total: Tally
    current: Tally
    blocked_by_reason: dict[str, int]
    rejected_by_reason: dict[str, int]
    span: tuple[dt.datetime, ...]

    def of(self, channel: str) -> Tally:
        return self.channels.get(channel, Tally())


def messages(*, shop, runs):
    """The ledger rows of the given executions, tests left out."""
    dispatches = runs.order_by().values("dispatch")
    return CustomerCommunication.objects.for_shop(shop).counted().filter(dispatch__in=dispatches)


def accepted(*, shop, runs):
    """The accepted ones, each with its ``accepted_at``."""
    return messages(shop=shop, runs=runs).accepted().with_state()


def read(*, shop, runs, current: CampaignExecution | None) -> Reading:
    """Count the messages of ``runs``, by channel, state and reason."""
    rows = list(_grouped(messages(shop=shop, runs=runs), current))
    channels: dict[str, Tally] = {}
    for row in rows:
        channels[row["channel"]] = channels.get(row["channel"], Tally()) + _tally(row)
    total = _sum(channels.values())
    if len(channels) > 1:
        # Who got an email and a text is one recipient. With one channel rows are recipients.
        total = replace(total, **_recipients(accepted(shop=shop, runs=runs)))
    moments = [
        row[f"{end}_{name}"] for row in rows for end in ("first", "last") for name in MOMENTS
    ]
    return Reading(
        channels=channels,
        total=total,
        current=_sum(_tally(row) for row in rows if row["is_current"]),
        blocked_by_reason=_by_reason(rows, "blocked"),
        rejected_by_reason=_by_reason(rows, "rejected"),
        span=tuple(moment for moment in moments if moment),
    )


def _sum(tallies) -> Tally:
    return reduce(add, tallies, Tally())


def _grouped(queryset, current: CampaignExecution | None):
    is_current = Q(dispatch=current.dispatch_id) if current else Q(pk=None)
    refused = Q(send_state__in=["blocked", "rejected"])
    figures = {
        **{name: Count("pk", filter=Q(**{f"{name}_at__isnull": False})) for name in ENGAGEMENTS},
        "engaged": Count("pk", filter=Q(opened_at__isnull=False) | Q(clicked_at__isnull=False)),
        "machine_opened": Count("pk", filter=Q(machine_opened_at__isnull=False)),
        "machine_clicked": Count("pk", filter=Q(machine_clicked_at__isnull=False)),
        "delivered": Count("pk", filter=Q(delivery=Delivery.DELIVERED)),
        "bounced": Count("pk", filter=Q(delivery__in=NOT_DELIVERED)),
        "cost": Coalesce(Sum("cost_micros"), 0),
        **{f"first_{name}": Min(name) for name in MOMENTS},
        **{f"last_{name}": Max(name) for name in MOMENTS},
    }
    return (
        queryset.with_state()
        .annotate(
            why=Case(When(refused, then=F("reason")), default=Value("")),
            is_current=Case(
                When(is_current, then=True), default=False, output_field=BooleanField()
            ),
        )
        .order_by()
        .values("channel", "state", "why", "is_current")
        .annotate(messages=Count("pk"), **figures)
    )


def _tally(row: dict) -> Tally:
    group = COUNTED_AS[row["state"]]
    if group != "sent":
        return Tally(**{group: row["messages"]})
    names = ("delivered", "bounced", "machine_opened", "machine_clicked", "engaged", *ENGAGEMENTS)
    return Tally(
        sent=row["messages"],
        reached=row["messages"],
        cost_micros=int(row["cost"]),  # PostgreSQL adds bigints up to a numeric
        **{name: row[name] for name in names},
    )


def _by_reason(rows: list[dict], state: str) -> dict[str, int]:
    found: Counter[str] = Counter()
    for row in rows:
        if row["state"] == state:
            found[row["why"]] += row["messages"]
    return dict(found.most_common())


def _recipients(queryset) -> dict[str, int]:
    """Count each person once per run, on however many channels he was met."""
    per_person = (
        queryset.order_by()
        .values("dispatch", "customer")
        .annotate(
            engagements=Count("opened_at") + Count("clicked_at"),
            **{f"times_{name}": Count(f"{name}_at") for name in ENGAGEMENTS},
        )
    )
    return per_person.aggregate(
        reached=Count("dispatch"),
        engaged=Count("dispatch", filter=Q(engagements__gt=0)),
        **{name: Count("dispatch", filter=Q(**{f"times_{name}__gt": 0})) for name in ENGAGEMENTS},
    )
