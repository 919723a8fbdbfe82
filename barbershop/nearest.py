"""The known word that a mistyped one probably meant."""

import difflib
import re
from collections.abc import Iterable

LONGEST = 60  # characters compared; the time taken grows with their square
ALMOST = 0.8  # a slip of the finger
ALIKE = 0.6
LEAST_PART = 4  # fewer letters stand in too many words
_SEPARATORS = re.compile(r"[\s_-]+")


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word most like ``word``, or nothing when none is alike.

    A slip of the finger comes first, then the first known word that ends with the given one, or
    else contains it: ``first_name`` means ``customer_first_name`` where that is the first such.
    """
    known = _in_order(known)
    given = str(word)[:LONGEST].lower()
    return _closest(given, known, ALMOST) or _part(given, known) or _closest(given, known, ALIKE)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A half sentence to put after "Unknown field.": the nearest word, or all that are known."""
    known = _in_order(known)
    match = nearest(word, known)
    if match:
        return f"Did you mean {match}?"
    return f"Known are: {', '.join(sorted(known))}." if known else "None is known here."


def _in_order(known: Iterable[str]) -> list[str]:
    """The order in which they are given says which comes first; a set has none of its own."""
    return sorted(known) if isinstance(known, set | frozenset) else list(known)


def _closest(given: str, known: list[str], cutoff: float) -> str | None:
    return next(iter(difflib.get_close_matches(given, known, n=1, cutoff=cutoff)), None)


def _part(given: str, known: list[str]) -> str | None:
    if len(_letters(given)) < LEAST_PART:
        return None
    bare = {name: _letters(name) for name in known}
    ending = [name for name in known if bare[name].endswith(_letters(given))]
    holding = [name for name in known if _letters(given) in bare[name]]
    return next(iter(ending or holding), None)


def _letters(word: str) -> str:
    """``first name``, ``first-name`` and ``firstname`` are the same part of a longer word."""
    return _SEPARATORS.sub("", word)
