"""The sending loop: claim, gate, call, record; round and round over what runs."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from time import monotonic

from django.utils import timezone

from communications import outbox
from communications.channels import CHANNELS, DeliveryError, Failure
from communications.delivery import claim, gate, record
from communications.models import DeliveryAttempt, Dispatch
from customers.channels import Channel

DEADLINE = 25.0  # seconds for one whole call; a client's own timeout is per read


def send_due(*, limit: int | None = None, now: dt.datetime | None = None) -> int:
    """Send what is due, shop by shop in turn, until nothing is or ``limit`` is reached.

    Args:
        limit: stop after so many messages.
        now: a frozen clock for the whole pass; the real one moves on.

    Returns:
        How many messages were in calls that were begun.
    """
    begun = 0
    while True:
        in_this_round = 0
        for dispatch in _running(now or timezone.now()):
            for channel in Channel.values:
                in_this_round += _pass(dispatch, channel=channel, now=now)
                if limit is not None and begun + in_this_round >= limit:
                    return begun + in_this_round
        begun += in_this_round
        if not in_this_round:
            outbox.finish_idle(now=now)
            return begun


def _running(now: dt.datetime):
    due = Dispatch.objects.running().filter(starts_at__lte=now).select_related("shop")
    return due.order_by("shop_id", "pk")


def _pass(dispatch: Dispatch, *, channel: str, now: dt.datetime | None) -> int:
    waiting = claim.claim(dispatch=dispatch, channel=channel, now=now or timezone.now())
    messages = sum(attempt.message_count for attempt in waiting)
    while waiting:
        waiting = _together(waiting, now=now)
    return messages


def _together(attempts: list[DeliveryAttempt], *, now: dt.datetime | None) -> list[DeliveryAttempt]:
    """Make some calls at once; returns the smaller calls that are to be made instead."""
    calls = []
    started = monotonic()
    for attempt in attempts:
        call = gate.begin(attempt, now=now or timezone.now())
        if call is not None:
            calls.append((attempt, _pool().submit(CHANNELS[attempt.channel].send, call)))
    again: list[DeliveryAttempt] = []
    for attempt, future in calls:
        try:
            answer = future.result(timeout=max(0.0, started + DEADLINE - monotonic()))
        except DeliveryError as error:
            again += record.failed(attempt, error, now=now or timezone.now())
        except TimeoutError:
            late = DeliveryError("no answer in time", failure=Failure.UNKNOWN, code="deadline")
            record.failed(attempt, late, now=now or timezone.now())
        else:
            record.accepted(attempt, answer, now=now or timezone.now())
    return again


@cache
def _pool() -> ThreadPoolExecutor:
    """Threads that talk to providers and never to the database."""
    return ThreadPoolExecutor(max_workers=claim.SMS_BATCH, thread_name_prefix="provider")
