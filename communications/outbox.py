"""Putting messages into the ledger, and the states of the run that sends them."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Case, Exists, F, OuterRef, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from barbershop.models import Barbershop
from communications.compiled import targets
from communications.models import (
    CustomerCommunication,
    DeliveryAttempt,
    Dispatch,
    MessageContent,
    TrackedLink,
)
from customers.channels import Topic

CHUNK = 1000
SendState = CustomerCommunication.SendState
Reason = CustomerCommunication.Reason
# A pause stops sending, not the writing of the audience.
PREPARABLE = frozenset({Dispatch.State.PREPARING, Dispatch.State.PAUSED})


class NotPreparing(Exception):
    """The dispatch takes no more messages: it runs, or is over."""


@dataclass(frozen=True)
class Recipient:
    """One person considered on one channel.

    Attributes:
        blocked: a reason of ``CustomerCommunication.Reason`` when the person is not to be sent to.
        values: flat strings for merge fields that only upper floors know.
    """

    customer_id: int | None
    channel: str
    address: str
    address_hmac: str
    content_id: int
    values: dict[str, str] = field(default_factory=dict)
    blocked: str = ""
    dedupe_key: str | None = None
    not_before: dt.datetime | None = None


def open_dispatch(
    *, shop: Barbershop, kind: str, by=None, starts_at: dt.datetime | None = None
) -> Dispatch:
    """A new run of sending in ``preparing``. Nothing is sent before ``starts_at``."""
    return Dispatch.objects.create(shop=shop, kind=kind, created_by=by, starts_at=starts_at)


def add_content(
    *,
    dispatch: Dispatch,
    channel: str,
    text: str,
    subject: str = "",
    variant_label: str = "",
) -> MessageContent:
    """The immutable text of one arm on one channel, with its tracked links. Safe to repeat."""
    content, created = MessageContent.objects.get_or_create(
        dispatch=dispatch,
        channel=channel,
        variant_label=variant_label,
        defaults={"shop": dispatch.shop, "subject": subject, "text": text},
    )
    if created:
        found = targets(text, booking_url=dispatch.shop.booking_url)
        TrackedLink.objects.bulk_create(
            TrackedLink(shop=dispatch.shop, content=content, target=target, position=position)
            for position, target in enumerate(found)
        )
    return content


def queue(
    *,
    dispatch: Dispatch,
    recipients: Iterable[Recipient],
    topic: str = Topic.MARKETING,
    now: dt.datetime | None = None,
) -> int:
    """Write one ledger row per recipient; whoever has one already is left as he is.

    Two people with one address: the first gets the message, the other a row that says so.

    Returns:
        How many rows were written.

    Raises:
        NotPreparing: when the dispatch is no longer being prepared.
    """
    now = now or timezone.now()
    written = 0
    for chunk in _chunks(recipients):
        with transaction.atomic():
            # The lock makes "is this address taken?" and the insert one step.
            held = Dispatch.objects.select_for_update().get(pk=dispatch.pk)
            if held.prepared_at or held.state not in PREPARABLE:
                raise NotPreparing(f"{held} takes no more messages")
            written += _write(chunk, dispatch=held, topic=topic, now=now)
    return written


def _chunks(recipients: Iterable[Recipient]):
    chunk: list[Recipient] = []
    for recipient in recipients:
        chunk.append(recipient)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _write(chunk: list[Recipient], *, dispatch: Dispatch, topic: str, now: dt.datetime) -> int:
    taken = _taken_addresses(chunk, dispatch=dispatch)
    known = set(
        CustomerCommunication.objects.filter(
            dispatch=dispatch, customer__in=[r.customer_id for r in chunk]
        ).values_list("channel", "customer")
    )
    rows = []
    for recipient in chunk:
        if (recipient.channel, recipient.customer_id) in known:
            continue
        reason = recipient.blocked or ("" if recipient.address else Reason.NO_ADDRESS)
        key = (recipient.channel, recipient.address)
        if not reason and key in taken:
            reason = Reason.DUPLICATE_ADDRESS
        elif not reason:
            taken.add(key)
        rows.append(_row(recipient, reason=reason, dispatch=dispatch, topic=topic, now=now))
    return len(CustomerCommunication.objects.bulk_create(rows, batch_size=CHUNK))


def _taken_addresses(chunk: list[Recipient], *, dispatch: Dispatch) -> set[tuple[str, str]]:
    addresses = [recipient.address for recipient in chunk if recipient.address]
    return set(
        CustomerCommunication.objects.filter(dispatch=dispatch, address__in=addresses)
        .exclude(send_state=SendState.BLOCKED)
        .values_list("channel", "address")
    )


def _row(recipient: Recipient, *, reason: str, dispatch, topic, now) -> CustomerCommunication:
    return CustomerCommunication(
        shop_id=dispatch.shop_id,
        dispatch=dispatch,
        content_id=recipient.content_id,
        customer_id=recipient.customer_id,
        channel=recipient.channel,
        topic=topic,
        address=recipient.address,
        address_hmac=recipient.address_hmac,
        values=recipient.values,
        dedupe_key=recipient.dedupe_key,
        not_before=recipient.not_before,
        send_state=SendState.BLOCKED if reason else SendState.PENDING,
        reason=reason,
        queued_at=now,
    )


def run(dispatch: Dispatch, *, now: dt.datetime | None = None) -> bool:
    """The audience is complete: preparing becomes running, paused stays paused.

    True when this call completed it.
    """
    now = now or timezone.now()
    won = Dispatch.objects.filter(pk=dispatch.pk, prepared_at=None, state__in=PREPARABLE).update(
        prepared_at=now,
        starts_at=Coalesce("starts_at", Value(now)),
        state=Case(
            When(state=Dispatch.State.PREPARING, then=Value(Dispatch.State.RUNNING)),
            default=F("state"),
        ),
    )
    return bool(won)


def pause(
    dispatch: Dispatch,
    *,
    reason: str = "paused by a person",
    cause: str = Dispatch.PauseCause.PERSON,
) -> bool:
    """Nothing begins after this returns; a call begins with the commit of ``sending``.

    The update waits for every gate that holds the row, and every later gate sees it paused.
    """
    won = Dispatch.objects.filter(
        pk=dispatch.pk, state__in=[Dispatch.State.PREPARING, Dispatch.State.RUNNING]
    ).update(state=Dispatch.State.PAUSED, paused_reason=reason[:200], pause_cause=cause)
    return bool(won)


def resume(dispatch: Dispatch) -> bool:
    """Go on: with sending, or with preparing when the audience was not complete."""
    won = Dispatch.objects.filter(pk=dispatch.pk, state=Dispatch.State.PAUSED).update(
        state=Case(
            When(prepared_at=None, then=Value(Dispatch.State.PREPARING)),
            default=Value(Dispatch.State.RUNNING),
        ),
        paused_reason="",
        pause_cause="",
    )
    return bool(won)


def cancel(dispatch: Dispatch, *, now: dt.datetime | None = None) -> bool:
    """Whatever has not begun will never be sent; calls already begun are still answered."""
    now = now or timezone.now()
    with transaction.atomic():
        won = Dispatch.objects.filter(pk=dispatch.pk, state__in=Dispatch.STOPPABLE).update(
            state=Dispatch.State.CANCELLED, paused_reason="", pause_cause="", finished_at=now
        )
        if won:
            CustomerCommunication.objects.filter(
                dispatch=dispatch, send_state=SendState.PENDING
            ).update(send_state=SendState.CANCELLED)
    return bool(won)


def fail(dispatch: Dispatch, *, now: dt.datetime | None = None) -> bool:
    """The run could not be prepared; nothing was sent."""
    won = Dispatch.objects.filter(pk=dispatch.pk, prepared_at=None, state__in=PREPARABLE).update(
        state=Dispatch.State.FAILED,
        paused_reason="",
        pause_cause="",
        finished_at=now or timezone.now(),
    )
    return bool(won)


def finish_idle(*, now: dt.datetime | None = None) -> int:
    """Running dispatches in which nothing waits or is being called become done.

    An unknown outcome does not hold a dispatch open: it is shown until it is resolved.
    """
    waiting = CustomerCommunication.objects.filter(
        dispatch=OuterRef("pk"), send_state=SendState.PENDING
    )
    in_a_call = DeliveryAttempt.objects.filter(
        dispatch=OuterRef("pk"),
        state__in=[DeliveryAttempt.State.CLAIMED, DeliveryAttempt.State.SENDING],
    )
    return (
        Dispatch.objects.running()
        .filter(~Exists(waiting), ~Exists(in_a_call))
        .update(state=Dispatch.State.DONE, finished_at=now or timezone.now())
    )
