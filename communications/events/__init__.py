"""What providers report about messages: an inbox, and its fold into the ledger.

``record`` stores verified events as they come, ``fold`` turns them into facts on the messages.
Any order and any repetition of the same events ends in the same rows. What cannot be folded is
quarantined, and a person may ``replay`` it.
"""

from communications.events.folding import fold
from communications.events.inbox import Reported, record
from communications.events.replay import NotInQuarantine, replay

__all__ = ["NotInQuarantine", "Reported", "fold", "record", "replay"]
