"""Hints for the workers. What there is to do stands in the database; a lost hint loses nothing."""

import threading
from time import monotonic

from celery import shared_task
from django.db import connection

from communications import delivery, events
from communications.delivery import resolve

# Embedded mode has one dispatcher: more would only wait for SQLite's write lock.
_embedded = threading.Lock()
# Seconds; far enough below the task's time limit that no call is cut off in the middle.
LONGEST_RUN = 120


@shared_task(expires=55)
def send_due() -> int:
    until = monotonic() + LONGEST_RUN
    if connection.vendor != "sqlite":
        return delivery.send_due(stop=lambda: monotonic() > until)
    if not _embedded.acquire(blocking=False):
        return 0
    try:
        return delivery.send_due(stop=lambda: monotonic() > until)
    finally:
        _embedded.release()


@shared_task(expires=55)
def sweep() -> int:
    return delivery.sweep()


@shared_task(expires=55)
def resolve_unknown() -> int:
    until = monotonic() + LONGEST_RUN
    return resolve.resolve_unknown(stop=lambda: monotonic() > until)


@shared_task(expires=55)
def fold_events() -> int:
    return events.fold()
