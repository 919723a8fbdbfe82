"""Many hands at the same moment, each with a database connection of its own."""

import fcntl
import os
import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from django.db import connections

Result = TypeVar("Result")
PATIENCE = 60  # seconds until all have come
LOCK = Path(tempfile.gettempdir()) / f"barbershop-tests-{os.getuid()}.lock"


def at_once(hands: int, work: Callable[[int], Result]) -> list[Result]:
    """What ``work(0)``, ``work(1)`` and so on return when all of them begin together.

    On SQLite the test's database must be in a file (``database_in_a_file``): one in memory has
    no room for a second connection that writes.
    """
    start = threading.Barrier(hands)

    def one(number: int) -> Result:
        try:
            start.wait(timeout=PATIENCE)
            return work(number)
        finally:
            connections.close_all()

    # One crowd at a time: two would ask PostgreSQL for more connections than it has.
    with LOCK.open("w") as lock, ThreadPoolExecutor(hands) as pool:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return list(pool.map(one, range(hands)))
