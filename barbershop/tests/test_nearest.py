import pytest

from barbershop.nearest import did_you_mean, nearest

FIELDS = ["customer_first_name", "barber_first_name", "shop_name", "offer_code"]


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("first_name", "customer_first_name"),
        ("firstname", "customer_first_name"),
        ("First Name", "customer_first_name"),
        ("barber_firstname", "barber_first_name"),
        ("code", "offer_code"),
        ("ofer_cod", "offer_code"),
        ("zzz", None),
        ("e", None),
    ],
)
def test_a_slip_or_a_part_of_a_word_finds_it(word, meant):
    assert nearest(word, FIELDS) == meant


@pytest.mark.parametrize(
    ("word", "known", "meant"),
    [
        ("emial", ["email", "sms", "multi"], "email"),
        ("first", ["all", "first_available"], "first_available"),
        ("welcom", {"welcome", "win_back"}, "welcome"),
    ],
)
def test_words_of_every_kind_are_found(word, known, meant):
    assert did_you_mean(word, known) == f"Did you mean {meant}?"


def test_a_word_like_none_lists_all_that_are_known():
    assert did_you_mean("zzz", ["b", "a"]) == "Known are: a, b."


def test_a_very_long_word_takes_no_time_and_finds_nothing():
    assert nearest("x" * 1_000_000, FIELDS) is None
