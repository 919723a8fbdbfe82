"""What is left of a message without the shop's name, the footer and the way to stop."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import replace

from campaigns.content import ChannelContent
from campaigns.filling import Filling
from communications import blocks
from communications.compiled import Compiled, compile_text
from communications.markup import Marks
from communications.rendering import Prepared
from customers.channels import Channel

MESSAGE_EMPTY, SUBJECT_EMPTY = "message_empty", "subject_empty"
_NOTHING = Compiled(("",), ())
_IMAGE = re.compile(r"<img\b(?:[^\">]|\"[^\"]*\")*>")  # as the sanitiser writes it
_SEEN = "image"  # stands for what shows something without a word


def of(
    part: ChannelContent, prepared: Prepared, *, booking_url: str, common: Mapping[str, str]
) -> dict[str, Filling]:
    """By the code of a finding, the owner's own words, where they may be empty for somebody.

    A text with words outside its conditions, as most have, needs no look for each reader.
    """
    found = {MESSAGE_EMPTY: compile_text(_body(part), links=[], booking_url=booking_url)}
    if part.channel == Channel.EMAIL:
        found[SUBJECT_EMPTY] = prepared.subject
    return {
        code: Filling(
            replace(prepared, subject=_NOTHING, text=words, html=_NOTHING),
            common=common,
            notes_gaps=False,
        )
        for code, words in found.items()
        if is_blank("".join(words.literals))
    }


def is_blank(text: str) -> bool:
    """Whether a reader sees nothing: spaces and signs without a shape."""
    return all(unicodedata.category(char)[0] in "ZC" for char in text)


def _body(part: ChannelContent) -> str:
    """What most readers see: the HTML where an email has some, as a text with its Liquid."""
    if part.blocks:
        if any(block["type"] == "image" for block in part.blocks):
            return _SEEN
        return blocks.text_of_blocks(tuple(b for b in part.blocks if b["type"] != "divider"))
    if part.html:
        marks = Marks()
        marked = marks.put(blocks.sanitised(part.html))
        return blocks.text_of_html(marks.restored(_IMAGE.sub(_SEEN, marked)))
    return part.message
