"""How many requests each webhook had, and what became of them.

A refused request leaves no row, so these are the only figures that the database does not hold.
They stand in one small file beside the processes of a web server, which all of them add to under
its lock; a database row instead would let anybody who sends nonsense write to the database.
"""

import fcntl
import logging
import os
import struct
import zlib
from collections.abc import Callable
from itertools import product
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse

logger = logging.getLogger(__name__)

# ``{path: (provider, endpoint)}``
DOORS = {
    "/webhooks/sendgrid": ("sendgrid", "events"),
    "/webhooks/sendgrid/inbound": ("sendgrid", "inbound"),
    "/webhooks/twilio/status": ("twilio", "status"),
    "/webhooks/twilio/inbound": ("twilio", "inbound"),
}
OUTCOMES = ("accepted", "bad_signature", "malformed", "too_large", "no_key", "failed")
_BY_STATUS = {200: "accepted", 403: "bad_signature", 413: "too_large", 503: "no_key"}
_NOT_ANSWERED = 405  # it was no POST, so no report either

_CELLS = [(*door, outcome) for door, outcome in product(DOORS.values(), OUTCOMES)]
_POSITION = {cell: number for number, cell in enumerate(_CELLS)}
_NUMBER = struct.Struct("<Q")
_ALL = struct.Struct(f"<{len(_CELLS)}Q")
# Another list of cells is another file: a figure never changes its meaning.
_NAME = f"webhook-requests-{zlib.crc32(repr(_CELLS).encode()):08x}"


class CountWebhooks:
    """Middleware around everything that may refuse a webhook, its body's limit included."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        door = DOORS.get(request.path_info.rstrip("/"))
        if door is not None and response.status_code != _NOT_ANSWERED:
            _count(*door, outcome_of(response.status_code))
        return response


def outcome_of(status: int) -> str:
    return _BY_STATUS.get(status, "failed" if status >= 500 else "malformed")


def read() -> dict[tuple[str, str, str], int]:
    """``{(provider, endpoint, outcome): requests}`` of all processes of this web server."""
    try:
        stored = _path().read_bytes()
    except OSError:
        stored = b""
    numbers = _ALL.unpack(stored[: _ALL.size].ljust(_ALL.size, b"\0"))
    return dict(zip(_CELLS, numbers, strict=True))


def _count(provider: str, endpoint: str, outcome: str) -> None:
    """Add one. A figure that cannot be written must not cost a report: it is logged and lost."""
    at = _POSITION[provider, endpoint, outcome] * _NUMBER.size
    try:
        file = os.open(_path(), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            stored = os.pread(file, _NUMBER.size, at).ljust(_NUMBER.size, b"\0")
            (number,) = _NUMBER.unpack(stored)
            os.pwrite(file, _NUMBER.pack(number + 1), at)
        finally:
            os.close(file)  # and with it the lock
    except OSError as error:
        logger.warning("A webhook could not be counted: %s", type(error).__name__)


def _path() -> Path:
    return Path(settings.COUNTS_DIR) / _NAME
