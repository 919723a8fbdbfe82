"""Money limits of a month and of a campaign (docs/adr/0008).

``reserve`` is called by the gate, ``settle`` and ``release`` by every change of a call's state;
``pauses`` and ``limits`` are what a spent and a raised budget do to dispatches.
"""

from communications.budgets.amounts import NotAnAmount, exactly, in_words, parse, written
from communications.budgets.limits import LimitTooLow, open_for, set_limit, set_month
from communications.budgets.months import first_day, month_of
from communications.budgets.pauses import pause_spent, resume_affordable, shortage
from communications.budgets.reservations import release, reserve, settle

__all__ = [
    "LimitTooLow",
    "NotAnAmount",
    "exactly",
    "first_day",
    "in_words",
    "month_of",
    "open_for",
    "parse",
    "pause_spent",
    "release",
    "reserve",
    "resume_affordable",
    "set_limit",
    "set_month",
    "settle",
    "shortage",
    "written",
]
