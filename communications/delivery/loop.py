"""The sending loop: claim, gate, call, record; round and round over what runs."""

import datetime as dt
import logging
from collections.abc import Callable
from concurrent.futures import Future
from functools import cache
from time import monotonic

from django.db import transaction
from django.utils import timezone

from communications import outbox
from communications.channels import CHANNELS, Answer, DeliveryError, Failure
from communications.delivery import claim, gate, leave, record
from communications.delivery.inflight import InFlight
from communications.models import DeliveryAttempt, Dispatch
from customers.channels import Channel

logger = logging.getLogger(__name__)

DEADLINE = 25.0  # seconds for one whole call; a client's own timeout is per read


def send_due(
    *,
    limit: int | None = None,
    stop: Callable[[], bool] = lambda: False,
    now: dt.datetime | None = None,
) -> int:
    """Send what is due, shop by shop in turn, until nothing is.

    Args:
        limit: stop after so many messages.
        stop: asked between calls; what was begun is answered and written down first.
        now: a frozen clock for the whole pass; the real one moves on.

    Returns:
        How many messages were sent, or refused by the gate.
    """
    handled = 0
    while True:
        _write_down_late_answers(now=now)
        before = handled
        for dispatch in _running(now or timezone.now()):
            for channel in Channel.values:
                if stop() or (limit is not None and handled >= limit):
                    return handled
                handled += _pass(dispatch, channel=channel, now=now)
        if handled == before:
            outbox.finish_idle(now=now)
            return handled


def _running(now: dt.datetime):
    due = Dispatch.objects.running().filter(starts_at__lte=now).select_related("shop")
    return due.order_by("shop_id", "pk")


def _pass(dispatch: Dispatch, *, channel: str, now: dt.datetime | None) -> int:
    waiting = claim.claim(dispatch=dispatch, channel=channel, now=now or timezone.now())
    calls, handled = _begin(waiting, now=now)
    while smaller := _collect(calls, now=now):
        calls, _ = _begin(smaller, now=now)
    return handled


def _begin(
    attempts: list[DeliveryAttempt], *, now: dt.datetime | None
) -> tuple[list[tuple[DeliveryAttempt, Future[Answer]]], int]:
    """Begin as many calls as there are places; what finds none waits in the ledger again.

    Returns:
        The calls that were begun, and how many messages were looked at, blocked ones included.
    """
    calls, handled = [], 0
    for attempt in attempts:
        if not in_flight().reserve():
            _put_back(attempt, now=now)
            continue
        handled += attempt.message_count
        try:
            call = gate.begin(attempt, now=now or timezone.now())
        except Exception:
            # Rolled back as a whole: nothing was begun, and the lease frees the messages. The
            # calls that were begun beside it must still be answered and written down.
            logger.exception("The gate failed for attempt %s", attempt.pk)
            call = None
        if call is None:
            in_flight().give_back()
        else:
            calls.append((attempt, in_flight().begin(CHANNELS[attempt.channel].send, call)))
    return calls, handled


def _collect(calls, *, now: dt.datetime | None) -> list[DeliveryAttempt]:
    """Write every answer down; returns the smaller calls that are to be made instead."""
    until = monotonic() + DEADLINE
    again: list[DeliveryAttempt] = []
    for attempt, future in calls:
        again += _answer(attempt, future, timeout=max(0.0, until - monotonic()), now=now)
    return again


def _answer(attempt, future, *, timeout: float, now) -> list[DeliveryAttempt]:
    try:
        answer = future.result(timeout=timeout)
    except DeliveryError as error:
        return record.failed(attempt, error, now=now or timezone.now())
    except TimeoutError:
        in_flight().is_overdue(attempt, future)
        record.unknown(attempt, reason="no answer in time", now=now or timezone.now())
        return []
    except Exception as error:
        # A fault of ours, after the call was committed as begun: it may have been taken.
        logger.exception("Attempt %s ended in a fault", attempt.pk)
        fault = DeliveryError(repr(error), failure=Failure.UNKNOWN, code="fault")
        return record.failed(attempt, fault, now=now or timezone.now())
    record.accepted(attempt, answer, now=now or timezone.now())
    return []


def _write_down_late_answers(*, now: dt.datetime | None) -> None:
    for attempt, future in in_flight().late_answers():
        if not future.exception():
            record.accepted(attempt, future.result(), now=now or timezone.now())


def _put_back(attempt: DeliveryAttempt, *, now: dt.datetime | None) -> None:
    with transaction.atomic():
        leave.release(
            attempt,
            reason="every connection is busy",
            now=now or timezone.now(),
            states=[DeliveryAttempt.State.CLAIMED],
        )


@cache
def in_flight() -> InFlight:
    """The calls of this process."""
    return InFlight(claim.SMS_BATCH)
