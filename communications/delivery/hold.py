"""The order in which rows are locked, and never otherwise: dispatch, attempts, messages, then an
organisation's frequency caps, a number's queue at the provider, budgets.
"""

import datetime as dt
from collections.abc import Collection

from django.db import connection

from barbershop import suspension
from communications.models import DeliveryAttempt, Dispatch


def hold_dispatch(dispatch_id: int) -> Dispatch:
    """Keep a dispatch from being paused or cancelled until this transaction ends, its shop from
    being suspended.

    Workers share the locks, so they do not wait for each other; a pause waits for all of them.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_advisory_xact_lock_shared(%s + shop_id) "
                "FROM dispatches WHERE id = %s FOR SHARE",
                [suspension.LOCK, dispatch_id],
            )
    return Dispatch.objects.select_related("shop").get(pk=dispatch_id)


def hold_attempts(
    attempts: Collection[DeliveryAttempt], *, states: Collection[str]
) -> dict[int, dt.datetime]:
    """Lock calls for this transaction; those still in one of the states, with their leases."""
    held = (
        DeliveryAttempt.objects.select_for_update()
        .filter(pk__in=[attempt.pk for attempt in attempts], state__in=states)
        .order_by("pk")
    )
    return dict(held.values_list("pk", "lease_until"))
