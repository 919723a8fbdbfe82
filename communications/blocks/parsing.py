"""The one parser of an email's ``blocks``."""

import re
from collections.abc import Callable

from barbershop.nearest import did_you_mean
from communications import liquid
from communications.addresses import begins_well
from communications.visit_facts import MOST_TIMES

MOST_BLOCKS = 60
LONGEST_TEXT = 20_000
LONGEST_LINE = 250
LONGEST_URL = 2_000
# By type: what it must have, and what it may have besides.
TYPES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "heading": (("text",), ()),
    "text": (("text",), ()),
    "image": (("url",), ("alt", "link")),
    "button": (("label", "url"), ()),
    "offer": ((), ("text",)),
    "divider": ((), ()),
    "openings": ((), ("count", "text")),
}
_LIMITS = {"label": LONGEST_LINE, "alt": LONGEST_LINE, "url": LONGEST_URL, "link": LONGEST_URL}
_IMAGE = re.compile(r"https?://[^\s/{}]+[^\s{}]*\Z")

Wrong = Callable[[str, str], str]


def parse(raw, *, wrong: Wrong) -> tuple[tuple[dict, ...], dict[str, str]]:
    """The blocks in their stored form, and what is wrong by path (``2.url``).

    Args:
        wrong: what is wrong with one text of a certain kind (``line``, ``text`` or ``url``), or
            nothing; the caller's own rules for characters and merge fields.
    """
    if not isinstance(raw, list) or not raw:
        return (), {"": 'Must be a list of blocks such as {"type": "text", "text": "Hello"}.'}
    if len(raw) > MOST_BLOCKS:
        return (), {"": f"At most {MOST_BLOCKS} blocks; there are {len(raw)}."}
    errors: dict[str, str] = {}
    blocks = []
    for index, block in enumerate(raw):
        known, found = _block(block, wrong)
        blocks.append(known)
        errors |= {f"{index}{key and '.'}{key}": said for key, said in found.items()}
    return tuple(blocks), errors


def _block(block, wrong: Wrong) -> tuple[dict, dict[str, str]]:
    if not isinstance(block, dict):
        return {}, {"": "Must be an object."}
    kind = block.get("type")
    if not isinstance(kind, str) or kind not in TYPES:
        return {}, {"type": f"Unknown type. {did_you_mean(str(kind), TYPES)}"}
    required, optional = TYPES[kind]
    known = ("type", *required, *optional)
    errors = {
        str(key)[:60]: f"Unknown key. {did_you_mean(str(key), known)}"
        for key in block
        if key not in known
    }
    for key in (*required, *optional):
        value = block.get(key)
        if value is None or value == "":
            if key in required:
                errors[key] = "This field is required."
        elif said := _wrong_value(kind, key, value, wrong):
            errors[key] = said
    return {key: value for key in known if (value := _stored(kind, key, block)) is not None}, errors


def _stored(kind: str, key: str, block: dict):
    """A value as it is kept; None for what is left out. A picture without words is decorative, and
    programs for mail must hear of it: they read its address aloud where there is no ``alt``."""
    value = block.get(key)
    if kind == "image" and key == "alt":
        return value or ""
    return None if value == "" else value


def _wrong_value(kind: str, key: str, value, wrong: Wrong) -> str:
    if key == "count":
        is_right = type(value) is int and 1 <= value <= MOST_TIMES
        return "" if is_right else f"Must be a number from 1 to {MOST_TIMES}."
    if not isinstance(value, str):
        return "Must be a text."
    limit = _LIMITS.get(key, LONGEST_TEXT)
    if len(value) > limit:
        return f"At most {limit:,} characters; this has {len(value):,}."
    if kind == "image" and key == "url":
        said = wrong("", value)
        return said or ("" if _IMAGE.match(value) else "Must be a web address without Liquid.")
    if key in ("url", "link"):
        return wrong("url", value) or wrong_address(value)
    return wrong("line" if key in _LIMITS else "text", value)


def wrong_address(value: str) -> str:
    """What is wrong with the address of a link, in which Liquid may stand."""
    tokens = liquid.read(value)
    texts = [token.text for token in tokens if isinstance(token, liquid.Text)]
    if begins_well(tokens) and not re.search(r"[\s<>\"]", "".join(texts)):
        return ""
    return (
        "An address begins with https://, mailto: or tel:, or is a merge field such as "
        "{{ booking_link }}, and has no spaces."
    )
