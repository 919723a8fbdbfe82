"""The order in which rows are locked: dispatch, then attempt, then messages. Never otherwise."""

from django.db import connection

from communications.models import DeliveryAttempt, Dispatch


def hold_dispatch(dispatch_id: int) -> Dispatch:
    """Keep a dispatch from being paused or cancelled until this transaction ends.

    Workers share the lock, so they do not wait for each other; a pause waits for all of them.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM dispatches WHERE id = %s FOR SHARE", [dispatch_id])
    return Dispatch.objects.select_related("shop").get(pk=dispatch_id)


def hold_attempt(attempt: DeliveryAttempt, *, states, **also) -> bool:
    """Lock a call for this transaction; False when it is no longer in one of the states."""
    return (
        DeliveryAttempt.objects.select_for_update()
        .filter(pk=attempt.pk, state__in=states, **also)
        .exists()
    )
