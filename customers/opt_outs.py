"""Opt-outs that a file or another system reports: more than the word of one customer.

The address must not be used any more, whoever has it in this shop, today or later. What keeps an
address out stands on the floor above, which asks to be told (``after_opt_out``).
"""

import datetime as dt
from collections.abc import Callable, Collection

from customers.consent import Statement

_steps: list[Callable] = []


def after_opt_out(step: Callable) -> Callable:
    """Have ``step(statements, by=, now=)`` run in the transaction that records opt-outs."""
    if step not in _steps:
        _steps.append(step)
    return step


def carry_out(statements: Collection[Statement], *, by=None, now: dt.datetime) -> None:
    """Keep the addresses of these opt-outs out; their own entries are recorded already.

    Safe to repeat. Must run in the transaction that records them, as its last step.
    """
    if statements:
        for step in _steps:
            step(statements, by=by, now=now)
