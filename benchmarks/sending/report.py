"""Tables and verdicts."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from benchmarks.sending.figures import Figures


@dataclass(frozen=True)
class Promise:
    name: str
    value: float
    at_least: float | None = field(default=None, kw_only=True)
    at_most: float | None = field(default=None, kw_only=True)

    @property
    def is_kept(self) -> bool:
        if self.at_least is not None and self.value < self.at_least:
            return False
        return self.at_most is None or self.value <= self.at_most

    def __str__(self) -> str:
        wanted = f"<= {self.at_most:g}" if self.at_least is None else f">= {self.at_least:,g}"
        verdict = "kept" if self.is_kept else "NOT KEPT"
        return f"{verdict:<9} {self.name} {self.value:,.2f} (promised {wanted})"


def print_table(rows: Mapping[str, Figures]) -> None:
    print(f"\n{'':<46}{'':>11}{'CPU s per 1,000':>31}{'peak':>8}")
    heads = ("messages/s", "process", "PostgreSQL", "provider")
    print(f"{'':<46}" + "".join(f"{head:>11}" for head in heads) + f"{'MB':>7}")
    for name, row in rows.items():
        spent = (row.cpu, row.database_cpu, row.provider_cpu)
        cpu = "".join(f"{_shown(row.per_1000(seconds)):>11}" for seconds in spent)
        print(f"{name:<46}{row.rate:>11,.0f}{cpu}{row.peak_mb:>7.0f}")
    print()


def _shown(figure: float | None) -> str:
    return "-" if figure is None else f"{figure:.3f}"


def print_promises(promises: list[Promise]) -> bool:
    """Whether all were kept."""
    for promise in promises:
        print(promise)
    return all(promise.is_kept for promise in promises)
