"""What programs for texts make of braces unasked: said in words, as it can hardly be seen."""

import re
import unicodedata

_DOUBLE, _SINGLE = "\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033", "\u2018\u2019\u201a\u201b\u2032"
_STRAIGHT = str.maketrans(dict.fromkeys(_DOUBLE, '"') | dict.fromkeys(_SINGLE, "'"))
_CURLY = re.compile(f"[{_DOUBLE}{_SINGLE}]")
_QUOTED = re.compile("\"[^\"]*\"|'[^']*'")
_HYPHENED = re.compile("(?<![\\w-])[A-Za-z_]\\w*(?:[-\u2010\u2011][A-Za-z_]\\w*)+(?![\\w-])")
_HYPHENS = str.maketrans(dict.fromkeys("-\u2010\u2011", "_"))
LONGEST = 60


def of(inside: str, *, braces: tuple[str, str] = ("{{", "}}")) -> str:
    """What is wrong with the words between two braces and how they are written; nothing where no
    such mistake is in them. Only for what could not be read."""

    def written(words: str) -> str:
        return f"{braces[0]} {' '.join(words.split())[:LONGEST]} {braces[1]}"

    bare = _QUOTED.sub("", inside)
    if hidden := next((char for char in bare if unicodedata.category(char) == "Cf"), ""):
        seen = "".join(char for char in inside if unicodedata.category(char) != "Cf")
        name = unicodedata.name(hidden, f"U+{ord(hidden):04X}").lower()
        return (
            f"There is an invisible character in {written(seen)} ({name}): delete the words "
            "between the braces and write them anew."
        )
    if _CURLY.search(bare):
        return f"Write straight quotation marks: {written(inside.translate(_STRAIGHT))}"
    if _HYPHENED.search(bare):
        meant = _outside_quotes(inside, lambda found: found[0].translate(_HYPHENS))
        return f"Did you mean {written(meant)}? A name has underscores, no hyphens."
    return ""


def of_half_quoted(inside: str, *, braces: tuple[str, str]) -> str:
    """The same for words in which a quotation does not end where it seems to."""
    return of(inside, braces=braces) if _CURLY.search(_QUOTED.sub("", inside)) else ""


def _outside_quotes(inside: str, better) -> str:
    parts, end = [], 0
    for quoted in _QUOTED.finditer(inside):
        parts += (_HYPHENED.sub(better, inside[end : quoted.start()]), quoted[0])
        end = quoted.end()
    return "".join([*parts, _HYPHENED.sub(better, inside[end:])])
