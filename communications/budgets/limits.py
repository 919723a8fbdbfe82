"""Setting a limit. A raised one lets paused dispatches go on."""

import datetime as dt

from django.db import transaction
from django.utils import timezone

from barbershop import audit
from barbershop.models import Barbershop
from communications.budgets.amounts import exactly
from communications.budgets.months import first_day
from communications.budgets.pauses import resume_affordable
from communications.models import Budget


class LimitTooLow(Exception):
    """Less than what is spent and on the wire; ``lowest`` micros is the least possible."""

    def __init__(self, budget: Budget):
        self.lowest = budget.lowest_micros
        lowest = exactly(self.lowest, budget.shop.currency)
        super().__init__(f"The lowest possible limit is {lowest}: it is spent or on the wire.")


def open_for(*, shop: Barbershop, limit_micros: int | None) -> Budget | None:
    """A campaign's own budget, to hang on its dispatch; None for a campaign without a limit."""
    if limit_micros is None:
        return None
    return Budget.objects.create(shop=shop, limit_micros=limit_micros)


def set_month(
    shop: Barbershop,
    limit_micros: int,
    *,
    by=None,
    token=None,
    request=None,
    now: dt.datetime | None = None,
) -> int:
    """Set this month's limit; the months after it begin with the same.

    A first limit counts what is sent from now on.

    Returns:
        How many dispatches go on.

    Raises:
        LimitTooLow: nothing was changed then.
    """
    now = now or timezone.now()
    month = first_day(shop, now)
    with transaction.atomic():
        Budget.objects.bulk_create(
            [Budget(shop=shop, month=month, limit_micros=limit_micros)], ignore_conflicts=True
        )
        budget = Budget.objects.for_shop(shop).get(month=month)
        _change(budget, limit_micros, by=by, token=token, request=request, now=now)
    return resume_affordable(now=now, shop=shop)


def set_limit(
    budget: Budget,
    limit_micros: int,
    *,
    by=None,
    token=None,
    request=None,
    now: dt.datetime | None = None,
) -> int:
    """Set the limit of one budget, a campaign's or a month's.

    Returns:
        How many dispatches go on.

    Raises:
        LimitTooLow: nothing was changed then.
    """
    now = now or timezone.now()
    with transaction.atomic():
        _change(budget, limit_micros, by=by, token=token, request=request, now=now)
    return resume_affordable(now=now, shop=budget.shop)


def _change(budget: Budget, limit_micros: int, *, by, token, request, now) -> None:
    held = Budget.objects.select_for_update(of=("self",)).select_related("shop").get(pk=budget.pk)
    if limit_micros < held.lowest_micros:
        raise LimitTooLow(held)
    before, held.limit_micros = held.limit_micros, limit_micros
    if not held.is_warning:
        held.warned_at = None
    if limit_micros > before and held.left_micros:
        held.exhausted_at = None
    held.note(now=now)
    held.save(update_fields=["limit_micros", "warned_at", "exhausted_at", "updated_at"])
    audit.record(
        shop=held.shop,
        action="budget.set",
        by=by,
        token=token,
        target=held,
        before={"limit_micros": before},
        after={"limit_micros": limit_micros},
        request=request,
        now=now,
    )
