"""Calls whose answer was lost, and what the clock makes of them."""

import datetime as dt

from django.utils import timezone

from communications import delivery
from communications.delivery import resolve
from communications.models import AttemptDeparture, CustomerCommunication

MINUTE = dt.timedelta(minutes=1)
HOUR = dt.timedelta(hours=1)
LOOKS = (1, 7, 15)  # minutes after the call began


def send_and_lose(providers, fault="500_after", *, now=None) -> dt.datetime:
    """Send what is due while the provider answers in this way; returns when that was."""
    now = now or timezone.now()
    providers.set_fault(fault)
    delivery.send_due(now=now)
    providers.clear_faults()
    return now


def look_three_times(since: dt.datetime) -> None:
    for minutes in LOOKS:
        resolve.resolve_unknown(now=since + minutes * MINUTE)


def begun(message) -> dt.datetime:
    """When the call began that the message is in."""
    return CustomerCommunication.objects.get(pk=message.pk).attempt.sending_at


def departures(message) -> list[str]:
    found = AttemptDeparture.objects.filter(communication=message).order_by("pk")
    return list(found.values_list("outcome", flat=True))
