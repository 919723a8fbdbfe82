"""Readers for the values of criteria: each takes ``(raw, path)`` and returns what was meant.

JSON's ``true`` is no number here, although Python's is.
"""

import datetime as dt
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from barbershop.nearest import did_you_mean, nearest
from barbershop.templatetags import ui
from customers.channels import Channel
from customers.criteria.errors import CriteriaError

MAX_ITEMS = 100
MAX_TEXT = 120


@dataclass(frozen=True)
class Range:
    """From ``min`` to ``max``, both included; either may be open."""

    min: int | None = None
    max: int | None = None

    def says(self, unit: str) -> str:
        """In words, with the unit in the plural: ``at least 2 times``, ``at most 1 time``."""
        if self.is_of(1):
            unit = unit.removesuffix("s")
        return self.says_as(lambda number: f"{number:,}") + f" {unit}".rstrip()

    def is_of(self, number: int) -> bool:
        """Whether it says this number alone: ``exactly 1``, ``at most 1``, but not ``0 to 1``."""
        return {self.min, self.max} - {None} == {number}

    def says_as(self, written: Callable[[int], str]) -> str:
        """In words, each end written by ``written``."""
        if self.min is None:
            return f"at most {written(self.max)}"
        if self.max is None:
            return f"at least {written(self.min)}"
        if self.min == self.max:
            return f"exactly {written(self.min)}"
        return f"{written(self.min)} to {written(self.max)}"


def whole_number(raw, path: str, *, least: int = 0, most: int) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int):
        raise CriteriaError(path, "Write a whole number.")
    if not least <= raw <= most:
        raise CriteriaError(path, f"Write a number from {least:,} to {most:,}.")
    return raw


def fields(raw, path: str, readers: dict[str, Callable], *, like: str) -> dict:
    """The values of an object, each by its own reader; an unknown key is refused by name."""
    if not isinstance(raw, dict):
        raise CriteriaError(path, f"Write an object such as {like}.")
    for key in raw:
        if key not in readers:
            shown = json.dumps(key)[1:-1][:80]
            raise CriteriaError(
                f"{path}.{shown}", f'"{shown}" is not known here. {did_you_mean(key, readers)}'
            )
    return {key: readers[key](value, f"{path}.{key}") for key, value in raw.items()}


def ends(most: int, reader: Callable | None = None) -> dict[str, Callable]:
    """Readers of ``min`` and ``max``."""
    reader = reader or number(most=most)
    return {"min": reader, "max": reader}


def range_of(found: dict, path: str) -> Range:
    """What ``min`` and ``max`` among read values mean together."""
    least, most = found.get("min"), found.get("max")
    if least is None and most is None:
        raise CriteriaError(path, "Give min, max or both.")
    if None not in (least, most) and least > most:
        raise CriteriaError(path, f"min ({least}) is greater than max ({most}).")
    return Range(least, most)


def number(*, least: int = 0, most: int) -> Callable[[object, str], int]:
    """A reader of one whole number."""
    return lambda raw, path: whole_number(raw, path, least=least, most=most)


def number_range(*, most: int) -> Callable[[object, str], Range]:
    """A reader of ``{"min": …, "max": …}``, one of them at least."""

    def read(raw, path: str) -> Range:
        return range_of(fields(raw, path, ends(most), like='{"min": 30, "max": 90}'), path)

    return read


def date(raw, path: str) -> dt.date:
    """A day as ``YYYY-MM-DD``."""
    try:
        found = dt.date.fromisoformat(raw) if isinstance(raw, str) and len(raw) == 10 else None
    except ValueError:
        found = None
    if found is None or not 1900 <= found.year <= 2200:
        raise CriteriaError(path, 'Write a day such as "2026-05-31".')
    return found


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


def all_of(items: Iterable[object]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    words = [str(item) for item in items]
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def channel_word(channel: str) -> str:
    """A channel within a sentence: ``email``, ``SMS``."""
    return {Channel.EMAIL: "email"}.get(channel) or Channel(channel).label


def in_money(amount: int, shop) -> str:
    """Minor units in the shop's currency: ``$120.00``."""
    return ui.money(amount, shop.currency)


def on(moment: dt.datetime, shop) -> str:
    """A moment's day where the shop is."""
    return f"{moment.astimezone(shop.zone):%Y-%m-%d}"


# Schemas in the words of JSON Schema, for documentation and for forms.
def range_schema(*, most: int, **more) -> dict:
    one = {"type": "integer", "minimum": 0, "maximum": most}
    return {
        "type": "object",
        "properties": {"min": one, "max": one, **more},
        "anyOf": [{"required": ["min"]}, {"required": ["max"]}],
        "additionalProperties": False,
    }


def list_schema(one: dict) -> dict:
    return {"oneOf": [one, {"type": "array", "items": one, "minItems": 1, "maxItems": MAX_ITEMS}]}


TEXT_SCHEMA = {"type": "string", "maxLength": MAX_TEXT}
