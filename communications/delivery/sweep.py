"""Finding what a dead worker left behind."""

import datetime as dt
import logging
from itertools import groupby
from operator import attrgetter

from django.db import transaction

from communications import budgets, outbox
from communications.delivery import clock, leave, record
from communications.models import DeliveryAttempt

logger = logging.getLogger(__name__)

State = DeliveryAttempt.State


def sweep(*, now: dt.datetime | None = None) -> int:
    """Release calls that never began; mark as unknown those that never answered.

    Also resumes what a budget held up that reaches again, and closes what is done.

    Returns:
        How many calls were touched.
    """
    now = now or clock.database_now()
    touched = _release_expired(now=now)
    for attempt in DeliveryAttempt.objects.filter(state=State.SENDING, call_deadline__lte=now):
        touched += record.unknown(attempt, reason="no answer before the deadline", now=now)
    budgets.resume_affordable(now=now)
    outbox.finish_idle(now=now)
    return touched


def _release_expired(*, now: dt.datetime) -> int:
    expired = DeliveryAttempt.objects.filter(state=State.CLAIMED, lease_until__lte=now)
    released = 0
    for dispatch_id, calls in groupby(expired.order_by("dispatch_id"), attrgetter("dispatch_id")):
        try:
            with transaction.atomic():
                released += len(
                    leave.release_all(
                        list(calls), reason="lease expired", now=now, states=[State.CLAIMED]
                    )
                )
        except Exception:  # the next sweep tries it again; the other dispatches are not to wait
            logger.exception("Leases of dispatch %s could not be ended", dispatch_id)
    return released
