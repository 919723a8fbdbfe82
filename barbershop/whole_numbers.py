"""Whole numbers that somebody wrote into an address, a form or a header."""

LARGEST = 2**63 - 1  # more than this no column of a database keeps
MOST_DIGITS = 18  # a longer one may be more than a database can compare with


def read(written: str) -> int | None:
    """The number; None for what is none, or is too long: "-1", "1.5", "²", 19 digits."""
    is_number = written.isascii() and written.isdigit() and len(written) <= MOST_DIGITS
    return int(written) if is_number else None
