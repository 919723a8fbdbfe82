"""The end of a walk: healthy workers, an honest provider, and time until nothing is open."""

import datetime as dt
from collections import Counter
from itertools import chain, repeat

from communications import budgets, delivery, outbox
from communications.delivery import resolve
from communications.models import Budget, BudgetReservation, Dispatch
from communications.tests.ledger_machine.provider import Fate
from communications.tests.ledger_machine.reports import report
from customers.channels import Channel

# Past every lease, deadline, look-up, wait, night and horizon.
SECONDS = (61, 61, 300, 301, 302, 303, 601, 2 * 3600) + 8 * (5 * 3600 + 1, 61)
PLENTY = 10**12
MONEY = {"accepted": "settled", "released": "released", "not_sent": "reserved"}
OVER = {Dispatch.State.DONE, Dispatch.State.CANCELLED}


def settle(machine) -> None:
    """Bring everything to rest, and hold both books against each other for the last time."""
    machine.claimed, machine.flights = [], []
    machine.provider.hides_its_list = False
    budgets.set_month(machine.world.shop, PLENTY, now=machine.now)
    outbox.run(machine.dispatch, now=machine.now)
    for fate, seconds in zip(chain([machine.storm], repeat(Fate.ACCEPTS)), SECONDS, strict=False):
        machine.now += dt.timedelta(seconds=seconds)
        delivery.sweep(now=machine.now)
        machine.books.read()
        resolve.resolve_unknown(now=machine.now)
        machine.books.read()
        _send(machine, fate=fate)
        if machine.books.is_over():
            break
    delivery.sweep(now=machine.now)
    machine.books.read()
    assert machine.books.is_over(), "something is still open after two days"
    state = machine.fresh_dispatch().state
    assert state in OVER, f"nothing is open, and the dispatch is {state}"
    _check_money(machine)
    _hear_everything(machine)
    assert not machine.errors.seen, machine.errors.seen


def _send(machine, *, fate: Fate) -> None:
    outbox.resume(machine.dispatch)  # a provider that refuses us has paused it
    for channel in Channel.values:
        while machine.books.is_due(channel) and machine.send(channel, fate=fate, most=1000):
            pass


def _check_money(machine) -> None:
    """Each call has closed its reservation as its outcome says, and the sums are theirs."""
    sums = Counter()
    for row in BudgetReservation.objects.select_related("attempt"):
        assert row.state == MONEY[row.attempt.state], f"{row} for a call {row.attempt.state}"
        sums[row.state] += row.amount_micros
    for budget in Budget.objects.for_shop(machine.world.shop):
        kept = (budget.reserved_micros, budget.spent_micros + budget.late_micros)
        assert kept == (sums["reserved"], sums["settled"]), f"{kept} are kept, {sums} are there"


def _hear_everything(machine) -> None:
    """After a report on every call, nothing that the provider has is denied here.

    Who was tried again meanwhile may stand for unresolved: his newest call is.
    """
    for number, accepted in enumerate(machine.provider.accepted):
        for letter in accepted.letters:
            key = f"last-{number}-{letter.communication}"
            machine.hear(report(accepted, letter, kind="delivered", key=key, at=machine.now))
    machine.fold()
    machine.books.read()
    for uuid in machine.provider.times():
        state = machine.books.messages[uuid].state
        allowed = {"accepted", "not_sent"} if machine.books.was_repeated(uuid) else {"accepted"}
        assert state in allowed, f"ghost: the provider has {uuid}, which is {state}"
