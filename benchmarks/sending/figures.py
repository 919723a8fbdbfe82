"""What is measured of one way of sending."""

import json
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from statistics import median


@dataclass(frozen=True)
class Figures:
    """
    Attributes:
        seconds: from the first claim to the last record.
        cpu: seconds of the sending process (with its children).
        database_cpu: seconds of its PostgreSQL backends; None where that cannot be seen.
        provider_cpu: seconds of the provider's own process, which shares the machine.
        peak_mb: largest resident size, summed over the processes.
    """

    messages: int
    seconds: float
    cpu: float
    peak_mb: float
    database_cpu: float | None = None
    provider_cpu: float | None = None

    @property
    def rate(self) -> float:
        return self.messages / self.seconds

    def per_1000(self, seconds: float | None) -> float | None:
        return None if seconds is None else seconds / self.messages * 1000

    @classmethod
    def middle(cls, runs: list["Figures"]) -> "Figures":
        """The run whose rate is the median; the lower of the two middle ones."""
        ordered = sorted(runs, key=lambda run: run.rate)
        return ordered[(len(ordered) - 1) // 2]


def spread(runs: list[Figures]) -> str:
    rates = [run.rate for run in runs]
    return f"{min(rates):,.0f} to {max(rates):,.0f}, median {median(rates):,.0f}"


def read(output: str) -> list[Figures]:
    return [Figures(**json.loads(line)) for line in output.splitlines() if line.startswith("{")]


@contextmanager
def measured(messages: int) -> Iterator[None]:
    """Measure this very process over the block, and print one line for ``read``."""
    began, cpu = time.perf_counter(), time.process_time()
    yield
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(asdict(Figures(messages, seconds, cpu, peak))), flush=True)
