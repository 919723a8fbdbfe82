"""Finding what a dead worker left behind."""

import datetime as dt

from django.db import transaction
from django.utils import timezone

from communications import outbox
from communications.delivery import leave, record
from communications.models import DeliveryAttempt

State = DeliveryAttempt.State


def sweep(*, now: dt.datetime | None = None) -> int:
    """Release calls that never began; mark as unknown those that never answered.

    Returns:
        How many calls were touched.
    """
    now = now or timezone.now()
    touched = 0
    for attempt in DeliveryAttempt.objects.filter(state=State.CLAIMED, lease_until__lte=now):
        with transaction.atomic():
            touched += leave.release(
                attempt, reason="lease expired", now=now, states=[State.CLAIMED]
            )
    for attempt in DeliveryAttempt.objects.filter(state=State.SENDING, call_deadline__lte=now):
        touched += record.unknown(attempt, reason="no answer before the deadline", now=now)
    outbox.finish_idle(now=now)
    return touched
