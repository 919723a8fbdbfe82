"""The providers' emulator, which can strike at the moment a call arrives or is answered."""

import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from communications.sandbox import Sandbox, SandboxOptions

ARRIVED = "arrived"  # read in full, nothing decided
ANSWERED = "answered"  # recorded as accepted, or refused; not a byte of the answer has left
MOMENTS = (ARRIVED, ANSWERED)

# Our own ids, in SendGrid's JSON and in Twilio's form.
_UUID = rb"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"
_ATTEMPT = re.compile(rb'attempt(?:"\s*:\s*"|%3D)' + _UUID)
_COMMUNICATION = re.compile(rb'communication(?:"\s*:\s*"|%3D)' + _UUID)


@dataclass(frozen=True)
class Arrival:
    """A sending request; ``communication`` is one of those in it, ``at`` a Unix time."""

    at: float
    attempt: str
    communication: str


class WatchedProvider(Sandbox):
    def __init__(self, options: SandboxOptions):
        super().__init__(options)
        self.arrivals: list[Arrival] = []
        self._armed: dict[str, tuple[Callable[[int], None], threading.Event]] = {}
        self._arming = threading.Lock()
        self._connection = threading.local()
        finish = self._server.finish_request

        def remember(request, client_address):
            self._connection.port = client_address[1]
            finish(request, client_address)

        self._server.finish_request = remember

    def __enter__(self) -> "WatchedProvider":
        self.start()
        return self

    def __exit__(self, *_) -> None:
        self.stop()

    def arm(self, moment: str, act: Callable[[int], None]) -> threading.Event:
        """Call ``act`` with the caller's port at the next such moment, once.

        Returns:
            An event that is set when it has been called.
        """
        struck = threading.Event()
        with self._arming:
            self._armed[moment] = (act, struck)
        return struck

    def disarm(self) -> None:
        with self._arming:
            self._armed.clear()

    def answer(self, request):
        if request.method != "POST" or request.path.startswith("/sandbox/"):
            return super().answer(request)
        self._note(request.body)
        self._strike(ARRIVED)
        response = super().answer(request)
        self._strike(ANSWERED)
        return response

    def _note(self, body: bytes) -> None:
        attempt, communication = _ATTEMPT.search(body), _COMMUNICATION.search(body)
        if attempt and communication:
            self.arrivals.append(
                Arrival(time.time(), attempt[1].decode(), communication[1].decode())
            )

    def _strike(self, moment: str) -> None:
        with self._arming:
            act, struck = self._armed.pop(moment, (None, None))
        if act is not None:
            act(self._connection.port)
            struck.set()
