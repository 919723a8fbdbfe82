"""How much can stand in one slot at most, whoever reads it: then nobody has to be asked.

A field is always written. A passage is too, when all that it does is known never to fail: liquid
compares numbers with numbers and anything for being the same, and its filters take any value.
"""

import re
from collections.abc import Mapping

from communications.compiled import Passage, Slot
from communications.liquid.expressions import MOST_SHOWN
from communications.liquid.tokens import DIVIDERS, ENDS, NOTHING, WORDS
from communications.merge_fields import MERGE_FIELDS

# Bytes that one character may become: in UTF-8, as an escaped quotation mark, percent-encoded.
IN_TEXT, IN_HTML, IN_URL = 4, 6, 12
_PLACES = {"as_html": IN_HTML, "as_url": IN_URL}
_CASES = frozenset({"capitalize", "downcase", "upcase"})
_CASE_GROWS = 3  # one letter may become three in the other case
_DATE_GROWS = 20  # a letter of a pattern may become the name of a month
_SAME = frozenset({"==", "!=", "<>"})
_ORDERS = frozenset({"<", ">", "<=", ">="})
_PIECE = re.compile(r"{{ (?P<output>.*?) }}|{% (?P<tag>.*?) %}")  # as ``compiled`` writes them
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?\Z")


def most_bytes(slot: Slot, *, characters: Mapping[str, int]) -> int | None:
    """In its plain text or in its HTML, whichever is more; None where nothing is certain.

    Args:
        characters: of the longest value of each merge field, and of each link in a passage
            (``_link_0``); of whatever is not there nothing is known.
    """
    if slot.passage is not None:
        return _of_passage(slot.passage, characters)
    if slot.name not in characters:
        return None
    longest = max(characters[slot.name], len(slot.fallback))
    return longest * (IN_URL if slot.in_url else IN_HTML)


def _of_passage(passage: Passage, characters: Mapping[str, int]) -> int | None:
    """As if all of its branches were written."""
    known = dict(characters) | {name: len(text) for name, text in passage.constants}
    size, end = 0, 0
    for piece in _PIECE.finditer(passage.source):
        size += len(passage.source[end : piece.start()].encode(errors="replace"))
        end = piece.end()
        if piece["tag"] is not None:
            if not _never_fails(piece["tag"].split()):
                return None
            continue
        most = _of_output(piece["output"], known)
        if most is None:
            return None
        size += most
    return size + len(passage.source[end:].encode(errors="replace"))


def _of_output(written: str, known: Mapping[str, int]) -> int | None:
    name, *filters = written.split(" | ")
    if name not in known:
        return None
    longest, place = known[name], IN_TEXT
    for each in filters:
        kind, _, rest = each.partition(": ")
        arguments = rest.split(", ") if rest else []
        if kind in _CASES:
            longest *= _CASE_GROWS
        elif kind in _PLACES:
            place = _PLACES[kind]
        elif kind == "default" and all(_is_known(one, known) for one in arguments):
            longest = max(longest, *(known.get(one, len(one)) for one in arguments))
        elif kind == "truncate":
            longest = min(longest, int(float(arguments[0])) if arguments else MOST_SHOWN)
        elif kind == "date" and all(one in known for one in arguments):
            longest += _DATE_GROWS * sum(known[one] for one in arguments)
        else:
            return None
    return longest * place


def _is_known(argument: str, known: Mapping[str, int]) -> bool:
    return argument in known or argument in NOTHING or bool(_NUMBER.match(argument))


def _never_fails(words: list[str]) -> bool:
    """Whether a tag holds for some and not for others, and fails for nobody."""
    name, *terms = words
    if name not in DIVIDERS and name not in ENDS and name not in {"elsif", "else", "when"}:
        return False
    for place, term in enumerate(terms):
        if term in _ORDERS:
            if not all(map(_is_number, (terms[place - 1], terms[place + 1]))):
                return False
        elif term not in _SAME | WORDS | {","} and not _is_operand(term):
            return False
        elif term == "contains":
            return False  # of a number it fails
    return True


def _is_operand(term: str) -> bool:
    return term in MERGE_FIELDS or term.startswith("_text_") or bool(_NUMBER.match(term))


def _is_number(term: str) -> bool:
    field = MERGE_FIELDS.get(term)
    return bool(_NUMBER.match(term)) or (field is not None and field.is_number)
