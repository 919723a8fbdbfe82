"""What may stand in a line that people read."""

import re

# Controls and line breaks; halves of surrogate pairs, which no encoding writes; and the invisible
# signs that turn the direction of whatever follows a value.
_UNWRITTEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")
SPECIAL = re.compile(r"[&<>\"']")


def clean(value: str) -> str:
    """A value on one line: control characters and line breaks become a space."""
    return _UNWRITTEN.sub(" ", value) if _UNWRITTEN.search(value) else value
