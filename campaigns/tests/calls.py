"""Calls of a run in any state, with messages in them."""

import datetime as dt

from django.utils import timezone

from communications.models import DeliveryAttempt
from communications.tests.factories import CommunicationFactory, ContentFactory

NEVER_BEGAN = ("claimed",)


def call(dispatch, state, *, messages=1, channel="email", ago=dt.timedelta(0), now=None, **fields):
    """A call that began ``ago``, with so many messages of as many customers."""
    began = (now or timezone.now()) - ago
    times = {"sending_at": began, "call_deadline": began + dt.timedelta(seconds=35)}
    attempt = DeliveryAttempt.objects.create(
        shop=dispatch.shop,
        dispatch=dispatch,
        channel=channel,
        state=state,
        message_count=messages,
        claimed_at=began,
        lease_until=began + dt.timedelta(minutes=1),
        **({} if state in NEVER_BEGAN else times),
        **fields,
    )
    content = dispatch.contents.filter(channel=channel).first()
    content = content or ContentFactory(dispatch=dispatch, channel=channel)
    CommunicationFactory.create_batch(
        messages,
        dispatch=dispatch,
        channel=channel,
        content=content,
        send_state="in_call",
        attempt=attempt,
        attempt_count=1,
    )
    return attempt


def refused(dispatch, *, state="rejected", reason, messages=1):
    """Messages that are in no call any more, with their reason."""
    content = dispatch.contents.filter(channel="email").first()
    content = content or ContentFactory(dispatch=dispatch)
    return CommunicationFactory.create_batch(
        messages, dispatch=dispatch, content=content, send_state=state, reason=reason
    )
