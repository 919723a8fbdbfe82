"""A queue in a folder that never shows half a message.

Kombu's own file transport opens a message under its final name and writes it afterwards; a worker
that looks in between reads nothing and dies of it. Here a message appears by a rename, whole.
"""

from pathlib import Path
from time import monotonic_ns
from uuid import uuid4

from kombu import transport
from kombu.transport import filesystem
from kombu.utils.json import dumps


class Channel(filesystem.Channel):
    def _put(self, queue, payload, **kwargs):
        folder = Path(self.data_folder_out)
        # Readers take names that end with the queue's; a draft's does not.
        draft = folder / f"{uuid4()}.draft"
        draft.write_text(dumps(payload))
        draft.rename(folder / f"{monotonic_ns() // 1_000_000}_{uuid4()}.{queue}.msg")


class Transport(filesystem.Transport):
    Channel = Channel


def register() -> None:
    """Let ``filesystem://`` mean this transport."""
    transport.TRANSPORT_ALIASES["filesystem"] = f"{__name__}:Transport"
