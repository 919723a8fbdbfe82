"""Which month's budget holds at a moment, and which budgets a dispatch has to keep."""

import datetime as dt

from django.db.models import F

from barbershop.models import Barbershop
from communications.models import Budget, Dispatch

# Months first, campaigns after them. Whoever locks several budgets locks them in this order.
LOCK_ORDER = (F("month").asc(nulls_last=True), "pk")


def first_day(shop: Barbershop, now: dt.datetime) -> dt.date:
    """The first day of the month that it is in the shop."""
    return now.astimezone(shop.zone).date().replace(day=1)


def month_of(shop: Barbershop, now: dt.datetime) -> Budget | None:
    """This month's budget; None for a shop that never set one, which has no limit.

    A new month begins with the limit of the latest one before it. Of several workers that find
    no row yet, one writes it and all read that one.
    """
    month = first_day(shop, now)
    known = Budget.objects.for_shop(shop).filter(month__lte=month).order_by("-month").first()
    if known is None or known.month == month:
        return known
    Budget.objects.bulk_create(
        [Budget(shop=shop, month=month, limit_micros=known.limit_micros)], ignore_conflicts=True
    )
    return Budget.objects.get(shop=shop, month=month)


def budgets_of(dispatch: Dispatch, *, now: dt.datetime, lock: bool = False) -> list[Budget]:
    """The budgets that a dispatch must keep: its shop's month, then its own; maybe none.

    Args:
        lock: hold the rows until the transaction ends.
    """
    if dispatch.kind == Dispatch.Kind.TRANSACTIONAL:
        return []  # a booking must be confirmed, whatever it costs
    month = month_of(dispatch.shop, now)
    ids = [pk for pk in (month and month.pk, dispatch.budget_id) if pk]
    if not ids:
        return []
    found = Budget.objects.filter(pk__in=ids).order_by(*LOCK_ORDER)
    return list(found.select_for_update() if lock else found)
