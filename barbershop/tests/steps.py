"""How much work something is, as a number that is the same on every machine."""

import sys
from collections.abc import Callable
from typing import TypeVar

Made = TypeVar("Made")


def within(most: int, do: Callable[[], Made]) -> Made:
    """What ``do()`` gives.

    Args:
        most: calls that it may make in this thread, those into C among them.

    Raises:
        AssertionError: at the first call more, so that what takes for ever ends too.
    """
    made = 0

    def count(frame, event, arg) -> None:
        nonlocal made
        made += event in ("call", "c_call")
        if made > most:
            sys.setprofile(None)
            raise AssertionError(f"more than {most:,} calls")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        return do()
    finally:
        sys.setprofile(before)
