"""Bringing what people type into one plain form, so that rules need not know every way to write.

"S.T.0.P!!", "stoppp" and "sotp" all become "stop"; accents, case and apostrophes go.
"""

import re
import unicodedata
from functools import lru_cache

from communications.inbound.languages import KEYWORDS, TYPOS

LONGEST = 2000  # characters of an answer that are read

# Letters of other alphabets that look like Latin ones.
_LOOK_ALIKES = str.maketrans(
    "авеёзікмнорсѕтухјһԁԛԝɩɪıαβεηικνορτυχϲΙ",
    "abee3ikmhopcstyxjhdqwiiiabenikvoptyxci",
)
_DIGITS_AS_LETTERS = str.maketrans("0134579$@!|", "oieastgsail")
_SIGNS = {" stopsign ": "🛑⛔🚫✋", " insultsign ": "🖕🤬", " angersign ": "😡😠👎❌"}
_EMOJI = {ord(sign): name for name, signs in _SIGNS.items() for sign in signs}
_APOSTROPHES = str.maketrans(dict.fromkeys("\u2019\u2018\u00b4`", "'"))
_ELISION = re.compile(r"\b([cdjlmnst]|qu)'(?=\w\w)")
_SENTENCE_END = re.compile(r"[.!?;\n\r]+")
_WORD = re.compile(r"[a-z0-9$@|]+(?:!(?=[a-z]))?[a-z0-9$@|]*|\.")
_SPELT_OUT = re.compile(r"(?<!\S)(?:[a-z][\s.*_-]+){2,}[a-z](?![a-z])")
# "d0nt" and "n0t", but neither "3pm" nor "1st", nor a word whose digits look like no letter.
_MIXED = re.compile(r"(?=.*[a-z])(?=.*\d)[a-z0134579]+")
_TIME = re.compile(r"\d+(?:[ap]m?|st|nd|rd|th|h|hrs?|mins?|m|s|k|x|ft|in|yo|yrs?|oclock|ish)")
_RUN = re.compile(r"(.)\1+")


def plain(body: str) -> str:
    """Words in small Latin letters with one space between; " . " where a sentence ends."""
    text = _folded(body).replace("'", "")
    text = _SPELT_OUT.sub(_joined, text)
    text = _SENTENCE_END.sub(" . ", text)
    words = (_known(word) for word in _WORD.findall(text))
    return " ".join(word for word in words if word).strip(" .")


def letters(body: str) -> str:
    """Every letter of the text and nothing else: "S T-O.P!" is "stop"."""
    return "".join(c for c in _folded(body, signs=False) if c.isascii() and c.isalpha())


def is_foreign(body: str) -> bool:
    """Whether most letters are of an alphabet that the rules do not know."""
    found = [char for char in _folded(body, signs=False) if char.isalpha()]
    return sum(not char.isascii() for char in found) * 2 > len(found)


def _folded(body: str, *, signs: bool = True) -> str:
    text = unicodedata.normalize("NFKC", body[:LONGEST]).casefold().translate(_LOOK_ALIKES)
    if signs:
        text = text.translate(_EMOJI)
    decomposed = unicodedata.normalize("NFD", text)
    # Accents, and what has no width at all.
    kept = (c for c in decomposed if unicodedata.category(c) not in {"Mn", "Cf", "Me"})
    text = "".join(kept)
    return _ELISION.sub(r"\1 ", text.translate(_APOSTROPHES))


def _joined(match: re.Match) -> str:
    """ "s.t.o.p" as one word, but only when it makes one that counts."""
    word = "".join(filter(str.isalpha, match[0]))
    return f" {word} " if word in KEYWORDS else match[0]


@lru_cache(maxsize=4096)
def _known(word: str) -> str:
    """The word that was meant, as far as it is one of those that count."""
    if word in KEYWORDS or word == "." or word.isdigit():
        return word
    spelt = word.translate(_DIGITS_AS_LETTERS)
    for guess in (spelt, TYPOS.get(spelt, ""), _RUN.sub(r"\1", spelt), _RUN.sub(r"\1\1", spelt)):
        if guess in KEYWORDS:
            return guess
    if _MIXED.fullmatch(word) and not _TIME.fullmatch(word):
        word = spelt
    return _nearest(word) or word


def _nearest(word: str) -> str:
    """A long keyword with one slip of the finger in it; two in the longest."""
    if len(word) < 7:
        return ""
    for keyword in _LONG:
        slips = 2 if len(keyword) >= 10 else 1
        if abs(len(keyword) - len(word)) <= slips and _distance(word, keyword) <= slips:
            return keyword
    return ""


_LONG = tuple(sorted(word for word in KEYWORDS if len(word) >= 7))


def _distance(one: str, other: str) -> int:
    """Damerau and Levenshtein's: letters to add, drop, replace, or swap with the next one."""
    before_last: list[int] = []
    last = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        row = [i]
        for j, b in enumerate(other, 1):
            cost = min(last[j] + 1, row[-1] + 1, last[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, before_last[j - 2] + 1)
            row.append(cost)
        before_last, last = last, row
    return last[-1]
