"""A transaction that the database ended because two waited for each other is begun again."""

import random
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import OperationalError, transaction
from psycopg.errors import DeadlockDetected

TRIES = 5
LONGEST_PAUSE = 0.2  # seconds
Result = TypeVar("Result")


def is_one(error: Exception) -> bool:
    return isinstance(error.__cause__, DeadlockDetected)


def retried(work: Callable[[], Result], *, tries: int = TRIES) -> Result:
    """What ``work`` returns, in a transaction; in a new one when it was ended by a deadlock.

    Within a transaction of somebody else it is tried once: that one has ended as well.
    """
    for left in reversed(range(tries)):
        try:
            with transaction.atomic():
                return work()
        except OperationalError as error:
            if not left or not is_one(error) or transaction.get_connection().in_atomic_block:
                raise
        # Two who begin again at once may meet again.
        time.sleep(random.uniform(0, LONGEST_PAUSE))
    raise AssertionError("not reached: the last try returns or raises")
