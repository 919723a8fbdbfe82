"""How a code is written, and what is forgiven when somebody types it.

``SUMMER-7K2Q9A``: the offer's prefix, and six characters of Crockford's base32
(https://www.crockford.com/base32.html), which has no I, L, O and U. They are random: there are
1,073,741,824 of them for every prefix of a shop.
"""

import re
import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 6
_LOOK_ALIKES = str.maketrans("ILO", "110")
# Also what is copied with a code from a message, and what nobody sees: a space without width say.
_FILLING = re.compile(
    r"[\s\-\u2010-\u2015_.#'\"`\u00b4\u00ab\u00bb\u2018-\u201f\u2039\u203a"
    r"\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+"
)
_TYPED = re.compile(r"[0-9A-Z]{6,40}\Z")
_NO_PREFIX = re.compile(r"[^0-9A-Z]+")


def draw(prefix: str) -> str:
    """A new code; whether it is taken, the database knows."""
    number = secrets.randbits(5 * LENGTH)  # five bits a character
    body = "".join(ALPHABET[number >> 5 * place & 31] for place in range(LENGTH))
    return written(prefix, body)


def written(prefix: str, body: str) -> str:
    """Both parts as they stand on a message; without a prefix the body alone."""
    return f"{prefix}-{body}" if prefix else body


def prefix_of(typed: str) -> str:
    """What of an owner's prefix goes into codes: capital letters and digits."""
    return _NO_PREFIX.sub("", typed.upper())


def read(typed: str) -> str:
    """The code that was meant: case, spaces, dashes, quotation marks, ``#`` and look-alikes do
    not matter.

    Returns:
        "" for what cannot be a code.
    """
    bare = _FILLING.sub("", typed[:80]).upper()
    if not _TYPED.match(bare):
        return ""
    return written(bare[:-LENGTH], bare[-LENGTH:].translate(_LOOK_ALIKES))
