"""From the ledger to the provider and back (docs/adr/0003, docs/adr/0005)."""

from communications.delivery.loop import send_due
from communications.delivery.sweep import sweep

__all__ = ["send_due", "sweep"]
