"""Events that cannot be folded: kept, shown to a person, and never in the way of the others."""

import datetime as dt
import logging
from collections.abc import Collection

from django.core.exceptions import ValidationError

from communications.events import words
from communications.inbound import mail
from communications.models import CustomerCommunication, Incident, ProviderAccount, ProviderEvent
from customers.addresses import address_hmac, normalise_phone
from customers.channels import Channel

logger = logging.getLogger(__name__)

MOST_TRIES = 5


def set_aside(event: ProviderEvent, error: Exception, *, now: dt.datetime) -> None:
    """Note that a fold failed; the fifth time in a row is the last until a person asks for more."""
    logger.warning("Event %s could not be folded: %s", event.pk, type(error).__name__)
    event.tries += 1
    event.error = f"{type(error).__name__}: {error}"[:300].replace("\x00", "")
    if event.tries >= MOST_TRIES:
        event.quarantined_at = now
        _report(event)
    event.save(update_fields=["tries", "error", "quarantined_at", "shop"])


def settle(events: Collection[ProviderEvent], *, now: dt.datetime) -> None:
    """The events are folded after all: whoever was asked to look need not."""
    failed_before = [event.pk for event in events if event.error]
    if failed_before:
        Incident.objects.filter(event__in=failed_before, resolved_at=None).update(resolved_at=now)


def _report(event: ProviderEvent) -> None:
    """One open incident for each event, in the shop it concerns; without a shop nobody has one."""
    message = _message_of(event)
    if message is None:
        return
    event.shop_id = message.shop_id
    if Incident.objects.filter(event=event, resolved_at=None).exists():
        return
    Incident.objects.create(
        shop_id=message.shop_id,
        communication=message,
        event=event,
        kind=Incident.Kind.QUARANTINED_EVENT,
        detail=f"A {event.provider} event “{event.kind}” could not be read.",
    )


def _message_of(event: ProviderEvent) -> CustomerCommunication | None:
    """The message it tells of; of an answer, which may be a STOP, the newest to who answers."""
    if event.kind != words.INBOUND:
        return CustomerCommunication.objects.filter(uuid=event.communication_uuid).first()
    channel, sender = _sender(event)
    if not sender:
        return None
    sent = CustomerCommunication.objects.filter(channel=channel, address_hmac=address_hmac(sender))
    return sent.order_by("-queued_at", "-pk").first()


def _sender(event: ProviderEvent) -> tuple[str, str]:
    if event.provider == ProviderAccount.Provider.SENDGRID:
        return Channel.EMAIL, mail.sender(event.payload)
    number = event.payload.get("From")
    try:
        return Channel.SMS, normalise_phone(number if isinstance(number, str) else "")
    except ValidationError:
        return Channel.SMS, ""
