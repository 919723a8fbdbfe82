"""Provider calls in threads of their own, which never talk to the database."""

import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future
from functools import cache
from queue import SimpleQueue
from time import monotonic

from communications.channels import Answer, DeliveryError, Failure
from communications.delivery import claim
from communications.models import DeliveryAttempt
from customers.channels import Channel

# Calls at once, of which one shop has half. An email call holds a thousand people, a text's one.
PLACES = {Channel.EMAIL: 8, Channel.SMS: 2 * claim.SMS_BATCH}
STALLED = "stalled"  # the code of a call that this worker began too late


class InFlight:
    """At most ``size`` calls at once, each begun the moment it is handed over.

    A place is reserved before a call is committed as begun: a call that waited for a thread could
    begin after its deadline, or after a pause. One owner has half of the places at most: calls of
    one shop that hang leave room for the others. The threads end with the process, whatever they
    wait for.
    """

    def __init__(self, size: int):
        self.size = size
        self._taken: Counter[int] = Counter()
        self._lock = threading.Lock()
        self._work: SimpleQueue = SimpleQueue()
        self._idle = 0
        self._unheard: list[tuple[DeliveryAttempt, Future[Answer]]] = []

    def reserve(self, wanted: int = 1, *, owner: int) -> int:
        """Take places for calls of one shop; how many there were, up to ``wanted``."""
        with self._lock:
            free = self.size - self._taken.total()
            share = (self.size + 1) // 2 - self._taken[owner]
            places = max(0, min(wanted, free, share))
            self._taken[owner] += places
        return places

    def give_back(self, places: int = 1, *, owner: int) -> None:
        """Return places that were reserved and are not used, or no more."""
        with self._lock:
            self._taken[owner] -= places
            if not self._taken[owner]:
                del self._taken[owner]

    def begin(
        self, send: Callable[..., Answer], call, *, owner: int, before: float
    ) -> Future[Answer]:
        """Make a call in the place that was reserved for it.

        Args:
            before: a ``monotonic()`` moment; a worker that stood still until after it must not
                begin the call any more.
        """
        future: Future[Answer] = Future()
        with self._lock:
            needs_thread = self._idle == 0
            self._idle -= not needs_thread
        if needs_thread:
            threading.Thread(target=self._work_on, name="provider", daemon=True).start()
        self._work.put((future, send, call, owner, before))
        return future

    def _work_on(self) -> None:
        while True:
            future, send, call, owner, before = self._work.get()
            result, error = None, None
            try:
                if monotonic() > before:
                    raise DeliveryError(
                        "This worker stood still before it began the call.",
                        failure=Failure.NOT_SENT,
                        code=STALLED,
                    )
                result = send(call)
            except BaseException as raised:  # noqa: BLE001 - whoever reads the future gets it
                error = raised
            self.give_back(owner=owner)
            with self._lock:
                self._idle += 1
            if error is None:
                future.set_result(result)
            else:
                future.set_exception(error)
            del future, send, call, result, error  # a thousand recipients

    def is_unheard(self, attempt: DeliveryAttempt, future: Future[Answer]) -> None:
        """Remember a call nobody waits for any more, so that its answer is not lost."""
        with self._lock:
            self._unheard.append((attempt, future))

    def late_answers(self) -> list[tuple[DeliveryAttempt, Future[Answer]]]:
        """Calls that were given up and have ended since; each is returned once."""
        with self._lock:
            ended = [entry for entry in self._unheard if entry[1].done()]
            self._unheard = [entry for entry in self._unheard if not entry[1].done()]
        return ended


@cache
def in_flight(channel: str) -> InFlight:
    """The calls of this process on one channel: where one hangs, the other goes on."""
    return InFlight(PLACES[channel])
