"""The point of no return: everything is asked once more, then ``sending`` is committed."""

import datetime as dt
import secrets
from collections import defaultdict

from django.conf import settings
from django.db import connection, transaction

from communications import compliance, pricing, rendering, sms_segments
from communications.channels import EmailCall, Sender, SmsCall
from communications.delivery import leave
from communications.models import (
    AttemptDeparture,
    CustomerCommunication,
    DeliveryAttempt,
    Dispatch,
    SenderIdentity,
)
from customers.channels import Channel

CALL_TIME = dt.timedelta(seconds=35)
BLOCKED = AttemptDeparture.Outcome.BLOCKED
REQUEUED = AttemptDeparture.Outcome.REQUEUED


class LeaseLost(Exception):
    """Another worker swept this call while we were busy: it is not ours to send."""


def begin(attempt: DeliveryAttempt, *, now: dt.datetime) -> EmailCall | SmsCall | None:
    """Commit a call as begun and return what to send, or nothing when nothing may go.

    After this returns a call, exactly one attempt is made at it, come what may.
    """
    try:
        with transaction.atomic():
            return _begin(attempt, now=now)
    except LeaseLost:
        return None


def _begin(attempt: DeliveryAttempt, *, now: dt.datetime):
    dispatch = _hold(attempt.dispatch_id)
    if dispatch.state != Dispatch.State.RUNNING or dispatch.starts_at > now:
        leave.release(attempt, reason=f"dispatch {dispatch.state}", now=now)
        return None
    refused = compliance.refusals(
        attempt, dispatch=dispatch, channel=attempt.channel, topic=_topic(attempt)
    )
    by_reason = defaultdict(list)
    for pk, reason in refused.items():
        by_reason[reason].append(pk)
    for reason, ids in by_reason.items():
        leave.depart(attempt, ids=ids, outcome=BLOCKED, reason=reason, now=now)
    call = _compose(attempt, dispatch=dispatch, now=now)
    if call is None:
        leave.release(attempt, reason="nobody left", now=now)
        return None
    won = DeliveryAttempt.objects.filter(
        pk=attempt.pk, state=DeliveryAttempt.State.CLAIMED, lease_until__gt=now
    ).update(state=DeliveryAttempt.State.SENDING, sending_at=now, call_deadline=now + CALL_TIME)
    if not won:
        raise LeaseLost
    return call


def _hold(dispatch_id: int) -> Dispatch:
    """Lock the dispatch against a pause, not against other gates."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM dispatches WHERE id = %s FOR SHARE", [dispatch_id])
    return Dispatch.objects.select_related("shop").get(pk=dispatch_id)


def _topic(attempt: DeliveryAttempt) -> str:
    members = CustomerCommunication.objects.filter(attempt=attempt)
    return members.values_list("topic", flat=True).first() or ""


def _compose(attempt: DeliveryAttempt, *, dispatch: Dispatch, now: dt.datetime):
    members = CustomerCommunication.objects.filter(attempt=attempt).order_by("pk")
    content_id = members.values_list("content_id", flat=True).first()
    if content_id is None:
        return None
    prepared = rendering.prepare(content_id, dispatch=dispatch)
    rows = list(members.values("pk", "uuid", "address", "values", "customer_id", *prepared.paths))
    sender = sender_for(dispatch.shop, attempt.channel)
    if attempt.channel == Channel.SMS:
        return _sms(rows[0], attempt=attempt, prepared=prepared, sender=sender, now=now)
    return _email(rows, attempt=attempt, prepared=prepared, sender=sender)


def sender_for(shop, channel: str) -> Sender:
    """Who the shop writes as: its own identity, else the installation's."""
    identity = SenderIdentity.objects.filter(shop=shop, channel=channel, is_default=True).first()
    if identity:
        return Sender(identity.address, identity.name or shop.name)
    if channel == Channel.SMS:
        return Sender(settings.TWILIO_PHONE_NUMBER)
    return Sender(settings.SENDGRID_FROM_EMAIL, settings.SENDGRID_FROM_NAME or shop.name)


def _sms(row, *, attempt, prepared, sender, now) -> SmsCall:
    body = rendering.render_sms(prepared, row)
    parts = sms_segments.count(body).segments
    prices = pricing.price_list(shop=attempt.shop, channel=Channel.SMS, on=now.date())
    CustomerCommunication.objects.filter(pk=row["pk"]).update(
        segments=parts, cost_micros=parts * prices.part(row["address"])
    )
    callback = (
        f"{settings.PUBLIC_BASE_URL}/webhooks/twilio/status/"
        f"?communication={row['uuid']}&attempt={attempt.uuid}"
    )
    return SmsCall(sender=sender, to=row["address"], body=body, status_callback=callback)


def _email(rows, *, attempt, prepared, sender) -> EmailCall:
    """The bodies go once, with a key for every slot; each recipient brings his values.

    The keys are random per call, so no value can contain one and be expanded again.
    """
    nonce = secrets.token_hex(4)
    parts = (("s", prepared.subject), ("t", prepared.text), ("h", prepared.html))
    keys = {
        (kind, slot): f"-{nonce}{kind}{index}-"
        for kind, compiled in parts
        for index, slot in enumerate(dict.fromkeys(compiled.slots))
    }
    bodies = [
        compiled.join([keys[kind, slot] for slot in compiled.slots]) for kind, compiled in parts
    ]
    return EmailCall(
        sender=sender,
        subject=bodies[0],
        text=bodies[1],
        html=bodies[2],
        personalizations=[
            _personalization(row, prepared=prepared, keys=keys, attempt=attempt) for row in rows
        ],
    )


def _personalization(row, *, prepared, keys, attempt) -> dict:
    values = {slot: prepared.value(slot, row) for slot in prepared.slots}
    return {
        "to": [{"email": row["address"]}],
        "substitutions": {
            key: rendering.escaped(values[slot]) if kind == "h" else values[slot]
            for (kind, slot), key in keys.items()
        },
        "custom_args": {"communication": str(row["uuid"]), "attempt": str(attempt.uuid)},
        "headers": rendering.list_unsubscribe(row["uuid"]),
    }
