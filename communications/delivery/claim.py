"""Taking pending messages into a call."""

import datetime as dt

from django.db import transaction
from django.db.models import F, Q

from communications import pricing
from communications.delivery import hold, transitions
from communications.models import CustomerCommunication, DeliveryAttempt, Dispatch
from customers.channels import Channel

LEASE = dt.timedelta(seconds=60)
EMAIL_BATCH = 1000  # recipients of one provider call
SMS_BATCH = 20  # calls in flight together

SendState = CustomerCommunication.SendState


def claim(*, dispatch: Dispatch, channel: str, now: dt.datetime) -> list[DeliveryAttempt]:
    """Claim what one pass can send: one call of many emails, or several calls of one SMS.

    Rows that another worker holds are passed over, so workers never wait for each other.
    """
    with transaction.atomic():
        due = (
            CustomerCommunication.objects.select_for_update(skip_locked=True)
            .filter(dispatch=dispatch, channel=channel, send_state=SendState.PENDING)
            .filter(Q(not_before=None) | Q(not_before__lte=now))
            .order_by("pk")
        )
        if channel == Channel.SMS:
            groups = [[pk] for pk in due.values_list("pk", flat=True)[:SMS_BATCH]]
        else:
            groups = [_one_body(due)]
        prices = pricing.price_list(shop=dispatch.shop, channel=channel, on=now.date())
        return [
            _attempt(ids, dispatch=dispatch, channel=channel, price=prices.part(""), now=now)
            for ids in groups
            if ids
        ]


def _one_body(due) -> list[int]:
    """The oldest pending messages that share one content: one call carries one body."""
    rows = list(due.values_list("pk", "content_id")[:EMAIL_BATCH])
    return [pk for pk, content_id in rows if content_id == rows[0][1]]


def _attempt(ids: list[int], *, dispatch, channel, price, now) -> DeliveryAttempt:
    attempt = DeliveryAttempt.objects.create(
        shop_id=dispatch.shop_id,
        dispatch=dispatch,
        channel=channel,
        claimed_at=now,
        lease_until=now + LEASE,
        message_count=len(ids),
    )
    CustomerCommunication.objects.filter(pk__in=ids, send_state=SendState.PENDING).update(
        send_state=SendState.IN_CALL,
        attempt=attempt,
        attempt_count=F("attempt_count") + 1,
        cost_micros=price if channel == Channel.EMAIL else 0,
    )
    return attempt


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
        halves = [ids[: len(ids) // 2], ids[len(ids) // 2 :]]
        return [_half(half, of=attempt, now=now) for half in halves if half]


def _half(ids: list[int], *, of: DeliveryAttempt, now: dt.datetime) -> DeliveryAttempt:
    attempt = DeliveryAttempt.objects.create(
        shop_id=of.shop_id,
        dispatch_id=of.dispatch_id,
        channel=of.channel,
        claimed_at=now,
        lease_until=now + LEASE,
        message_count=len(ids),
    )
    CustomerCommunication.objects.filter(pk__in=ids, attempt=of).update(
        attempt=attempt, attempt_count=F("attempt_count") + 1
    )
    return attempt
