"""What is stored of blocks is read back as it was judged: one parser, twice."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from communications import blocks
from communications.blocks.parsing import TYPES
from communications.rendering import render_email
from communications.tests.drafted import draft, row

WORDS = st.sampled_from(["Hello", "Hi {{ customer_first_name }}", "é", "-"])
ADDRESSES = st.sampled_from(["https://shop.com/a.png", "https://shop.com/b?c=1&d=2"])
EMPTY = st.sampled_from(["", None])
GIVEN = {
    "text": WORDS,
    "label": WORDS,
    "alt": WORDS,
    "url": ADDRESSES,
    "link": ADDRESSES,
    "count": st.integers(1, 10),
}


def fine(kind, text):
    return ""


@st.composite
def block(draw) -> dict:
    """Any block that may be stored; what it may have besides is given, empty or left out."""
    kind = draw(st.sampled_from(sorted(TYPES)))
    required, optional = TYPES[kind]
    found = {"type": kind} | {name: draw(GIVEN[name]) for name in required}
    for name in optional:
        if draw(st.booleans()):
            found[name] = draw(GIVEN[name] | EMPTY)
    return found


@settings(derandomize=True, deadline=None)
@given(st.lists(block(), min_size=1, max_size=8))
def test_what_is_stored_is_read_back_as_it_was(written):
    stored, wrong = blocks.parse(written, wrong=fine)
    again, wrong_again = blocks.parse(list(stored), wrong=fine)

    assert (wrong, wrong_again) == ({}, {})
    assert again == stored
    assert blocks.text_of_blocks(again) == blocks.text_of_blocks(stored)


@pytest.mark.parametrize("more", [{}, {"alt": ""}, {"alt": None}])
def test_a_picture_without_words_is_decorative(more):
    stored, wrong = blocks.parse(
        [{"type": "image", "url": "https://x.com/a.png"} | more], wrong=fine
    )

    assert wrong == {}
    assert stored == ({"type": "image", "url": "https://x.com/a.png", "alt": ""},)
    page = render_email(draft(blocks.text_of_blocks(stored), blocks=stored, subject="x"), row())
    (picture,) = re.findall(r'<img[^>]*src="https://x.com/a.png"[^>]*>', page.html)
    assert re.search(r' alt(="")?[ >/]', picture)
