"""The point of no return: everything is asked once more, then ``sending`` is committed."""

import datetime as dt
import logging
import secrets
from collections import defaultdict
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction

from communications import compliance, pricing, rendering, sms_segments
from communications.channels import EmailCall, Sender, SmsCall
from communications.delivery import hold, leave, transitions
from communications.models import (
    AttemptDeparture,
    CustomerCommunication,
    DeliveryAttempt,
    Dispatch,
    SenderIdentity,
)
from customers.channels import Channel

logger = logging.getLogger(__name__)

CALL_TIME = dt.timedelta(seconds=35)
State = DeliveryAttempt.State
BLOCKED = AttemptDeparture.Outcome.BLOCKED


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
    dispatch = hold.hold_dispatch(attempt.dispatch_id)
    if not hold.hold_attempt(attempt, states=[State.CLAIMED], lease_until__gt=now):
        raise LeaseLost
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
    transitions.move(
        DeliveryAttempt.objects.filter(pk=attempt.pk),
        to=State.SENDING,
        from_=[State.CLAIMED],
        now=now,
        sending_at=now,
        call_deadline=now + CALL_TIME,
    )
    return call


def _topic(attempt: DeliveryAttempt) -> str:
    members = CustomerCommunication.objects.filter(attempt=attempt)
    return members.values_list("topic", flat=True).first() or ""


def _compose(attempt: DeliveryAttempt, *, dispatch: Dispatch, now: dt.datetime):
    """The call for whoever is left; a message whose text cannot be made leaves the call."""
    members = CustomerCommunication.objects.filter(attempt=attempt).order_by("pk")
    content_id = members.values_list("content_id", flat=True).first()
    if content_id is None:
        return None
    prepared = rendering.prepare(content_id, dispatch=dispatch)
    rows = list(members.values("pk", "uuid", "address", "values", "customer_id", *prepared.paths))
    sender = sender_for(dispatch.shop, attempt.channel)
    compose = _sms if attempt.channel == Channel.SMS else _email
    call, failed = compose(rows, attempt=attempt, prepared=prepared, sender=sender, now=now)
    if failed:
        reason = CustomerCommunication.Reason.RENDER_ERROR
        leave.depart(attempt, ids=failed, outcome=BLOCKED, reason=reason, now=now)
    return call


def sender_for(shop, channel: str) -> Sender:
    """Who the shop writes as: its own identity, else the installation's."""
    identity = SenderIdentity.objects.filter(shop=shop, channel=channel, is_default=True).first()
    if identity:
        return Sender(identity.address, identity.name or shop.name)
    if channel == Channel.SMS:
        return Sender(settings.TWILIO_PHONE_NUMBER)
    return Sender(settings.SENDGRID_FROM_EMAIL, settings.SENDGRID_FROM_NAME or shop.name)


def _sms(rows, *, attempt, prepared, sender, now) -> tuple[SmsCall | None, list[int]]:
    (row,) = rows
    body, failed = _attempted(rendering.render_sms, prepared, row)
    if failed:
        return None, [row["pk"]]
    parts = sms_segments.count(body).segments
    prices = pricing.price_list(shop=attempt.shop, channel=Channel.SMS, on=now.date())
    CustomerCommunication.objects.filter(pk=row["pk"]).update(
        segments=parts, cost_micros=parts * prices.part(row["address"])
    )
    callback = (
        f"{settings.PUBLIC_BASE_URL}/webhooks/twilio/status/"
        f"?communication={row['uuid']}&attempt={attempt.uuid}"
    )
    call = SmsCall(sender=sender, to=row["address"], body=body, status_callback=callback)
    return call, []


def _email(rows, *, attempt, prepared, sender, now) -> tuple[EmailCall | None, list[int]]:
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
    personalize = partial(_personalization, prepared=prepared, keys=keys, attempt=attempt)
    made = [(row["pk"], *_attempted(personalize, row)) for row in rows]
    failed = [pk for pk, _, is_failed in made if is_failed]
    if len(failed) == len(made):
        return None, failed
    subject, text, html = (
        compiled.join([keys[kind, slot] for slot in compiled.slots]) for kind, compiled in parts
    )
    personalizations = [one for _, one, is_failed in made if not is_failed]
    return EmailCall(sender, subject, text, html, personalizations), failed


def _attempted(make, *arguments) -> tuple[Any, bool]:
    """What ``make`` returns and False, or nothing and True: one text must not stop the others."""
    try:
        return make(*arguments), False
    except Exception:
        logger.exception("A message could not be rendered")
        return None, True


def _personalization(row, *, prepared, keys, attempt) -> dict:
    values = {slot: prepared.value(slot, row) for slot in prepared.slots}
    # Signing is dear: the footer's link serves the header too, where the text has one.
    unsubscribe = values.get(rendering.UNSUBSCRIBE) or rendering.unsubscribe_url(row["uuid"])
    return {
        "to": [{"email": row["address"]}],
        "substitutions": {
            key: rendering.escaped(values[slot]) if kind == "h" else values[slot]
            for (kind, slot), key in keys.items()
        },
        "custom_args": {"communication": str(row["uuid"]), "attempt": str(attempt.uuid)},
        "headers": rendering.list_unsubscribe(unsubscribe),
    }
