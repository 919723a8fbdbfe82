"""What happened to messages, as far as it may change who gets the credit for a booking."""

import datetime as dt
from collections import defaultdict
from functools import partial

from django.db import transaction
from django.db.models import Exists, OuterRef

from communications.models import CustomerCommunication
from communications.signals import communication_events
from customers.models import Appointment


def connect() -> None:
    communication_events.connect(hint_at_bookings, dispatch_uid="campaigns.hint_at_bookings")


def hint_at_bookings(sender, *, communication_ids: list[int], now: dt.datetime, **kwargs) -> None:
    """A report that came after the booking may move its credit: hint at those customers.

    Usually nobody: a report mostly comes before the booking. A lost hint costs a day at most.
    """
    from campaigns import attribution, tasks

    booked = Appointment.objects.filter(
        customer=OuterRef("customer"), booked_at__gte=now - attribution.LOOK_BACK
    )
    found = (
        CustomerCommunication.objects.filter(pk__in=communication_ids, customer__isnull=False)
        .filter(Exists(booked))
        .values_list("shop_id", "customer_id")
    )
    by_shop = defaultdict(set)
    for shop_id, customer_id in found:
        by_shop[shop_id].add(customer_id)
    for shop_id, customer_ids in by_shop.items():
        transaction.on_commit(
            partial(tasks.hint, tasks.credit_customers, shop_id, sorted(customer_ids))
        )
