"""What may stand in a line that people read."""

import re
import unicodedata

# Controls and line breaks; halves of surrogate pairs, which no encoding writes; and the invisible
# signs that turn the direction of whatever follows a value.
_UNWRITTEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")
SPECIAL = re.compile(r"[&<>\"']")

# A character that a reader sees: neither a space nor one of those that programs draw as nothing
# (Unicode's Default_Ignorable_Code_Point, Hangul's fillers and the empty Braille pattern).
_SEEN = re.compile(
    "[^\\s\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)


def clean(value: str) -> str:
    """A value on one line: control characters and line breaks become a space."""
    return _UNWRITTEN.sub(" ", value) if _UNWRITTEN.search(value) else value


def written_value(value: str) -> str:
    """A value on one line; empty, so that its fallback stands there, when nobody would see any of
    it. A letter with its sign is one character (NFC), as the alphabet of texts has it."""
    said = clean(value)
    if not unicodedata.is_normalized("NFC", said):
        said = unicodedata.normalize("NFC", said)
    return said if _SEEN.search(said) else ""
