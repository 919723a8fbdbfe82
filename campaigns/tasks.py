"""Hints and beats. Each asks the database what there is to do, and may run twice or never."""

import datetime as dt
import logging

from celery import shared_task
from django.utils import timezone

from campaigns import attribution, execution, referrals
from communications.tasks import send_due

logger = logging.getLogger(__name__)

# The minute's look back; wide enough for a restart, and the nightly pass sees everything.
RECENT = dt.timedelta(hours=2)


@shared_task(expires=55)
def run_execution(execution_id: int) -> int:
    """Write the audience of one execution, then hint that there is something to send."""
    written = execution.run(execution_id)
    hint(send_due)
    return written


@shared_task(expires=55)
def run_waiting() -> int:
    """Start what is due and go on with every audience that is not complete."""
    execution.start_due()
    return execution.run_waiting()


@shared_task(expires=55)
def credit_recent() -> int:
    """Credit bookings that changed lately."""
    return attribution.credit(changed_since=timezone.now() - RECENT)


@shared_task(expires=3600)
def credit_all() -> int:
    """Credit whatever a lost hint or an outage has left."""
    return attribution.credit()


@shared_task(expires=290)
def reward_friends() -> int:
    """Give both sides their code where a friend's first visit is completed."""
    return referrals.reward()


@shared_task(expires=55)
def credit_customers(shop_id: int, customer_ids: list[int]) -> int:
    """Credit the bookings of these customers, about whom something new is known."""
    return attribution.credit(shop=shop_id, customer_ids=customer_ids)


def hint(task, *args) -> None:
    """Tell the workers; when the broker is away beat does the same a little later."""
    try:
        task.delay(*args)
    except Exception:  # the broker may fail in any way, and nothing depends on it
        logger.warning("No hint for %s: the broker is away", task.name, exc_info=True)
