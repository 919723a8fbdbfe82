"""What earlier rows of the same file were about, kept on disk: memory stays flat."""

import sqlite3
from collections.abc import Iterable

CACHE_KIB = 2048
CHUNK = 500


class Seen:
    """A mapping from a key to the line that first had it."""

    def __init__(self):
        # No name: a private file that the operating system removes with the connection.
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        self._db.execute("PRAGMA journal_mode = OFF")
        self._db.execute("CREATE TABLE seen (key TEXT PRIMARY KEY, line INTEGER) WITHOUT ROWID")

    def __enter__(self) -> "Seen":
        return self

    def __exit__(self, *exc_info) -> None:
        self._db.close()

    def lines(self, keys: Iterable[str]) -> dict[str, int]:
        keys = list(keys)
        found = {}
        for start in range(0, len(keys), CHUNK):
            part = keys[start : start + CHUNK]
            marks = ", ".join("?" * len(part))
            query = f"SELECT key, line FROM seen WHERE key IN ({marks})"  # noqa: S608 - only marks
            found.update(self._db.execute(query, part))
        return found

    def add(self, lines: dict[str, int]) -> None:
        self._db.execute("BEGIN")
        self._db.executemany("INSERT OR IGNORE INTO seen VALUES (?, ?)", lines.items())
        self._db.execute("COMMIT")
