"""Looking for texts of unknown outcome in Twilio's list, outside of every transaction."""

import datetime as dt
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from django.db import transaction
from django.db.models import Q, QuerySet

from communications.channels import CHANNELS, DeliveryError
from communications.delivery import transitions
from communications.models import CustomerCommunication, DeliveryAttempt, ProviderEvent
from customers.channels import Channel

logger = logging.getLogger(__name__)

State = DeliveryAttempt.State
# When the list is asked, since the call began: a text may show up in it late.
AFTER = (dt.timedelta(minutes=1), dt.timedelta(minutes=7), dt.timedelta(minutes=15))
LOOKS = len(AFTER)
APART = dt.timedelta(minutes=6)  # at least, also when the looks are late
# Whoever takes a look has so long; one that failed, or whose worker died, is taken again then.
LEASE = dt.timedelta(minutes=2)
AT_ONCE = 10
# Twilio's clock and ours differ, and a call that hangs may be taken after we gave it up. Wide is
# safe: a text that another call of ours explains never counts.
EARLIER, LATER = dt.timedelta(minutes=5), dt.timedelta(minutes=10)


def look_up(*, now: dt.datetime, stop: Callable[[], bool]) -> int:
    """Ask for every text that is due; returns how many were found.

    An account whose list cannot be read is left alone until the next pass.
    """
    found = 0
    failing: set[int | None] = set()
    while not stop():
        taken = _take(_due(now, without=failing), now=now)
        if not taken:
            break
        addresses = dict(
            CustomerCommunication.objects.filter(attempt__in=taken).values_list(
                "attempt_id", "address"
            )
        )
        # Without a number the list would show everybody's texts.
        asked = [(call, addresses[call.pk]) for call in taken if addresses.get(call.pk)]
        for (attempt, to), sids in zip(asked, _threads().map(_ask, asked), strict=True):
            if isinstance(sids, DeliveryError):
                failing.add(attempt.account_id)
                logger.warning("No look-up for attempt %s: %s", attempt.pk, sids.code)
            else:
                found += _write_down(attempt, sids, to=to, now=now)
    return found


def next_look(attempt: DeliveryAttempt) -> dt.datetime | None:
    """When the list is asked about this call; None when it is not, or not any more."""
    is_due = attempt.state == State.UNKNOWN and attempt.lookups < LOOKS
    if not (is_due and attempt.channel == Channel.SMS and attempt.sender and attempt.body_digest):
        return None
    return attempt.next_lookup_at or attempt.sending_at + AFTER[attempt.lookups]


def _due(now: dt.datetime, *, without: set[int | None]) -> QuerySet[DeliveryAttempt]:
    is_time = Q(next_lookup_at__lte=now) | Q(next_lookup_at=None, sending_at__lte=now - AFTER[0])
    calls = DeliveryAttempt.objects.filter(is_time, state=State.UNKNOWN, channel=Channel.SMS)
    calls = calls.filter(lookups__lt=LOOKS).exclude(Q(body_digest="") | Q(sender=""))
    if None in without:
        calls = calls.filter(account__isnull=False)
    # Written so that a call without an account is not lost to NULL.
    calls = calls.filter(Q(account=None) | ~Q(account__in=without - {None}))
    return calls.order_by("sending_at", "pk")


def _take(due: QuerySet[DeliveryAttempt], *, now: dt.datetime) -> list[DeliveryAttempt]:
    """Win some looks: of several workers each asks for other texts."""
    return [
        attempt
        for attempt in due[:AT_ONCE]
        if DeliveryAttempt.objects.filter(
            pk=attempt.pk,
            state=State.UNKNOWN,
            lookups=attempt.lookups,
            next_lookup_at=attempt.next_lookup_at,
        ).update(next_lookup_at=now + LEASE)
    ]


def _ask(asked: tuple[DeliveryAttempt, str]) -> list[str] | DeliveryError:
    """Runs in a thread that never talks to the database."""
    attempt, to = asked
    try:
        return CHANNELS[Channel.SMS].find(
            to=to,
            sender=attempt.sender,
            digest=attempt.body_digest,
            since=attempt.sending_at - EARLIER,
            until=attempt.call_deadline + LATER,
        )
    except DeliveryError as error:
        return error


def _write_down(attempt: DeliveryAttempt, sids: list[str], *, to: str, now: dt.datetime) -> bool:
    """Give the call the first text that no other call of ours has; True when there is one."""
    with transaction.atomic():
        # Calls with the same words to the same number, held together: two never take one text.
        same = DeliveryAttempt.objects.filter(
            Q(communications__address=to) | Q(pk=attempt.pk),
            channel=Channel.SMS,
            sender=attempt.sender,
            body_digest=attempt.body_digest,
            state__in=[State.SENDING, State.UNKNOWN],
        )
        held = list(same.select_for_update(of=("self",)).order_by("pk"))
        if not any(call.pk == attempt.pk and call.state == State.UNKNOWN for call in held):
            return False  # settled meanwhile
        if any(call.state == State.SENDING for call in held) or _is_reported(held):
            return (
                False  # an answer, or a report, will say whose it is; asked again after the lease
            )
        others = DeliveryAttempt.objects.filter(provider_id__in=sids).exclude(pk=attempt.pk)
        taken = set(others.values_list("provider_id", flat=True))
        mine = DeliveryAttempt.objects.filter(pk=attempt.pk)
        for sid in sids:
            if sid not in taken:
                return bool(
                    transitions.move(
                        mine, to=State.ACCEPTED, from_=[State.UNKNOWN], now=now, provider_id=sid
                    )
                )
        looks = attempt.lookups + 1
        next_at = max(attempt.sending_at + AFTER[looks], now + APART) if looks < LOOKS else None
        mine.update(lookups=looks, next_lookup_at=next_at)
        return False


def _is_reported(calls: list[DeliveryAttempt]) -> bool:
    """A report that waits in the inbox names one of these calls."""
    messages = CustomerCommunication.objects.filter(attempt__in=calls)
    return ProviderEvent.objects.filter(
        communication_uuid__in=messages.values("uuid"),
        attempt_uuid__in=[call.uuid for call in calls],
        folded_at=None,
        quarantined_at=None,
    ).exists()


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(AT_ONCE, thread_name_prefix="lookup")
