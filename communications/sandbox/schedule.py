"""A heap of things to do later, and the threads that do them."""

import heapq
import itertools
import logging
import queue
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

logger = logging.getLogger(__name__)

_SWEEP = 500


class Schedule:
    """Calls `sweep` with what has become due, and works through what it hands over.

    Everything pushed counts as open until `done` is called for it, so that `settle` can tell
    when all is finished. The hand-over queue is short: with slow receivers the heap waits.
    """

    def __init__(self, sweep: Callable[[list[Any]], None], *, workers: int, window: float):
        self._sweep = sweep
        self._window = window
        self._heap: list[tuple[float, int, Any]] = []
        self._numbers = itertools.count()
        self._changed = threading.Condition()
        self._open = 0
        self._stopping = threading.Event()
        self._work: queue.Queue = queue.Queue(maxsize=64)
        self._threads = [threading.Thread(target=self._watch, name="sandbox-clock", daemon=True)]
        self._threads += [
            threading.Thread(target=self._toil, name=f"sandbox-webhooks-{number}", daemon=True)
            for number in range(workers)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self, *, timeout: float = 5.0) -> None:
        """Let go of what is not begun and wait for what is."""
        self._stopping.set()
        with self._changed:
            self._changed.notify_all()
        self._dismiss()
        deadline = time.monotonic() + timeout
        for thread in self._threads:
            if thread.is_alive():
                thread.join(max(deadline - time.monotonic(), 0))

    @property
    def open(self) -> int:
        return self._open

    def expect(self, number: int) -> None:
        """Count what will be pushed (`again=True`) or handed over as open from now on."""
        with self._changed:
            self._open += number

    def push(self, item: Any, *, delay: float = 0.0, again: bool = False) -> None:
        """Put an item in the heap. `again`: it is open already and stays so."""
        with self._changed:
            self._open += not again
            due = time.monotonic() + delay
            heapq.heappush(self._heap, (due, next(self._numbers), item))
            self._changed.notify_all()

    def done(self) -> None:
        with self._changed:
            self._open -= 1
            self._changed.notify_all()

    def settle(self, *, timeout: float) -> bool:
        """Wait until nothing is open; return whether that was so in time."""
        with self._changed:
            return self._changed.wait_for(lambda: self._open == 0, timeout)

    def hand_over(self, work: Callable[[], None]) -> None:
        """Give a worker something to do; wait while all are busy and the queue is full."""
        while not self._stopping.is_set():
            try:
                self._work.put(work, timeout=0.5)
            except queue.Full:
                continue
            return

    def _dismiss(self) -> None:
        """Empty the queue and wake every idle worker."""
        with suppress(queue.Empty):
            while True:
                self._work.get_nowait()
        for _ in self._threads:
            with suppress(queue.Full):
                self._work.put_nowait(None)

    def _watch(self) -> None:
        while not self._stopping.is_set():
            due = self._wait_for_due()
            if not due:
                continue
            try:
                self._sweep(due)
            except Exception:  # the clock must go on for all others
                logger.exception("events could not be made")
            if len(due) < _SWEEP:
                # A moment's pause lets events gather into one batch.
                self._stopping.wait(self._window)

    def _wait_for_due(self) -> list[Any]:
        with self._changed:
            wait = self._heap[0][0] - time.monotonic() if self._heap else None
            if wait is None or wait > 0:
                self._changed.wait(wait)
            now, due = time.monotonic(), []
            while self._heap and self._heap[0][0] <= now and len(due) < _SWEEP:
                due.append(heapq.heappop(self._heap)[2])
            return due

    def _toil(self) -> None:
        while not self._stopping.is_set():
            work = self._work.get()
            if work is None:
                return
            try:
                work()
            except Exception:  # one bad webhook must not end the thread that sends the others
                logger.exception("a webhook could not be made")
                self.done()
