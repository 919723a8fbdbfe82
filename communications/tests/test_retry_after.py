import pytest

from communications.channels.connection import LONGEST_WAIT, seconds


@pytest.mark.parametrize(
    ("header", "asked"),
    [
        ("7", 7.0),
        ("0", 0.0),
        ("-3", 0.0),
        ("1.5", 1.5),
        ("1e400", LONGEST_WAIT),
        ("999999999", LONGEST_WAIT),
        ("nan", None),
        ("Wed, 21 Oct 2026 07:28:00 GMT", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_read_as_seconds_that_a_clock_can_bear(header, asked):
    assert seconds(header) == asked
