"""Errors that the product catches and logs."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager


class Errors(logging.Handler):
    def __init__(self):
        super().__init__(level=logging.ERROR)
        self.seen: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.seen.append(self.format(record))


@contextmanager
def collected() -> Iterator[Errors]:
    """What ``communications`` logs as an error meanwhile."""
    errors = Errors()
    logger = logging.getLogger("communications")
    logger.addHandler(errors)
    try:
        yield errors
    finally:
        logger.removeHandler(errors)
