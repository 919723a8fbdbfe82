"""Misbehaviour on demand, drawn from a seed."""

import random
import threading
from collections import Counter
from collections.abc import Mapping

OK = "ok"

# What happens to one sending request.
REQUEST_MODES = {
    OK: "nothing wrong",
    "drop_after_accept": "accepted, then the connection is closed without an answer",
    "500_after": "accepted, then 500",
    "500_before": "500, not accepted",
    "429": "too many requests, not accepted",
    "hang": "not accepted, never answered",
    "slow": "accepted, answered late",
    "400_index": "refused, naming one recipient",
    "400_plain": "refused, naming nobody",
    "413": "refused as too large",
    "401": "refused as unauthorised",
}
# What happens to the events of one message.
EVENT_MODES = {
    "events_duplicated": "each event comes twice",
    "events_shuffled": "the events come in another order than they happened",
    "events_early": "the first events come before the answer to the request",
    "events_none": "no event ever comes",
}
FAULT_MODES = {**REQUEST_MODES, **EVENT_MODES}


class Faults:
    """The probabilities in force. Safe to change and to draw from in several threads."""

    def __init__(self, probabilities: Mapping[str, float] | None = None, *, seed: int = 0):
        self._lock = threading.Lock()
        self._random = random.Random(seed)
        self._probabilities: dict[str, float] = {}
        self.drawn: Counter[str] = Counter()
        self.replace(probabilities or {})

    def replace(self, probabilities: Mapping[str, float]) -> None:
        """Put these probabilities in place of all former ones; raise ValueError on nonsense."""
        checked = {mode: _probability(mode, value) for mode, value in probabilities.items()}
        total = sum(checked.get(mode, 0) for mode in REQUEST_MODES if mode != OK)
        if total > 1 + 1e-9:
            raise ValueError(f"the probabilities of request faults add up to {total:g}, above 1")
        with self._lock:
            self._probabilities = checked

    def set(self, mode: str, probability: float = 1.0) -> None:
        """Change one mode and leave the others."""
        self.replace({**self.current(), mode: probability})

    def current(self) -> dict[str, float]:
        with self._lock:
            return dict(self._probabilities)

    def draw(self) -> str:
        """Return the mode of the next request."""
        with self._lock:
            point = self._random.random()
            for mode in REQUEST_MODES:
                point -= 0 if mode == OK else self._probabilities.get(mode, 0)
                if mode != OK and point < 0:
                    self.drawn[mode] += 1
                    return mode
            return OK

    def happens(self, mode: str) -> bool:
        """Return whether an event mode strikes this time."""
        with self._lock:
            probability = self._probabilities.get(mode, 0)
            struck = probability > 0 and self._random.random() < probability
            self.drawn[mode] += struck
            return struck

    def index(self, size: int) -> int:
        """Return one position out of `size`."""
        with self._lock:
            return self._random.randrange(size)


def parse_fault(text: str) -> tuple[str, float]:
    """Read "mode=probability"; raise ValueError with a sentence that says what to write."""
    mode, separator, value = text.partition("=")
    if not separator:
        raise ValueError(f"{text!r}: write mode=probability, such as 429=0.1")
    try:
        return mode, _probability(mode, float(value))
    except ValueError as error:
        raise ValueError(f"{text!r}: {error}") from None


def _probability(mode: str, value: float) -> float:
    if mode not in FAULT_MODES:
        raise ValueError(f"unknown fault {mode!r}; known are {', '.join(FAULT_MODES)}")
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ValueError("a probability is a number from 0 to 1")
    return float(value)
