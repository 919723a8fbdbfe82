"""The file of everyone the providers accepted: one JSON line each."""

import json
import os
import threading
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any


class Record:
    """Appends accepted recipients to a file, each request in one write, and counts them."""

    def __init__(self, path: Path | None):
        self.path = path
        self.counts: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._file = None
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
            self._file = os.open(path, flags, 0o600)  # it holds addresses and texts

    def append(self, lines: Iterable[dict[str, Any]]) -> None:
        """Write one request's recipients. When this returns, the file has them."""
        lines = list(lines)
        data = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode()
        with self._lock:
            self.counts.update(line["kind"] for line in lines)
            if self._file is not None:
                _write_all(self._file, data)

    def accepted(self) -> list[dict[str, Any]]:
        """Read back all that the file holds, oldest first."""
        if self.path is None:
            raise RuntimeError("nothing is recorded: start the sandbox with a record file")
        with self.path.open(encoding="utf-8") as file:
            return [json.loads(line) for line in file]

    def close(self) -> None:
        with self._lock:
            if self._file is not None:
                os.close(self._file)
                self._file = None


def _write_all(file: int, data: bytes) -> None:
    """os.write may take only a part, for instance on a full disk."""
    view = memoryview(data)
    while view:
        view = view[os.write(file, view) :]
