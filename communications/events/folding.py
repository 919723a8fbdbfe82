"""The fold: stored events become facts on messages, set-based and in any order.

Each batch is one transaction that holds its events. When a batch fails, it is halved until the
event that cannot be folded stands alone; that one is tried again later and at last quarantined,
and it never holds back the others.
"""

import datetime as dt
from functools import partial
from uuid import UUID

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from communications import inbound, suppressions, unsubscribe
from communications.events import clicking, evidence, quarantine, words
from communications.facts import Facts, Known, write
from communications.models import CustomerCommunication, ProviderEvent
from communications.signals import communication_events
from communications.suppressions import Address

BATCH = 1000


class Unreadable(ValueError):
    """Stored in quarantine because nobody knows what it says; the reason stands in the event."""


def fold(*, limit: int = 5000, now: dt.datetime | None = None) -> int:
    """Fold up to ``limit`` waiting events and return how many were taken up."""
    now = now or timezone.now()
    taken = last = 0
    while taken < limit:
        size = min(BATCH, limit - taken)
        count, last = _fold_batch(after=last, size=size, now=now)
        taken += count
        if count < size:
            break
    return taken


def _fold_batch(*, after: int, size: int, now: dt.datetime) -> tuple[int, int]:
    with transaction.atomic():
        events = _claim(after=after, size=size)
        if not events:
            return 0, after
        touched: set[int] = set()
        # What failed before is folded apart, so that the rest is not halved around it again.
        for group in (
            [event for event in events if not event.tries],
            *([event] for event in events if event.tries),
        ):
            touched |= fold_or_halve(group, now=now)
        if touched:
            transaction.on_commit(partial(announce, sorted(touched), now=now))
    return len(events), events[-1].pk


def _claim(*, after: int, size: int) -> list[ProviderEvent]:
    waiting = ProviderEvent.objects.filter(folded_at=None, quarantined_at=None, pk__gt=after)
    # SQLite ignores row locks and needs none: its transaction holds the only write lock.
    return list(waiting.select_for_update(skip_locked=True).order_by("pk")[:size])


def announce(ids: list[int], *, now: dt.datetime) -> None:
    """Tell the upper floors; a receiver that fails is logged and has only lost a hint."""
    communication_events.send_robust(sender=CustomerCommunication, communication_ids=ids, now=now)


def fold_or_halve(events: list[ProviderEvent], *, now: dt.datetime) -> set[int]:
    """Fold what can be folded and set the rest aside; the ids of the messages that it touched."""
    if not events:
        return set()
    try:
        with transaction.atomic():
            return _fold_together(events, now=now)
    except (OperationalError, InterfaceError):
        # A deadlock or a lost connection is not the events' fault: all of them are tried again.
        raise
    except Exception as error:  # noqa: BLE001 whatever one event holds, the rest must go on
        if len(events) == 1:
            quarantine.set_aside(events[0], error, now=now)
            return set()
    middle = len(events) // 2
    return fold_or_halve(events[:middle], now=now) | fold_or_halve(events[middle:], now=now)


def _fold_together(events: list[ProviderEvent], *, now: dt.datetime) -> set[int]:
    for event in events:
        if event.kind == words.UNREADABLE:
            raise Unreadable(event.error.removeprefix("Unreadable: "))
    reports = [event for event in events if event.kind != words.INBOUND]
    evidence.prove_calls(reports, now=now)
    known = write(_facts(reports))
    clicking.judge(reports, known)
    evidence.report_contradictions(known.values())
    _suppress(reports, known)
    _opt_out(reports, known, now=now)
    touched = {message.id for message in known.values()}
    for event in events:
        if event.kind == words.INBOUND:
            touched |= inbound.fold(event, now=now)
    _mark_folded(events, now=now)
    quarantine.settle(events, now=now)
    return touched


def _at(event: ProviderEvent) -> dt.datetime:
    return event.occurred_at or event.received_at


def _facts(events: list[ProviderEvent]) -> dict[UUID, Facts]:
    """What the events say together, per message."""
    found: dict[UUID, Facts] = {}
    for event in events:
        if event.communication_uuid is None:
            continue
        at = _at(event)
        said = Facts(
            delivery=int(words.DELIVERY.get(event.kind, 0)),
            error_code=words.error_code(event.kind, event.payload),
            times={"proven_at": at},
        )
        if name := words.FIRST_TIME.get(event.kind):
            said.times[name] = at
        earlier = found.setdefault(event.communication_uuid, said)
        if earlier is not said:
            earlier.join(said)
    return found


def _suppress(events: list[ProviderEvent], known: dict) -> None:
    addresses = set()
    for event in events:
        cause = words.suppression_cause(event.kind, event.payload)
        message: Known | None = known.get(event.communication_uuid)
        if cause and message is not None:
            addresses.add(Address(message.shop_id, message.channel, message.address_hmac, cause))
    suppressions.add_many(addresses)


def _opt_out(events: list[ProviderEvent], known: dict, *, now: dt.datetime) -> None:
    first: dict[Known, dt.datetime] = {}
    for event in events:
        message = known.get(event.communication_uuid)
        if message is not None and words.is_unsubscribed(event.kind, event.payload):
            first[message] = min(_at(event), first.get(message, _at(event)))
    if first:
        unsubscribe.opt_out(first, source="provider_unsubscribe", now=now)
    unsubscribe.stopped_at_provider(_stopped(events, known), now=now)


def _stopped(events: list[ProviderEvent], known: dict) -> dict[tuple[int, str], dt.datetime]:
    """Texts that failed because of a STOP before; by ``(shop id, HMAC of the number)``."""
    found: dict[tuple[int, str], dt.datetime] = {}
    for event in events:
        message = known.get(event.communication_uuid)
        if message is None or not words.is_stopped(event.kind, event.payload):
            continue
        about = (message.shop_id, message.address_hmac)
        found[about] = min(_at(event), found.get(about, _at(event)))
    return found


def _mark_folded(events: list[ProviderEvent], *, now: dt.datetime) -> None:
    shop = CustomerCommunication.objects.filter(uuid=OuterRef("communication_uuid"))
    ProviderEvent.objects.filter(pk__in=[event.pk for event in events]).update(
        folded_at=now, shop_id=Coalesce(F("shop_id"), Subquery(shop.values("shop_id")[:1]))
    )
