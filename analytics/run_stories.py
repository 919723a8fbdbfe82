"""What each run of a campaign did for one customer, from the rows that exist."""

import datetime as dt
from dataclasses import dataclass

from campaigns.models import CampaignDefinition, CampaignExecution, CampaignResponse
from communications.models import CustomerCommunication
from customers.models import Customer

Delivery = CustomerCommunication.Delivery
EVENTS = ("opened_at", "clicked_at", "replied_at", "unsubscribed_at", "complained_at")


@dataclass(frozen=True)
class EventStory:
    """``name`` is opened, clicked, replied, unsubscribed or complained."""

    name: str
    at: dt.datetime


@dataclass(frozen=True)
class MessageStory:
    """One row of the ledger; ``delivery`` in words, once the provider has taken it."""

    communication: int
    channel: str
    state: str
    reason: str
    not_before: dt.datetime | None
    accepted_at: dt.datetime | None
    delivery: str
    events: tuple[EventStory, ...]


@dataclass(frozen=True)
class RunStory:
    """One run: ``was_considered`` is false of whoever was not in its audience, or is not yet while
    it ``is_complete``."""

    execution: int
    began_at: dt.datetime
    is_complete: bool
    was_considered: bool
    was_held_out: bool
    variant: str
    messages: tuple[MessageStory, ...]
    booked_at: dt.datetime | None
    is_booking_kept: bool


def stories(definition: CampaignDefinition, customer: Customer) -> tuple[RunStory, ...]:
    """Every run, the oldest first; three queries, however many there are."""
    runs = CampaignExecution.objects.for_shop(definition.shop_id).filter(definition=definition)
    runs = list(runs.select_related("dispatch").order_by("started_at", "pk"))
    if not runs:
        return ()
    responses = CampaignResponse.objects.filter(execution__in=runs, customer=customer)
    response_of = {each.execution_id: each for each in responses.select_related("variant")}
    rows = CustomerCommunication.objects.filter(
        dispatch__in=[run.dispatch_id for run in runs], customer=customer
    )
    rows_of: dict[int, list] = {}
    for row in rows.with_state().order_by("pk"):
        rows_of.setdefault(row.dispatch_id, []).append(row)
    return tuple(
        _story(run, response_of.get(run.pk), rows_of.get(run.dispatch_id, ())) for run in runs
    )


def _story(run: CampaignExecution, response: CampaignResponse | None, rows) -> RunStory:
    return RunStory(
        execution=run.pk,
        began_at=run.started_at,
        is_complete=run.dispatch.prepared_at is not None,
        was_considered=response is not None or bool(rows),
        was_held_out=bool(response and response.is_holdout),
        variant=response.variant.label if response and response.variant else "",
        messages=tuple(map(_message, rows)),
        booked_at=response.converted_at if response else None,
        is_booking_kept=bool(response and response.confirmed_at),
    )


def _message(row: CustomerCommunication) -> MessageStory:
    happened = [(name, getattr(row, name)) for name in EVENTS]
    return MessageStory(
        communication=row.pk,
        channel=row.channel,
        state=row.state,
        reason=row.reason,
        not_before=row.not_before,
        accepted_at=row.accepted_at,
        delivery=Delivery(row.delivery).label.lower() if row.state == "accepted" else "",
        events=tuple(EventStory(name.removesuffix("_at"), at) for name, at in happened if at),
    )
