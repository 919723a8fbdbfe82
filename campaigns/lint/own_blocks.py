"""Merge fields that only our blocks write: people read of the block, not of them."""

from collections.abc import Iterable

from campaigns.filling import Filled
from campaigns.offers import OFFER_FIELDS
from communications.compiled import Slot

OPENINGS, OFFER = "openings", "offer"
WHY = {OPENINGS: "no free times", OFFER: "the campaign has no offer"}
_TIMES = "barber_openings_"  # and so many
_OFFER_WORTH = "offer_in_words"
_OFFER_WORDS = frozenset({"your_code_word", "until_word"})  # in HTML
_OFFER_LINES = frozenset({_OFFER_WORTH, "offer_code", "offer_expires_on"})  # in plain text


def block_of(slot: Slot) -> str:
    """The kind of block that a passage was made for; nothing for one that the owner wrote."""
    names = slot.passage.fields if slot.passage else ()
    if any(name.startswith(_TIMES) for name in names):
        return OPENINGS
    is_offer = not _OFFER_WORDS.isdisjoint(names) or _OFFER_LINES.issubset(names)
    return OFFER if is_offer else ""


def left_out(slot: Slot, filled: Filled) -> str:
    """The kind of block that vanishes with these values, or nothing."""
    kind = block_of(slot)
    if kind == OPENINGS and any(name.startswith(_TIMES) for name in filled.instead):
        return kind
    return kind if kind == OFFER and _OFFER_WORTH in filled.instead else ""


def writable(slot: Slot, names: Iterable[str]) -> list[str]:
    """Those fields of a slot that the owner wrote: not what a block of ours writes of itself."""
    kind = block_of(slot)
    if kind == OPENINGS:
        return [name for name in names if not name.startswith(_TIMES)]
    return [name for name in names if kind != OFFER or name not in _OFFER_LINES | OFFER_FIELDS]


def said(kind: str) -> str:
    """Such as ``the openings block: no free times``."""
    return f"the {kind} block: {WHY[kind]}"
