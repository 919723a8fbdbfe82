"""Words that a shop makes up itself, such as tags and categories: when two of them are one.

"Do Not Text", "do not text" and "do  not text" are one word, shown as it was written first.
"""

import re
import unicodedata
from collections.abc import Iterable

SHORTEST = 3  # letters; in shorter words one other letter is another word
LONG = 8  # letters; from here on two slips are forgiven
_DIGITS = re.compile(r"\d+")


def folded(word: str) -> str:
    """The form in which words are compared: no capitals, single spaces, one way to write é."""
    return written(unicodedata.normalize("NFKC", word).casefold())


def written(word: str) -> str:
    """The form in which a word is stored: as it was given, with single spaces."""
    return " ".join(word.split())


def once(words: Iterable[str]) -> list[str]:
    """Each word once, as it is written first; empty ones are none."""
    found: dict[str, str] = {}
    for word in words:
        found.setdefault(folded(word), written(word))
    return [word for form, word in found.items() if form]


def slip_of(word: str, known: Iterable[str]) -> str | None:
    """The known word that ``word`` is probably a misspelling of.

    A slip is a letter too many, too few, another one, or two in each other's place: one in a
    word of at least three letters, two from eight letters on. "vip 2026" is no slip of "vip 2027".
    Narrower than ``barbershop.nearest``: a shop may mean a word that nobody has yet.
    """
    given = folded(word)
    numbers = _DIGITS.findall(given)
    alike = []
    for other in known:
        form = folded(other)
        shorter = min(len(given), len(form))
        most = 2 if shorter >= LONG else 1 if shorter >= SHORTEST else 0
        if abs(len(given) - len(form)) <= most and _DIGITS.findall(form) == numbers:
            slips = _slips(given, form)
            if slips <= most:
                alike.append((slips, other))
    return min(alike)[1] if alike else None


def _slips(one: str, other: str) -> int:
    """Optimal string alignment distance (Damerau 1964, without crossing transpositions)."""
    before, last = [], list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        row = [i]
        for j, wanted in enumerate(other, start=1):
            least = min(last[j] + 1, row[-1] + 1, last[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                least = min(least, before[j - 2] + 1)
            row.append(least)
        before, last = last, row
    return last[-1]
