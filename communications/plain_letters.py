"""What may stand for a character that a text message has to be written in UCS-2 for."""

import re
import unicodedata

from communications.sms_segments import count, safe_replacement

# As Unicode names them: LATIN CAPITAL LETTER L WITH STROKE, LATIN SMALL LIGATURE OE.
_LATIN = re.compile(
    r"LATIN (CAPITAL|SMALL) (?:LETTER|LIGATURE) (?:DOTLESS )?([A-Z]{1,2})(?: WITH .+)?"
)
_STRAIGHT = {'"': "a straight quotation mark", "'": "a straight apostrophe"}


def replacement(char: str) -> str | None:
    """What reads nearly the same in GSM-7; empty for what may be left out, such as an emoji.

    None where nothing is known: a letter of another alphabet cannot be left out of a name.
    """
    found = safe_replacement(char)
    if found is not None:
        return found
    letter = _LATIN.fullmatch(unicodedata.name(char, ""))
    if letter:
        return letter[2] if letter[1] == "CAPITAL" else letter[2].lower()
    return None if unicodedata.category(char)[0] in "LN" else ""


def plain(text: str, *, instead: str | None = None) -> str:
    """The text with every culprit replaced.

    Args:
        instead: of those for which nothing is known; they stay where it is not given.
    """
    found = {}
    for char in count(text).culprits:
        known = replacement(char)
        found[ord(char)] = (instead if instead is not None else char) if known is None else known
    return text.translate(found) if found else text


def named(char: str) -> str:
    """A character as it may be shown in a sentence: what cannot be seen goes by its name, and so
    does a quotation mark, which would be taken for one of the sentence."""
    is_seen = char.isprintable() and not char.isspace() and not unicodedata.combining(char)
    is_seen = is_seen and unicodedata.category(char) != "Mn" and safe_replacement(char) != '"'
    return char if is_seen else unicodedata.name(char, f"U+{ord(char):04X}").lower()


def quoted(char: str) -> str:
    """The same in quotation marks, or its name with an article."""
    name = named(char)
    return f"“{char}”" if name == char else f"the {name}"


def stand_in(instead: str) -> str:
    """A replacement as a sentence may hold it: ``nothing``, ``a space``, ``“L”``."""
    if not instead.strip():
        return "a space" if instead else "nothing"
    return _STRAIGHT.get(instead) or f"“{instead}”"
