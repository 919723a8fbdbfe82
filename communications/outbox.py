"""Putting messages into the ledger, and the states of the run that sends them."""

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Case, Exists, F, OuterRef, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from barbershop.models import Barbershop
from communications.compliance import Terms
from communications.models import (
    Budget,
    CustomerCommunication,
    DeliveryAttempt,
    Dispatch,
    MessageContent,
    TrackedLink,
)
from communications.recipients import Recipient, write_rows
from communications.rendering import link_targets
from customers.channels import Topic

CHUNK = 2_000
SendState = CustomerCommunication.SendState
# A pause stops sending, not the writing of the audience.
PREPARABLE = frozenset({Dispatch.State.PREPARING, Dispatch.State.PAUSED})


class NotPreparing(Exception):
    """The dispatch takes no more messages: it runs, or is over."""


def open_dispatch(
    *,
    shop: Barbershop,
    kind: str,
    by=None,
    starts_at: dt.datetime | None = None,
    budget: Budget | None = None,
    terms: Terms | None = None,
) -> Dispatch:
    """A new run of sending in ``preparing``. Nothing is sent before ``starts_at``.

    Args:
        budget: its own, beside the shop's of the month; see ``communications.budgets``.
        terms: what the gate has to mind besides the law; nothing by default.
    """
    terms = terms or Terms(kind=kind)
    return Dispatch.objects.create(
        shop=shop,
        kind=kind,
        created_by=by,
        starts_at=starts_at,
        budget=budget,
        is_cap_exempt=terms.is_cap_exempt,
        excludes_booked=terms.excludes_booked,
        excludes_visited_days=terms.excludes_visited_days,
    )


def add_content(
    *,
    dispatch: Dispatch,
    channel: str,
    text: str,
    subject: str = "",
    html: str = "",
    variant_label: str = "",
    variation: str = "",
) -> MessageContent:
    """The immutable text of one arm on one channel, with its tracked links. Safe to repeat.

    Args:
        html: of an email, its source with Liquid (``blocks.source``); without it the page is made
            from the text when it is sent.
        variation: the name of one of the arm's other wordings.
    """
    content, created = MessageContent.objects.get_or_create(
        dispatch=dispatch,
        channel=channel,
        variant_label=variant_label,
        variation=variation,
        defaults={"shop": dispatch.shop, "subject": subject, "text": text, "html": html},
    )
    if created:
        found = link_targets(text=text, html=html, shop=dispatch.shop)
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
            written += write_rows(chunk, dispatch=held, topic=topic, now=now)
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


def reopen(dispatch: Dispatch) -> Dispatch:
    """Let a finished run go on, because messages of it will wait again. In a transaction.

    Only ``done`` changes: a paused run stays paused, of a cancelled one nothing is sent.

    Returns:
        The run as it is. Until the transaction ends nobody finishes, pauses or cancels it.
    """
    held = Dispatch.objects.select_for_update(no_key=True).get(pk=dispatch.pk)
    if held.state == Dispatch.State.DONE:
        held.state, held.finished_at = Dispatch.State.RUNNING, None
        held.save(update_fields=["state", "finished_at"])
    return held


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
    idle = Dispatch.objects.running().filter(~Exists(waiting), ~Exists(in_a_call))
    with transaction.atomic():
        # Held first and asked again: between a look and a write of one statement somebody may
        # have put messages back (``reopen``), and they would wait in a finished run for ever.
        held = list(
            idle.select_for_update(skip_locked=True, no_key=True).values_list("pk", flat=True)
        )
        return idle.filter(pk__in=held).update(
            state=Dispatch.State.DONE, finished_at=now or timezone.now()
        )
