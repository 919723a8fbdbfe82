"""Answers by text and by email: who said it, to which shops, and what it changes.

``take_effect_at_once`` stands in the webhook's request, ``fold`` does all of it from the inbox,
and ``decide`` is a person's word on what no rule could tell.
"""

from communications.inbound.answer import may_stop
from communications.inbound.deciding import DECISIONS, decide, waiting
from communications.inbound.folding import fold, take_effect_at_once

__all__ = ["DECISIONS", "decide", "fold", "may_stop", "take_effect_at_once", "waiting"]
