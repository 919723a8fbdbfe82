"""When two words of a shop's own making are one, and when one is a misspelling of the other."""

import pytest

from customers.shop_words import folded, once, slip_of, written


@pytest.mark.parametrize(
    "word",
    ["do not text", "Do Not Text", "DO NOT  TEXT", " do\tnot\u00a0text\n", "\uff44\uff4f not text"],
)
def test_capitals_spaces_and_widths_do_not_tell_words_apart(word):
    assert folded(word) == "do not text"


def test_letters_do():
    assert folded("do-not-text") != folded("do not text")
    assert folded("José") == folded("JOSE\u0301") != folded("Jose")
    assert folded("Straße") == folded("STRASSE")


def test_a_word_is_stored_as_it_is_written_first_with_single_spaces():
    assert written("  Do   Not Text ") == "Do Not Text"
    assert once(["Do  Not Text", " ", "vip", "do not text", "VIP"]) == ["Do Not Text", "vip"]


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("gaum", "guam"),  # two letters in each other's place
        ("gum", "guam"),
        ("guamm", "guam"),
        ("GUEM", "guam"),
        ("vpi", "VIP"),
        ("donot text", "Do Not Text"),
        ("do-not-text", "Do Not Text"),
        ("do nto tetx", "Do Not Text"),
        ("nto txet", None),
        ("guam beard", None),
        ("vip 2027", None),  # another year is another tag
        ("vip  2062", None),
        ("vpi 2026", "vip 2026"),
        ("X", None),
        ("XL", None),
        ("kids", "kid"),
    ],
)
def test_only_a_slip_is_taken_for_a_misspelling(word, meant):
    known = ["Do Not Text", "VIP", "guam", "vip 2026", "L", "XXL", "kid"]

    assert slip_of(word, known) == meant
