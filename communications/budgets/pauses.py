"""What a spent budget does to a dispatch, and what money that is there again does."""

import datetime as dt
import logging
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from barbershop.models import Barbershop
from communications import outbox, pricing, recipient_rows, rendering, sms_segments
from communications.budgets.amounts import in_words
from communications.budgets.months import budgets_of
from communications.models import Budget, CustomerCommunication, Dispatch
from customers.channels import Channel

logger = logging.getLogger(__name__)

Cause = Dispatch.PauseCause
CALLED = {Channel.EMAIL: "email", Channel.SMS: "text"}


@dataclass(frozen=True)
class Shortage:
    """A message that waits and does not fit into a budget. Costs in micros."""

    budget: Budget
    channel: str
    cost: int
    currency: str

    def in_words(self) -> str:
        budget, currency = self.budget, self.currency
        whose = "This month's" if budget.month else "This campaign's"
        used = f"{in_words(budget.used_micros, currency)} used"
        if budget.reserved_micros:
            used += f", {in_words(budget.reserved_micros, currency)} on the wire"
        return (
            f"{whose} budget of {in_words(budget.limit_micros, currency)} is spent: {used}, "
            f"the next {CALLED[self.channel]} costs {in_words(self.cost, currency)}."
        )


def pause_spent(dispatch: Dispatch, *, now: dt.datetime | None = None) -> bool:
    """Pause a dispatch whose next message cannot be paid; call it after the gate's commit.

    The budgets are locked until the pause is committed: whoever raises a limit in this moment
    either is seen here, or finds the dispatch paused and resumes it.
    """
    now = now or timezone.now()
    with transaction.atomic():
        held = (
            Dispatch.objects.select_for_update(of=("self",))
            .select_related("shop")
            .filter(pk=dispatch.pk, state=Dispatch.State.RUNNING)
            .first()
        )
        short = held and shortage(held, now=now, lock=True)
        if not short:
            return False
        return outbox.pause(held, reason=short.in_words(), cause=Cause.BUDGET)


def resume_affordable(*, now: dt.datetime | None = None, shop: Barbershop | None = None) -> int:
    """Let dispatches go on that were paused by a budget and can pay their next message again.

    A person's pause is left alone. A dispatch that somebody is changing right now is passed over:
    the next sweep finds it.

    Returns:
        How many go on.
    """
    now = now or timezone.now()
    paused = Dispatch.objects.filter(state=Dispatch.State.PAUSED, pause_cause=Cause.BUDGET)
    if shop is not None:
        paused = paused.filter(shop=shop)
    return sum(
        _resume(pk, now=now) for pk in list(paused.order_by("pk").values_list("pk", flat=True))
    )


def _resume(dispatch_id: int, *, now: dt.datetime) -> bool:
    with transaction.atomic():
        held = (
            Dispatch.objects.select_for_update(skip_locked=True, of=("self",))
            .select_related("shop")
            .filter(pk=dispatch_id, state=Dispatch.State.PAUSED, pause_cause=Cause.BUDGET)
            .first()
        )
        if held is None or shortage(held, now=now):
            return False
        return outbox.resume(held)


def shortage(dispatch: Dispatch, *, now: dt.datetime, lock: bool = False) -> Shortage | None:
    """The dearest of the next messages, one per channel, if some budget cannot pay it."""
    budgets = budgets_of(dispatch, now=now, lock=lock)
    for channel, cost in sorted(_next_costs(dispatch, now=now), key=lambda found: -found[1]):
        for budget in budgets:
            if cost > budget.left_micros:
                return Shortage(budget, channel, cost, dispatch.shop.currency)
    return None


def _next_costs(dispatch: Dispatch, *, now: dt.datetime) -> list[tuple[str, int]]:
    """What the next message on each channel costs, where one waits."""
    found = []
    for channel in Channel.values:
        waiting = CustomerCommunication.objects.filter(
            dispatch=dispatch, channel=channel, send_state=CustomerCommunication.SendState.PENDING
        ).order_by("pk")
        due = waiting.filter(Q(not_before=None) | Q(not_before__lte=now))
        message = due.first() or waiting.first()
        if message is not None:
            found.append((channel, _cost(message, dispatch=dispatch, now=now)))
    return found


def _cost(message: CustomerCommunication, *, dispatch: Dispatch, now: dt.datetime) -> int:
    prices = pricing.price_list(shop=dispatch.shop, channel=message.channel, on=now.date())
    if message.channel == Channel.EMAIL:
        return prices.part("")
    prepared = rendering.prepare(message.content_id, dispatch=dispatch)
    (row,) = recipient_rows.of_messages(
        CustomerCommunication.objects.filter(pk=message.pk),
        names=prepared.names,
        shop=dispatch.shop,
        now=now,
    )
    try:
        body = rendering.render_sms(prepared, row)
    except Exception:
        # The gate blocks it for good when it comes there, so it costs nothing.
        logger.exception("Message %s could not be rendered", message.pk)
        return 0
    return sms_segments.count(body).segments * prices.part(message.address)
