"""Readers for the values of criteria: each takes ``(raw, path)`` and returns what was meant.

JSON's ``true`` is no number here, although Python's is.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from barbershop.nearest import did_you_mean, nearest
from customers.criteria.errors import CriteriaError

MAX_ITEMS = 100
MAX_TEXT = 120


@dataclass(frozen=True)
class Range:
    """From ``min`` to ``max``, both included; either may be open."""

    min: int | None = None
    max: int | None = None

    def says(self, unit: str) -> str:
        if self.min is None:
            return f"at most {self.max:,} {unit}".strip()
        if self.max is None:
            return f"at least {self.min:,} {unit}".strip()
        if self.min == self.max:
            return f"exactly {self.min:,} {unit}".strip()
        return f"{self.min:,} to {self.max:,} {unit}".strip()


def whole_number(raw, path: str, *, least: int = 0, most: int) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int):
        raise CriteriaError(path, "Write a whole number.")
    if not least <= raw <= most:
        raise CriteriaError(path, f"Write a number from {least:,} to {most:,}.")
    return raw


def number_range(*, most: int) -> Callable[[object, str], Range]:
    """A reader of ``{"min": …, "max": …}``, one of them at least."""

    def read(raw, path: str) -> Range:
        if not isinstance(raw, dict):
            raise CriteriaError(path, 'Write an object such as {"min": 30, "max": 90}.')
        for key in raw:
            if key not in {"min", "max"}:
                shown = json.dumps(key)[1:-1][:80]
                raise CriteriaError(
                    f"{path}.{shown}",
                    f'"{shown}" is not known here. {did_you_mean(key, ("min", "max"))}',
                )
        if not raw:
            raise CriteriaError(path, "Give min, max or both.")
        ends = {key: whole_number(raw[key], f"{path}.{key}", most=most) for key in raw}
        found = Range(**ends)
        if None not in (found.min, found.max) and found.min > found.max:
            raise CriteriaError(path, f"min ({found.min}) is greater than max ({found.max}).")
        return found

    return read


def text(raw, path: str) -> str:
    if not isinstance(raw, str) or not raw.strip():
        raise CriteriaError(path, "Write some text.")
    if len(raw) > MAX_TEXT or not raw.isprintable():
        raise CriteriaError(path, f"Write at most {MAX_TEXT} ordinary characters.")
    return raw.strip()


def boolean(raw, path: str) -> bool:
    if not isinstance(raw, bool):
        raise CriteriaError(path, "Write true or false.")
    return raw


def word_of(known: Iterable[str]) -> Callable[[object, str], str]:
    """A reader of one word out of ``known``."""
    words = list(known)

    def read(raw, path: str) -> str:
        if not isinstance(raw, str) or raw not in words:
            match = nearest(raw, words) if isinstance(raw, str) else None
            hint = f" Did you mean {match}?" if match else ""
            raise CriteriaError(path, f"Write one of {', '.join(words)}.{hint}")
        return raw

    return read


def one_or_more(reader: Callable) -> Callable[[object, str], tuple]:
    """A reader of one value or a list of them; what is said twice counts once."""

    def read(raw, path: str) -> tuple:
        if not isinstance(raw, list):
            return (reader(raw, path),)
        if not 1 <= len(raw) <= MAX_ITEMS:
            raise CriteriaError(path, f"Give 1 to {MAX_ITEMS} values.")
        found = (reader(item, f"{path}.{index}") for index, item in enumerate(raw))
        return tuple(dict.fromkeys(found))

    return read


def any_of(items: Iterable[object]) -> str:
    """``a``, ``a or b``, ``a, b or c``."""
    words = [str(item) for item in items]
    return " or ".join(filter(None, [", ".join(words[:-1]), words[-1]]))
