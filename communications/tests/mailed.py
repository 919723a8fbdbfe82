"""Campaigns that went out, and what was reported about their messages."""

import datetime as dt

from communications.models import CustomerCommunication, DeliveryAttempt, Dispatch
from communications.tests.factories import ContentFactory, DispatchFactory


def mailed(
    shop,
    count: int,
    *,
    at: dt.datetime,
    channel: str = "email",
    complaints: int = 0,
    bounces: int = 0,
    opt_outs: int = 0,
    delivered: int | None = None,
    kind: str = "marketing",
) -> Dispatch:
    """A finished run of so many accepted messages, all delivered unless said otherwise."""
    dispatch = DispatchFactory(shop=shop, kind=kind, state="done", finished_at=at)
    attempt = DeliveryAttempt.objects.create(
        shop=shop,
        dispatch=dispatch,
        channel=channel,
        state="accepted",
        message_count=count,
        claimed_at=at,
        lease_until=at,
        sending_at=at,
        call_deadline=at,
        answered_at=at,
    )
    content = ContentFactory(dispatch=dispatch, channel=channel)
    arrived = count if delivered is None else delivered
    CustomerCommunication.objects.bulk_create(
        CustomerCommunication(
            shop=shop,
            dispatch=dispatch,
            content=content,
            channel=channel,
            address=f"{dispatch.pk}-{n}@example.test",
            address_hmac="0" * 32,
            send_state="in_call",
            attempt=attempt,
            delivery=70 if n < bounces else 50,
            delivered_at=at if n < arrived else None,
            complained_at=at if n < complaints else None,
            unsubscribed_at=at if n < opt_outs else None,
        )
        for n in range(count)
    )
    return dispatch
