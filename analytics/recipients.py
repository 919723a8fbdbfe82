"""The rows behind every number: messages by what became of them."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery

from analytics import ledger
from campaigns.models import CampaignExecution, CampaignResponse
from campaigns.progress import COUNTED_AS
from communications.models import AttemptDeparture, CustomerCommunication, Dispatch

Delivery = CustomerCommunication.Delivery


def _counted_as(word: str) -> Q:
    return Q(state__in=[state for state, counted in COUNTED_AS.items() if counted == word])


def _happened(name: str) -> Q:
    return _counted_as("sent") & Q(**{f"{name}_at__isnull": False})


# Labels and conditions, in the order of a message's life; "booked" is asked of the responses.
OUTCOMES: dict[str, tuple[str, Q]] = {
    "sent": ("Sent", _counted_as("sent")),
    "delivered": ("Delivered", _counted_as("sent") & Q(delivery=Delivery.DELIVERED)),
    "opened": ("Opened", _happened("opened")),
    "clicked": ("Clicked", _happened("clicked")),
    "engaged": ("Opened or clicked", _happened("opened") | _happened("clicked")),
    "replied": ("Replied", _happened("replied")),
    "booked": ("Booked", Q()),
    "unsubscribed": ("Opted out", _happened("unsubscribed")),
    "complained": ("Complained", _happened("complained")),
    "bounced": (
        "Bounced",
        _counted_as("sent") & Q(delivery__in=ledger.NOT_DELIVERED),
    ),
    "blocked": ("Blocked", _counted_as("blocked")),
    "rejected": ("Rejected", _counted_as("rejected")),
    "unknown": ("Not known", _counted_as("unknown")),
    "pending": ("Waiting", _counted_as("pending")),
    "cancelled": ("Cancelled", _counted_as("cancelled")),
}


@dataclass(frozen=True)
class Period:
    since: dt.datetime
    until: dt.datetime


@dataclass(frozen=True)
class Wanted:
    """Which messages; an empty word asks for all.

    ``run`` is the id of an execution; ``call`` of a call that the message is, or once was, in.
    """

    outcome: str = ""
    channel: str = ""
    reason: str = ""
    run: str = ""
    call: str = ""


def of_campaign(definition, wanted: Wanted) -> QuerySet[CustomerCommunication]:
    """Messages of all runs of a campaign, tests never."""
    shop = definition.shop
    runs = CampaignExecution.objects.for_shop(shop).filter(definition=definition)
    if wanted.run:
        runs = runs.filter(pk=wanted.run)
    credits = CampaignResponse.objects.for_shop(shop).filter(execution__in=runs.order_by())
    return _narrowed(ledger.messages(shop=shop, runs=runs), wanted, credits=credits)


def of_shop(shop, wanted: Wanted, period: Period) -> QuerySet[CustomerCommunication]:
    """Marketing messages accepted, or the ones whose bookings were made, within a period."""
    messages = CustomerCommunication.objects.for_shop(shop).filter(
        dispatch__kind=Dispatch.Kind.MARKETING
    )
    credits = CampaignResponse.objects.for_shop(shop).filter(
        converted_at__gte=period.since, converted_at__lt=period.until
    )
    if wanted.outcome != "booked":
        messages = messages.filter(
            attempt__sending_at__gte=period.since, attempt__sending_at__lt=period.until
        )
    return _narrowed(messages, wanted, credits=credits)


def people_in(messages: QuerySet[CustomerCommunication]) -> int:
    """How many different customers the messages are to."""
    return messages.order_by().aggregate(people=Count("customer", distinct=True))["people"]


def _narrowed(messages, wanted: Wanted, *, credits) -> QuerySet:
    messages = messages.with_state()
    if wanted.outcome == "booked":
        messages = messages.filter(
            pk__in=credits.filter(appointment__isnull=False).values("communication")
        )
    elif wanted.outcome:
        messages = messages.filter(OUTCOMES[wanted.outcome][1])
    if wanted.channel:
        messages = messages.filter(channel=wanted.channel)
    if wanted.reason:
        messages = messages.filter(reason=wanted.reason)
    if wanted.call:
        left = AttemptDeparture.objects.filter(communication=OuterRef("pk"), attempt=wanted.call)
        messages = messages.filter(Q(attempt=wanted.call) | Exists(left))
    run = CampaignExecution.objects.filter(dispatch=OuterRef("dispatch"))
    credit = CampaignResponse.objects.filter(communication=OuterRef("pk"))
    return (
        messages.select_related("customer")
        .annotate(
            campaign_id=Subquery(run.values("definition")[:1]),
            campaign_name=Subquery(run.values("definition__name")[:1]),
            revenue=Subquery(credit.values("revenue")[:1]),
        )
        .order_by("-pk")
    )
