from celery import shared_task

from customers import erasure
from customers.segments import watching


@shared_task(expires=3500)
def sweep_erased() -> int:
    return erasure.sweep()


@shared_task(expires=3500)
def watch_segments() -> int:
    """Write down who entered and who left the segments that were not looked at today."""
    return watching.watch()
