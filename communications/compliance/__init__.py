"""Who may be written to, and when: asked when an audience is frozen, and again before the call.

The first reason counts, in this order:

1. ``suppressed``: erased, or the address must not be used, or (offers) another address of his is
   one that was erased. ``no_address`` comes after the first.
2. ``held_for_review``: a reply of his waits for a person; reminders go.
3. ``unproven``, ``no_consent``, ``topic``: what he permits.
4. ``excluded``, at the gate ``booked_meanwhile``: whom the campaign leaves out.
5. ``invalid_address`` (gate): he has another address by now.
6. ``shop_suspended``: whoever stands above the shop has stopped it. What was queued before waits
   at the gate if it belongs to a campaign; anything else is of no use later and is refused.
7. ``unknown_zone``, ``quiet_window_missed``: quiet hours, of marketing texts only. While they only
   have to be waited for there is no reason but ``not_before``.
8. ``frequency_cap``: the law's, then the shop's.

``duplicate_address`` is given where rows are written, ``render_error`` where texts are made; money
is no reason but a pause (``communications.budgets``).
"""

from communications.compliance.beginning import Beginning
from communications.compliance.explaining import Rule, rules
from communications.compliance.freezing import Verdict, consider
from communications.compliance.moments import HAND_OVER, LONGEST_WAIT, Moments, Person, Turn
from communications.compliance.person import (
    ADDRESS_FIELDS,
    annotate_refusal,
    exclusions,
    refusals,
)
from communications.compliance.terms import Terms

__all__ = [
    "ADDRESS_FIELDS",
    "HAND_OVER",
    "LONGEST_WAIT",
    "Beginning",
    "Moments",
    "Person",
    "Rule",
    "Terms",
    "Turn",
    "Verdict",
    "annotate_refusal",
    "consider",
    "exclusions",
    "refusals",
    "rules",
]
