"""What may stand for a character outside the alphabet of texts."""

import pytest

from communications.plain_letters import named, plain, replacement
from communications.sms_segments import GSM_7, UCS_2, count


@pytest.mark.parametrize(
    ("char", "instead"),
    [
        ("\u0141", "L"),
        ("\u0142", "l"),
        ("\u0151", "o"),
        ("\u017d", "Z"),
        ("\u00ed", "i"),
        ("\u0131", "i"),
        ("\u0153", "oe"),
        ("\u2019", "'"),
        ("\u2026", "..."),
        ("\U0001f600", ""),
        ("\ufe0f", ""),
        ("\u0447", None),
        ("\u4e2d", None),
        ("\u0665", None),
    ],
)
def test_replacement_reads_nearly_the_same(char, instead):
    assert replacement(char) == instead


def test_every_accented_latin_letter_has_a_stand_in_of_the_alphabet():
    letters = [chr(code) for code in range(0xC0, 0x180) if chr(code).isalpha()]
    unknown = [char for char in letters if replacement(char) is None and count(char).culprits]

    found = "".join(replacement(char) or "" for char in letters if count(char).culprits)

    assert count(found).encoding == GSM_7
    # Eth, thorn, kra, eng and the like are letters of their own, not others with a sign.
    assert unknown == ["\u00d0", "\u00de", "\u00f0", "\u00fe", "\u0138", "\u0149", "\u014a",
                       "\u014b", "\u017f"]  # fmt: skip


def test_text_is_made_plain_as_far_as_something_is_known():
    assert plain("\u0141ukasz\u2019s \U0001f600 \u20ac5") == "Lukasz's  \u20ac5"
    assert count(plain("\u0447\u0141")).encoding == UCS_2
    assert plain("\u0447\u0141", instead="?") == "?L"


@pytest.mark.parametrize(
    ("char", "name"),
    [("\u0141", "\u0141"), ("\u200b", "zero width space"), ("\u00a0", "no-break space")],
)
def test_what_cannot_be_seen_goes_by_its_name(char, name):
    assert named(char) == name
