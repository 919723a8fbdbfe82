"""An emulator of SendGrid and Twilio over real HTTP on loopback.

It speaks both vendors' wire formats, records who was really accepted, plays signed webhooks back
and misbehaves on demand. It knows nothing of Django or of this project's tables, so what it
records is evidence that the ledger did not write itself.
"""

from .emulator import Sandbox, running_sandbox
from .faults import FAULT_MODES
from .options import SandboxOptions

__all__ = ["FAULT_MODES", "Sandbox", "SandboxOptions", "running_sandbox"]
