"""How many parts a text message is cut into, and why.

Sizes come from GSM 03.38 (7-bit) and UCS-2 (16-bit): a part carries 140 octets, and each part of
a longer message gives six of them to the header that joins it to the others. Twilio bills by
part, so this is what a message costs.
"""

import re
from dataclasses import dataclass
from math import ceil

GSM_7 = "GSM-7"
UCS_2 = "UCS-2"

GSM_SINGLE, GSM_PART = 160, 153
UCS_SINGLE, UCS_PART = 70, 67
LONGEST = 1_600  # characters that Twilio takes in one call (its error 21617)

_GSM_BASIC = (
    "@\xa3$\xa5\xe8\xe9\xf9\xec\xf2\xc7\n\xd8\xf8\r\xc5\xe5"
    "\u0394_\u03a6\u0393\u039b\u03a9\u03a0\u03a8\u03a3\u0398\u039e\xc6\xe6\xdf\xc9"
    " !\"#\xa4%&'()*+,-./0123456789:;<=>?"
    "\xa1ABCDEFGHIJKLMNOPQRSTUVWXYZ\xc4\xd6\xd1\xdc\xa7"
    "\xbfabcdefghijklmnopqrstuvwxyz\xe4\xf6\xf1\xfc\xe0"
)
# Reached through an escape, so each costs two septets.
_GSM_EXTENSION = "\f^{}\\[~]|\u20ac"

_OUTSIDE_GSM = re.compile(f"[^{re.escape(_GSM_BASIC + _GSM_EXTENSION)}]")
_EXTENDED = re.compile(f"[{re.escape(_GSM_EXTENSION)}]")

# Twilio's smart encoding (message-segment-calculator, MIT): replacement -> the characters it is
# for. Several replacements are longer than the character, as theirs are.
_SMART = {
    '"': ("\xab\xbb\u201c\u201d\u02ba\u02ee\u201f\u201e\u275d\u275e\u301d\u301e\uff02"),
    "'": (
        "\u2018\u2019\u02bb\u02c8\u02bc\u02bd\u02b9\u201b\uff07\xb4\u02ca`"
        "\u02cb\u275b\u275c\u0313\u0314\ufe10\ufe11"
    ),
    "/": "\xf7\u29f8\u0337\u0338\u2044\u2215\uff0f",
    "1/4": "\xbc",
    "1/2": "\xbd",
    "3/4": "\xbe",
    "\\": "\u29f9\u29f5\u20e5\ufe68\uff3c",
    "_": "\u0332\uff3f\u2017",
    "|": "\u20d2\u20d3\u2223\uff5c\u23b8\u23b9\u23d0\u239c\u239f",
    "-": "\u23bc\u23bd\u2015\ufe63\uff0d\u2010\u2043\u2014\u2013\u2022",
    "@": "\ufe6b\uff20",
    "$": "\ufe69\uff04",
    "!": "\u01c3\ufe15\ufe57\uff01",
    "#": "\ufe5f\uff03",
    "%": "\ufe6a\uff05",
    "&": "\ufe60\uff06",
    ",": "\u201a\u0326\ufe50\ufe51\uff0c\uff64\u3001",
    "(": "\u2768\u276a\ufe59\uff08\u27ee\u2985",
    ")": "\u2769\u276b\ufe5a\uff09\u27ef\u2986",
    "*": (
        "\u204e\u2217\u229b\u2722\u2723\u2724\u2725\u2731\u2732\u2733\u273a\u273b"
        "\u273c\u273d\u2743\u2749\u274a\u274b\u29c6\ufe61\uff0a"
    ),
    "+": "\u02d6\ufe62\uff0b",
    ".": "\u3002\ufe52\uff0e\uff61",
    "0": "\uff10",
    "1": "\uff11",
    "2": "\uff12",
    "3": "\uff13",
    "4": "\uff14",
    "5": "\uff15",
    "6": "\uff16",
    "7": "\uff17",
    "8": "\uff18",
    "9": "\uff19",
    ":": "\u02d0\u02f8\u2982\ua789\ufe13\uff1a",
    ";": "\u204f\ufe14\ufe54\uff1b",
    "<": "\ufe64\uff1c\u2039",
    "=": "\u0347\ua78a\ufe66\uff1d",
    ">": "\ufe65\uff1e\u203a",
    "?": "\ufe16\ufe56\uff1f",
    "A": "\uff21\u1d00",
    "B": "\uff22\u0299",
    "C": "\uff23\u1d04",
    "D": "\uff24\u1d05",
    "E": "\uff25\u1d07",
    "F": "\uff26\ua730",
    "G": "\uff27\u0262",
    "H": "\uff28\u029c",
    "I": "\uff29\u026a",
    "J": "\uff2a\u1d0a",
    "K": "\uff2b\u1d0b",
    "L": "\uff2c\u029f",
    "M": "\uff2d\u1d0d",
    "N": "\uff2e\u0274",
    "O": "\uff2f\u1d0f",
    "P": "\uff30\u1d18",
    "Q": "\uff31",
    "R": "\uff32\u0280",
    "S": "\uff33\ua731",
    "T": "\uff34\u1d1b",
    "U": "\uff35\u1d1c",
    "V": "\uff36\u1d20",
    "W": "\uff37\u1d21",
    "X": "\uff38",
    "Y": "\uff39\u028f",
    "Z": "\uff3a\u1d22",
    "^": "\u02c6\u0302\uff3e\u1dcd",
    "{": "\u2774\ufe5b\uff5b",
    "}": "\u2775\ufe5c\uff5d",
    "[": "\uff3b",
    "]": "\uff3d",
    "~": "\u02dc\u02f7\u0303\u0330\u0334\u223c\uff5e",
    "  ": (
        "\xa0\u2000\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f"
        "\u205f\u3000\x8d\x9f\x80\x90\x9b"
    ),
    "": ("\x10\x00\x03\x04\x17\x19\x11\x12\x13\x14\u2060\u200b\u200c\ufeff"),
    "       ": "\x09",
    "!!": "\u203c",
    " ": "\u2028\u2029\u2001",
    "...": "\u2026",
}
_REPLACEMENT = {char: plain for plain, chars in _SMART.items() for char in chars}


