"""The messages of a run as the sending code makes them, without a call to anybody."""

import datetime as dt
from collections.abc import Iterator

from django.db import transaction

from communications.delivery import compose
from communications.models import CustomerCommunication, DeliveryAttempt, Dispatch

SendState = CustomerCommunication.SendState


def block_others(dispatch: Dispatch, *, now: dt.datetime) -> None:
    """Block those whose message cannot be made, or is too long, as the gate does; the others go on
    waiting: other campaigns of the world are not to count them as sent."""
    failed: list[int] = []
    with transaction.atomic():
        for attempts, contents in _calls(dispatch, now=now):
            failed += compose.drafts(
                attempts, dispatch=dispatch, contents=contents, without=(), now=now
            )[1]
        transaction.set_rollback(True)
    CustomerCommunication.objects.filter(pk__in=failed).update(
        send_state=SendState.BLOCKED, reason=CustomerCommunication.Reason.RENDER_ERROR
    )


def _calls(dispatch: Dispatch, *, now) -> Iterator[tuple[list[DeliveryAttempt], set[int]]]:
    """By content, what is waiting: an email to all of them, a text to each."""
    rows = CustomerCommunication.objects.filter(dispatch=dispatch, send_state=SendState.PENDING)
    groups: dict[tuple[str, int], list[int]] = {}
    for pk, channel, content in rows.order_by("pk").values_list("pk", "channel", "content"):
        groups.setdefault((channel, content), []).append(pk)
    for (channel, content), ids in groups.items():
        shares = [ids] if channel == "email" else [[pk] for pk in ids]
        attempts = [_attempt(dispatch, channel, share, now=now) for share in shares]
        yield attempts, {content}


def _attempt(dispatch, channel: str, ids: list[int], *, now) -> DeliveryAttempt:
    attempt = DeliveryAttempt.objects.create(
        shop=dispatch.shop,
        dispatch=dispatch,
        channel=channel,
        message_count=len(ids),
        claimed_at=now,
        lease_until=now,
    )
    CustomerCommunication.objects.filter(pk__in=ids).update(
        send_state=SendState.IN_CALL, attempt=attempt
    )
    return attempt
