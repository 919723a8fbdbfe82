"""The known word that a mistyped one probably meant."""

import difflib
from collections.abc import Iterable


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word most like ``word``, or nothing when none is alike."""
    matches = difflib.get_close_matches(str(word).lower(), list(known), n=1, cutoff=0.6)
    return matches[0] if matches else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A half sentence to put after "Unknown field.": the nearest word, or all that are known."""
    known = sorted(known)
    match = nearest(word, known)
    if match:
        return f"Did you mean {match}?"
    return f"Known are: {', '.join(known)}." if known else "None is known here."
