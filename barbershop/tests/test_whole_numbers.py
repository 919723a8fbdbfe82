"""Whole numbers that somebody wrote."""

import pytest

from barbershop import whole_numbers


@pytest.mark.parametrize(
    ("written", "number"),
    [("0", 0), ("7", 7), ("007", 7), ("9" * 18, 10**18 - 1), ("9" * 19, None)],
)
def test_digits_are_read_up_to_a_length(written, number):
    assert whole_numbers.read(written) == number


@pytest.mark.parametrize("written", ["", " 7", "-1", "+1", "1.5", "1_000", "²", "٣", "seven"])
def test_what_is_no_number_is_none(written):
    assert whole_numbers.read(written) is None
