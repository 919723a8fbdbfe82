"""Cases and map from Twilio's message-segment-calculator (MIT), commit a50230f."""

import pytest

from communications import sms_segments
from communications.sms_segments import GSM_7, UCS_2, SmsSegments, count, safe_replacement

WINK = "\U0001f61c"
ITALY = "\U0001f1ee\U0001f1f9"
RAINBOW = "\U0001f3f3\ufe0f\u200d\U0001f308"


def digits(length: int, *, first: int = 1) -> str:
    """1234567890123..., as the published cases are written."""
    return "".join(str((first + n) % 10) for n in range(length))


@pytest.mark.parametrize(
    ("body", "encoding", "segments", "bits"),
    [
        pytest.param(digits(160), GSM_7, 1, 1120, id="GSM-7 in one segment"),
        pytest.param(digits(161), GSM_7, 2, 1127, id="GSM-7 in two segments"),
        pytest.param(digits(307), GSM_7, 3, 2149, id="GSM-7 in three segments"),
        pytest.param(WINK + digits(68, first=2), UCS_2, 1, 1120, id="UCS-2 in one segment"),
        pytest.param(WINK + digits(69, first=2), UCS_2, 2, 1136, id="UCS-2 in two segments"),
        pytest.param(WINK + digits(133, first=2), UCS_2, 3, 2160, id="UCS-2 in three segments"),
        pytest.param(ITALY + digits(66, first=2), UCS_2, 1, 1120, id="flag, one segment"),
        pytest.param(ITALY + digits(67, first=2), UCS_2, 2, 1136, id="flag, two segments"),
        pytest.param(RAINBOW + digits(64, first=2), UCS_2, 1, 1120, id="rainbow, one segment"),
        pytest.param(RAINBOW + digits(65, first=2), UCS_2, 2, 1136, id="rainbow, two segments"),
    ],
)
def test_published_case_is_counted_as_published(body, encoding, segments, bits):
    counted = count(body)

    width = 7 if encoding == GSM_7 else 16
    assert (counted.encoding, counted.segments) == (encoding, segments)
    assert counted.units * width == bits


@pytest.mark.parametrize(
    ("text", "segments"),
    [
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("\u0447" * 70, 1),
        ("\u0447" * 71, 2),
        ("\u0447" * 134, 2),
        ("\u0447" * 135, 3),
    ],
)
def test_next_part_begins_exactly_after_the_last_unit(text, segments):
    assert count(text).segments == segments


def test_empty_text_is_one_part_of_no_units():
    assert count("") == SmsSegments(GSM_7, 1, 0)


@pytest.mark.parametrize("char", "^{}[]~|\\\u20ac\f")
def test_extension_character_costs_two_septets(char):
    assert count(char) == SmsSegments(GSM_7, 1, 2)
    assert count(char * 80).segments == 1
    assert count(char * 81).segments == 2


def test_escape_pair_is_not_cut_in_two():
    # 306 septets would fill two parts, but the pair at the border moves to the second whole.
    fits = "a" * 151 + "\u20ac" + "a" * 153
    moved = "a" * 152 + "\u20ac" + "a" * 152

    assert count(fits) == SmsSegments(GSM_7, 2, 306)
    assert count(moved) == SmsSegments(GSM_7, 3, 306)


def test_surrogate_pair_is_not_cut_in_two():
    fits = "\u0447" * 65 + WINK + "\u0447" * 67
    moved = "\u0447" * 66 + WINK + "\u0447" * 66

    assert (count(fits).units, count(fits).segments) == (134, 2)
    assert (count(moved).units, count(moved).segments) == (134, 3)


def test_basic_alphabet_has_127_characters_and_the_escape_is_the_128th():
    assert len(set(sms_segments._GSM_BASIC)) == 127
    assert count(sms_segments._GSM_BASIC) == SmsSegments(GSM_7, 1, 127)


@pytest.mark.parametrize("char", "`\u00e7\t\u2019\u00e1\u00ed")
def test_look_alike_outside_the_alphabet_forces_ucs_2(char):
    assert count(f"a{char}b").encoding == UCS_2


def test_culprits_are_named_once_in_order():
    counted = count("\U0001f488 It\u2019s \u201cours\u201d, isn\u2019t it \u0141ukasz \U0001f488")

    assert counted.culprits == ("\U0001f488", "\u2019", "\u201c", "\u201d", "\u0141")


@pytest.mark.parametrize(
    ("char", "plain"),
    [
        ("\u201c", '"'),
        ("\u2019", "'"),
        ("`", "'"),
        ("\u00bd", "1/2"),
        ("\uff3c", "\\"),
        ("\u2017", "_"),
        ("\u2014", "-"),
        ("\u2022", "-"),
        ("\u2026", "..."),
        ("\u203c", "!!"),
        ("\uff21", "A"),
        ("\u1d22", "Z"),
        ("\u00a0", "  "),
        ("\u2001", " "),
        ("\t", "       "),
        ("\u200b", ""),
        ("\ufeff", ""),
    ],
)
def test_smart_encoding_replaces_as_published(char, plain):
    assert safe_replacement(char) == plain


def test_smart_encoding_knows_the_271_published_characters_and_answers_in_gsm_7():
    replacements = {char: safe_replacement(char) for char in sms_segments._REPLACEMENT}

    assert len(replacements) == 271
    assert {count(plain).encoding for plain in replacements.values()} == {GSM_7}
    assert {count(char).encoding for char in replacements} == {UCS_2}


@pytest.mark.parametrize("char", ["a", "\u20ac", "\u0447", WINK])
def test_character_without_a_stand_in_gives_none(char):
    assert safe_replacement(char) is None


@pytest.mark.parametrize("pair", ["\u20ac", "^", "\\"])
@pytest.mark.parametrize(
    ("before", "after", "segments"),
    [(158, 0, 1), (159, 0, 2), (151, 8, 2), (152, 7, 2), (151, 153, 2), (152, 152, 3)],
)
def test_extension_character_at_every_border(pair, before, after, segments):
    assert count("a" * before + pair + "a" * after).segments == segments


@pytest.mark.parametrize(
    ("before", "after", "segments"),
    [(68, 0, 1), (69, 0, 2), (65, 4, 2), (66, 3, 2), (65, 67, 2), (66, 66, 3), (132, 0, 2)],
)
def test_surrogate_pair_at_every_border(before, after, segments):
    assert count("\u0447" * before + WINK + "\u0447" * after).segments == segments
