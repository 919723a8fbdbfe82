"""What a guard is, and how it is taken out of a copy of the code."""

from dataclasses import dataclass
from pathlib import Path

SQLITE, POSTGRESQL = "SQLite", "PostgreSQL"


class Moved(Exception):
    """The text that makes a guard is not there exactly once: the list of guards is out of date."""


@dataclass(frozen=True, kw_only=True)
class Guard:
    """One guard, and the tests that must fail without it.

    Attributes:
        name: what holds because of it.
        file: where it stands, from the top of the tree.
        old, new: the text that makes the guard, and what stands there without it.
        tests: for pytest; at least one of them must fail.
        database: the only one on which they can fail.
    """

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]
    database: str = SQLITE

    def take_out(self, tree: Path) -> None:
        """Rewrite the file in ``tree``; raises ``Moved``."""
        path = tree / self.file
        text = path.read_text() if path.is_file() else ""
        found = text.count(self.old)
        if found != 1:
            raise Moved(
                f"“{self.name}” has moved: its text stands {found} times in {self.file}. "
                "Find it and mend benchmarks/guards."
            )
        path.write_text(text.replace(self.old, self.new))
