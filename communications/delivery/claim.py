"""Taking pending messages into calls, as many as the limits permit."""

import datetime as dt
from collections.abc import Callable

from django.db import transaction
from django.db.models import F, Q

from barbershop.any_of import AnyOf
from communications import accounts, pricing
from communications.delivery import breaker, clock, hold, rate, transitions
from communications.delivery.each import Each
from communications.models import (
    CustomerCommunication,
    DeliveryAttempt,
    Dispatch,
    ProviderAccount,
)
from customers.channels import Channel

LEASE = dt.timedelta(seconds=60)
EMAIL_BATCH = 1000  # recipients of one provider call
SMS_BATCH = 50  # calls of one message each that are claimed and gated together
LOOK_BACK_EVERY = 20  # claims
MOST_REMEMBERED = 1000  # dispatches
BATCH = {Channel.EMAIL: EMAIL_BATCH, Channel.SMS: SMS_BATCH}

SendState = CustomerCommunication.SendState

_reached: dict[tuple[int, str], tuple[int, int]] = {}


def claim(
    *,
    dispatch: Dispatch,
    channel: str,
    now: dt.datetime | None = None,
    limit: int | None = None,
    held_up: Callable[[float], None] = lambda seconds: None,
) -> list[DeliveryAttempt]:
    """Claim what one pass can send: one call of many emails, or several calls of one SMS.

    Rows that another worker holds are passed over, so workers never wait for each other.

    Args:
        limit: claim no more messages than this.
        held_up: told the seconds until the account's limits let more begin, when they do not let
            as many as there could be.
    """
    now = now or clock.database_now()
    wanted = BATCH[channel] if limit is None else min(limit, BATCH[channel])
    account = accounts.account_for(shop=dispatch.shop, channel=channel)
    permit = breaker.permits(account, now=now)
    if permit.calls == 0:
        held_up(permit.wait)
        return []
    if permit.calls is not None:
        wanted = min(wanted, permit.calls)  # a trial risks one message, not a thousand
    sender = accounts.sender_for(shop=dispatch.shop, channel=channel).address
    grant = rate.take(account=account, sender=sender, wanted=wanted, now=now)
    if grant.wait:
        held_up(grant.wait)
    attempts: list[DeliveryAttempt] = []
    try:
        if grant.messages:
            attempts = _take(dispatch, channel, grant.messages, account, sender, now=now)
    finally:
        unused = grant.messages - sum(attempt.message_count for attempt in attempts)
        if unused:
            rate.give_back(account=account, sender=sender, messages=unused, now=now)
        if not attempts:
            breaker.return_trial(account, now=now)
    return attempts


def _take(
    dispatch: Dispatch, channel: str, most: int, account: ProviderAccount, sender: str, *, now
) -> list[DeliveryAttempt]:
    with transaction.atomic():
        rows = _waiting(dispatch, channel, most, now=now)
        if not rows:
            return []
        if channel == Channel.SMS:
            groups = [[pk] for pk, _ in rows]
            price = 0  # known when the text is: it may have several parts
        else:  # one call carries one body: that of the oldest
            groups = [[pk for pk, content_id in rows if content_id == rows[0][1]]]
            price = pricing.price_list(shop=dispatch.shop, channel=channel, on=now.date()).part("")
        attempts = DeliveryAttempt.objects.bulk_create(
            # The very account object: it knows whether it has won the breaker's trial.
            _attempt(
                ids, dispatch=dispatch, channel=channel, account=account, sender=sender, at=now
            )
            for ids in groups
        )
        _enter(attempts, groups, cost_micros=price)
    return attempts


def _waiting(
    dispatch: Dispatch, channel: str, most: int, *, now: dt.datetime
) -> list[tuple[int, int]]:
    """Messages that may go now, the oldest first, locked: ``(id, content id)``.

    Looks where this process found the last ones: what it has claimed before lies below, and to
    pass it by anew each time costs more than sending. Where that is not enough, and now and then
    in any case, it looks from the bottom: something may have been put back.
    """
    key = dispatch.pk, channel
    claims, reached = _reached.get(key, (0, 0))
    due = (
        CustomerCommunication.objects.select_for_update(skip_locked=True)
        .filter(dispatch=dispatch, channel=channel, send_state=SendState.PENDING)
        .filter(Q(not_before=None) | Q(not_before__lte=now))
        .order_by("pk")
        .values_list("pk", "content_id")
    )
    rows = list(due.filter(pk__gt=reached)[:most]) if claims % LOOK_BACK_EVERY else []
    if len(rows) < most:
        rows = list(due[:most])
    if len(_reached) >= MOST_REMEMBERED:
        _reached.clear()
    _reached[key] = claims + 1, _last_taken(rows, channel)
    return rows


def _last_taken(rows: list[tuple[int, int]], channel: str) -> int:
    """Below this id nothing is left; the first row of another body is, until its own call."""
    last = 0
    for pk, content_id in rows:
        if channel == Channel.EMAIL and content_id != rows[0][1]:
            break
        last = pk
    return last


def _attempt(ids: list[int], *, dispatch, channel, account, sender, at) -> DeliveryAttempt:
    return DeliveryAttempt(
        shop_id=dispatch.shop_id,
        dispatch=dispatch,
        channel=channel,
        account=account,
        sender=sender,
        claimed_at=at,
        lease_until=at + LEASE,
        message_count=len(ids),
    )


def _enter(attempts: list[DeliveryAttempt], groups: list[list[int]], *, cost_micros: int) -> None:
    """Put messages, which the transaction holds, into their calls: one update for all of them."""
    call_of = {pk: attempt.pk for attempt, ids in zip(attempts, groups, strict=True) for pk in ids}
    is_one = len(attempts) == 1
    CustomerCommunication.objects.filter(AnyOf("pk", list(call_of))).update(
        send_state=SendState.IN_CALL,
        attempt=attempts[0].pk if is_one else Each(call_of, DeliveryAttempt._meta.pk),
        attempt_count=F("attempt_count") + 1,
        cost_micros=cost_micros,
    )


def split(attempt: DeliveryAttempt, *, now: dt.datetime) -> list[DeliveryAttempt]:
    """Give the messages of a refused call to two calls of half its size."""
    with transaction.atomic():
        hold.hold_dispatch(attempt.dispatch_id)
        won = transitions.move(
            DeliveryAttempt.objects.filter(pk=attempt.pk),
            to=DeliveryAttempt.State.RELEASED,
            from_=[DeliveryAttempt.State.SENDING],
            now=now,
        )
        if not won:
            return []
        members = CustomerCommunication.objects.filter(attempt=attempt)
        ids = list(members.order_by("pk").values_list("pk", flat=True))
        halves = [half for half in (ids[: len(ids) // 2], ids[len(ids) // 2 :]) if half]
        return [_half(half, of=attempt, now=now) for half in halves]


def _half(ids: list[int], *, of: DeliveryAttempt, now: dt.datetime) -> DeliveryAttempt:
    attempt = _attempt(
        ids,
        dispatch=of.dispatch,
        channel=of.channel,
        account=of.account,
        sender=of.sender,
        at=now,
    )
    attempt.save(force_insert=True)
    CustomerCommunication.objects.filter(pk__in=ids, attempt=of).update(
        attempt=attempt, attempt_count=F("attempt_count") + 1
    )
    return attempt
