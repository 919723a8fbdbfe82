"""The one signal of the product: what became of messages has changed."""

from django.dispatch import Signal

communication_events = Signal()
"""Sent after commit, once per folded batch, with ``communication_ids`` (list of ints) and ``now``.

The same ids may come again, and nothing that matters may depend on a receiver having run: whoever
counts asks the ledger.
"""
