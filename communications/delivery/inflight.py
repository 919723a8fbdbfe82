"""Provider calls in threads of their own, which never talk to the database."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from communications.channels import Answer
from communications.models import DeliveryAttempt


class InFlight:
    """At most ``size`` calls at once, each begun the moment it is handed over.

    A place is reserved before a call is committed as begun: a call that waited for a thread could
    begin after its deadline, or after a pause.
    """

    def __init__(self, size: int):
        self.size = size
        self._places = threading.BoundedSemaphore(size)
        self._pool = ThreadPoolExecutor(max_workers=size, thread_name_prefix="provider")
        self._lock = threading.Lock()
        self._overdue: list[tuple[DeliveryAttempt, Future[Answer]]] = []

    def reserve(self) -> bool:
        """Take a place for one call; False when all are taken, by calls that hang perhaps."""
        return self._places.acquire(blocking=False)

    def give_back(self) -> None:
        """Return a place that was reserved and not used."""
        self._places.release()

    def begin(self, send: Callable[..., Answer], call) -> Future[Answer]:
        """Make a call in the place that was reserved for it."""
        future = self._pool.submit(send, call)
        future.add_done_callback(lambda _: self._places.release())
        return future

    def is_overdue(self, attempt: DeliveryAttempt, future: Future[Answer]) -> None:
        """Remember a call that was given up, so that its answer is written down if it comes."""
        with self._lock:
            self._overdue.append((attempt, future))

    def late_answers(self) -> list[tuple[DeliveryAttempt, Future[Answer]]]:
        """Calls that were given up and have ended since; each is returned once."""
        with self._lock:
            ended = [entry for entry in self._overdue if entry[1].done()]
            self._overdue = [entry for entry in self._overdue if not entry[1].done()]
        return ended
