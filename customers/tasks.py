from celery import shared_task

from customers import erasure


@shared_task(expires=3500)
def sweep_erased() -> int:
    return erasure.sweep()
