from celery import shared_task

from barbershop.api import idempotency


@shared_task
def forget_old_keys() -> int:
    return idempotency.forget_old()
