import base64
import string
import uuid

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from communications import links

MESSAGE = uuid.UUID("6f9619ff-8b86-4d01-b42d-00cf4fc964ff")
ALPHABET = string.ascii_letters + string.digits + "-_"


def test_unsubscribe_token_is_read_back():
    assert links.read(links.unsubscribe_token(MESSAGE)) == links.Unsubscribe(MESSAGE)


def test_click_token_is_read_back():
    assert links.read(links.click_token(MESSAGE, 77)) == links.Click(MESSAGE, 77)


def test_referral_token_is_read_back_and_is_of_a_kind_of_its_own():
    token = links.referral_token(2**40 + 7, 77)

    assert links.read(token) == links.Referral(customer_id=2**40 + 7, offer_id=77)
    assert len(token) == len(links.unsubscribe_token(MESSAGE))


def test_token_shows_no_address_and_needs_no_escaping():
    assert set(links.click_token(MESSAGE, 77)) <= set(ALPHABET)


@pytest.mark.parametrize(
    "token",
    [
        links.unsubscribe_token(MESSAGE),
        links.click_token(MESSAGE, 2**40 + 7),
        links.referral_token(7, 77),
    ],
)
def test_no_other_character_in_any_place_is_accepted(token):
    accepted = [
        altered
        for place in range(len(token))
        for character in [*ALPHABET, "=", "+", "/", " ", "é"]
        if character != token[place]
        and links.read(altered := token[:place] + character + token[place + 1 :])
    ]

    assert accepted == []


@pytest.mark.parametrize("extra", ["=", "==", "A", "\n", " ", ".", "\x00"])
def test_token_with_something_added_is_refused(extra):
    token = links.click_token(MESSAGE, 1)

    assert links.read(token + extra) is None
    assert links.read(extra + token) is None


def test_bits_left_over_by_base64_make_no_second_token():
    token = links.click_token(MESSAGE, 1)
    raw = base64.urlsafe_b64decode(token + "=")
    twins = [
        twin
        for character in ALPHABET
        if (twin := token[:-1] + character) != token and base64.urlsafe_b64decode(twin + "=") == raw
    ]

    assert len(twins) == 3
    assert [links.read(twin) for twin in twins] == [None, None, None]


def test_kind_cannot_be_exchanged():
    token = links.unsubscribe_token(MESSAGE)
    raw = bytearray(base64.urlsafe_b64decode(token))
    raw[0:1] = links.CLICK

    assert links.read(base64.urlsafe_b64encode(bytes(raw)).decode()) is None


def test_old_link_outlives_a_change_of_keys(settings):
    settings.LINK_SIGNING_KEYS = ["old"]
    old = links.unsubscribe_token(MESSAGE)
    settings.LINK_SIGNING_KEYS = ["new", "old"]

    assert links.read(old) == links.Unsubscribe(MESSAGE)
    assert links.unsubscribe_token(MESSAGE) != old


def test_link_of_a_foreign_key_is_refused(settings):
    settings.LINK_SIGNING_KEYS = ["foreign"]
    foreign = links.unsubscribe_token(MESSAGE)
    settings.LINK_SIGNING_KEYS = ["ours"]

    assert links.read(foreign) is None


@settings(max_examples=300)
@given(st.text(max_size=80))
def test_arbitrary_text_is_never_a_token(text):
    assert links.read(text) is None