@dataclass(frozen=True)
class SmsSegments:
    """The size of one text.

    `units` are septets in GSM-7 and UTF-16 code units in UCS-2. `culprits` are the characters
    that forced UCS-2, each once, in the order they appear.
    """

    encoding: str
    segments: int
    units: int
    culprits: tuple[str, ...] = ()


def count(text: str) -> SmsSegments:
    """Return how `text` is encoded and into how many parts it is cut.

    An escape pair (GSM-7) and a surrogate pair (UCS-2) always stay in one part. An empty text
    counts as one part of no units, as in Twilio's calculator (their API refuses to send it).
    Their calculator also keeps a whole emoji sequence together; networks do not, so a message
    made mostly of long sequences may be counted one part lower here.
    """
    culprits = _OUTSIDE_GSM.findall(text)
    if culprits:
        return _count_ucs_2(text, culprits=tuple(dict.fromkeys(culprits)))
    extended = len(_EXTENDED.findall(text))
    units = len(text) + extended
    if not extended or units <= GSM_SINGLE:
        return SmsSegments(GSM_7, parts_of_septets(units), units)
    widths = (2 if char in _GSM_EXTENSION else 1 for char in text)
    return SmsSegments(GSM_7, _parts(widths, room=GSM_PART), units)


def plain_septets(text: str) -> int | None:
    """Septets of a text that any cut fits; None where pairs or another encoding decide the cuts."""
    return None if _OUTSIDE_GSM.search(text) or _EXTENDED.search(text) else len(text)


def parts_of_septets(units: int) -> int:
    """Parts of a text all of whose pieces are plain."""
    return 1 if units <= GSM_SINGLE else ceil(units / GSM_PART)


def _count_ucs_2(text: str, *, culprits: tuple[str, ...]) -> SmsSegments:
    paired = sum(1 for char in text if char > "\uffff")
    units = len(text) + paired
    if units <= UCS_SINGLE:
        return SmsSegments(UCS_2, 1, units, culprits)
    if not paired:
        return SmsSegments(UCS_2, ceil(units / UCS_PART), units, culprits)
    widths = (2 if char > "\uffff" else 1 for char in text)
    return SmsSegments(UCS_2, _parts(widths, room=UCS_PART), units, culprits)


def _parts(widths, *, room: int) -> int:
    """Fill parts of `room` units one after another, never cutting a character in two."""
    parts, used = 1, 0
    for width in widths:
        if used + width > room:
            parts, used = parts + 1, 0
        used += width
    return parts


def safe_replacement(char: str) -> str | None:
    """Return what may stand for `char` in GSM-7 (possibly empty), or None if nothing is known."""
    return _REPLACEMENT.get(char)
