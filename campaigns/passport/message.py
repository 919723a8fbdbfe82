"""One message: why it went, what it said, every call for it and every report about it."""

import datetime as dt
import hashlib
import re

from django.db.models import Q

from campaigns.models import CampaignExecution
from campaigns.passport.evidence import entry_of
from communications import recipient_rows, rendering
from communications.facts import TIMES
from communications.models import (
    AttemptDeparture,
    CustomerCommunication,
    DeliveryAttempt,
    ProviderEvent,
)
from customers.channels import Channel
from customers.models import ContactConsent, Customer

# The personal links in a message act for whoever has them: nobody reads them here.
_PERSONAL = re.compile(r"(/[cu]/)[A-Za-z0-9_-]{20,}")


def of(row: CustomerCommunication, *, customer: Customer) -> dict:
    """Of a message read ``with_state()``."""
    run = CampaignExecution.objects.for_shop(row.shop_id).filter(dispatch=row.dispatch_id)
    run = run.select_related("definition", "started_by").first()
    moment = row.sending_at or row.accepted_at or row.queued_at
    calls = _calls(row)
    return {
        "uuid": str(row.uuid),
        "channel": row.channel,
        "topic": row.topic,
        "kind": row.dispatch.kind,
        "campaign": run and {"id": run.definition_id, "name": run.definition.name},
        "started_by": str((run and run.started_by) or row.dispatch.created_by or ""),
        "address": row.address,
        "address_hmac": row.address_hmac,
        "queued_at": row.queued_at,
        "sending_at": row.sending_at,
        "accepted_at": row.accepted_at,
        "state": row.state,
        "reason": row.reason,
        "why": _why(row, customer, moment=moment),
        "timing": {
            "not_before": row.not_before,
            "window_end": row.window_end,
            "local_time_at_shop": moment.astimezone(row.dispatch.shop.zone).isoformat(),
            "is_exempt_from_shop_cap": row.dispatch.is_cap_exempt,
            "earlier_in_7_days": _earlier(row, moment=moment),
        },
        "content": _content(row),
        "segments": row.segments,
        "cost_micros": row.cost_micros,
        "calls": calls,
        "events": _events(row, calls),
        "became": {name: getattr(row, name) for name in TIMES},
        "delivery": row.get_delivery_display(),
        "error_code": row.error_code,
    }


def _why(row: CustomerCommunication, customer: Customer, *, moment: dt.datetime) -> dict:
    """What the person had said by then about this channel and topic, last."""
    said = ContactConsent.objects.for_shop(row.shop_id).filter(
        customer=customer, channel=row.channel, topic=row.topic, given_at__lte=moment
    )
    known = said.filter(recorded_at__lte=moment).select_related("detail__recorded_by")
    last = known.order_by(*ContactConsent.LATEST_FIRST).first()
    entry = entry_of(last, customer=customer) if last else None
    return {"sentence": _sentence(row, last), "consent": entry}


def _sentence(row: CustomerCommunication, last: ContactConsent | None) -> str:
    if row.state == "blocked":
        return f"It was not sent: {_label(row.reason)}."
    if row.dispatch.kind == "transactional":
        return "A message that the person's own booking or sign-up asked for; it needs no consent."
    if row.dispatch.kind == "test":
        return "A test by the shop."
    if last is None:
        return (
            "He had said nothing; email needs no consent where the shop is."
            if (row.channel == Channel.EMAIL)
            else "There was no consent."
        )
    on = f"{last.given_at:%Y-%m-%d %H:%M} UTC"
    same = "this address" if last.address_hmac == row.address_hmac else "another address"
    words = f", wording {last.disclosure_version}" if last.disclosure_version else ""
    return f"{last.get_decision_display()} on {on} for {same}, by {last.source}{words}."


def _label(reason: str) -> str:
    known = dict(CustomerCommunication.Reason.choices)
    return str(known.get(reason, reason))


def _earlier(row: CustomerCommunication, *, moment: dt.datetime) -> int:
    """Marketing messages that this address was sent in the seven days before, any channel."""
    before = CustomerCommunication.objects.for_shop(row.shop_id).accepted()
    return (
        before.filter(
            address_hmac=row.address_hmac,
            dispatch__kind="marketing",
            attempt__sending_at__gt=moment - dt.timedelta(days=7),
            attempt__sending_at__lt=moment,
        )
        .exclude(pk=row.pk)
        .count()
    )


def _content(row: CustomerCommunication) -> dict:
    """Rendered anew from what never changes; a text is compared with what went out."""
    prepared = rendering.prepare(row.content_id, dispatch=row.dispatch)
    (values,) = recipient_rows.of_messages(
        CustomerCommunication.objects.filter(pk=row.pk),
        names=prepared.names,
        shop=row.dispatch.shop,
        now=row.sending_at or row.accepted_at or row.queued_at,
    )
    if row.channel == Channel.SMS:
        text, subject = rendering.render_sms(prepared, values), ""
    else:
        subject, text = (
            part.join([prepared.value(slot, values) for slot in part.slots])
            for part in (prepared.subject, prepared.text)
        )
    return {
        "subject": subject,
        "text": _PERSONAL.sub(r"\1…", text),
        "template": row.content.text,
        "variant": row.content.variant_label,
        "is_as_sent": _is_as_sent(row, text),
    }


def _is_as_sent(row: CustomerCommunication, text: str) -> bool | None:
    """Whether this is to the letter what went out; None where that was not kept (emails).

    A text differs when a name in it, or the newest key of the links, has changed since.
    """
    if row.attempt is None or not row.attempt.body_digest:
        return None
    return hashlib.sha256(text.encode()).hexdigest() == row.attempt.body_digest


def _calls(row: CustomerCommunication) -> list[dict]:
    """Every call that the message was in, the oldest first, and how it left those it left."""
    left = {
        departure.attempt_id: departure
        for departure in AttemptDeparture.objects.filter(communication=row).order_by("pk")
    }
    attempts = DeliveryAttempt.objects.for_shop(row.shop_id).filter(
        Q(pk__in=left) | Q(pk=row.attempt_id)
    )
    return [
        {
            "attempt": str(attempt.uuid),
            "state": attempt.state,
            "claimed_at": attempt.claimed_at,
            "sending_at": attempt.sending_at,
            "answered_at": attempt.answered_at,
            "sender": attempt.sender,
            "http_status": attempt.http_status,
            "provider_id": attempt.provider_id,
            "error": attempt.error,
            "left": _left(left.get(attempt.pk)),
        }
        for attempt in attempts.order_by("claimed_at", "pk")
    ]


def _left(departure: AttemptDeparture | None) -> dict | None:
    if departure is None:
        return None
    return {"outcome": departure.outcome, "reason": departure.reason, "at": departure.at}


def _events(row: CustomerCommunication, calls: list[dict]) -> list[dict]:
    """What the provider reported of it: of this message, or of a call with nobody else in it."""
    mine = Q(communication_uuid=row.uuid)
    if row.channel == Channel.SMS:
        mine |= Q(communication_uuid=None, attempt_uuid__in=[call["attempt"] for call in calls])
    names = ("provider", "kind", "occurred_at", "received_at", "event_key", "payload")
    return list(ProviderEvent.objects.filter(mine).order_by("received_at", "pk").values(*names))
