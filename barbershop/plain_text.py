"""What a name, a reference or any other single line may hold."""

import re

from django.core.exceptions import ValidationError

# Control characters, line and paragraph breaks, and the marks that turn the order of what follows
# around. Joiners stay: emoji and several scripts are written with them.
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


def validate_one_line(value: str) -> None:
    """Raises:
    ValidationError: for what would break a line, hide in it or turn it around.
    """
    if _UNPRINTABLE.search(value):
        raise ValidationError("It holds a control character or a line break.", code="control")
