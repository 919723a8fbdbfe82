"""What providers report about messages: an inbox, and its fold into the ledger.

``record`` stores verified events as they come, ``fold`` turns them into facts on the messages.
Any order and any repetition of the same events ends in the same rows.
"""

from communications.events.folding import fold
from communications.events.inbox import Reported, record

__all__ = ["Reported", "fold", "record"]
