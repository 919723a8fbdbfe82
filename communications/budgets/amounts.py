"""Micros as people and other systems read and write them."""

import re

from barbershop.currencies import MICROS_PER_UNIT, minor_digits, minor_units
from barbershop.templatetags.ui import CURRENCY_SYMBOLS, NO_BREAK_SPACE, money

MOST = 10**9  # units of any currency: in micros far below what the column holds
DIGITS = 6
_WRITTEN = re.compile(r"([0-9]+)(?:\.([0-9]+))?")


class NotAnAmount(ValueError):
    """A sentence that says what an amount looks like."""


def in_words(micros: int, currency: str) -> str:
    """``$49.99``; exact where whole minor units would mislead: ``$0.0118``, never ``$0.00``."""
    if micros >= MICROS_PER_UNIT or micros == 0:
        return money(minor_units(micros, currency), currency)
    return exactly(micros, currency)


def exactly(micros: int, currency: str) -> str:
    """With its currency, to the micro: ``$49.9882``."""
    symbol = CURRENCY_SYMBOLS.get(currency, f"{currency}{NO_BREAK_SPACE}")
    return f"{symbol}{written(micros, currency)}"


def written(micros: int, currency: str) -> str:
    """An exact decimal with at least the currency's own digits: ``50.00``, ``0.0118``."""
    whole, rest = divmod(micros, MICROS_PER_UNIT)
    digits = f"{rest:0{DIGITS}d}".rstrip("0").ljust(minor_digits(currency), "0")
    return f"{whole}.{digits}" if digits else str(whole)


def parse(text: str) -> int:
    """Micros of an amount as it is written: ``50``, ``50.00``, ``0.0118``.

    Raises:
        NotAnAmount: with a sentence for whoever wrote it.
    """
    found = _WRITTEN.fullmatch(text.strip())
    if found is None:
        raise NotAnAmount('Write an amount such as "50.00".')
    whole, part = found.group(1).lstrip("0"), (found.group(2) or "").rstrip("0")
    if len(part) > DIGITS:
        raise NotAnAmount(f"At most {DIGITS} digits after the point.")
    if len(whole) > len(str(MOST)) or int(whole or 0) >= MOST:
        raise NotAnAmount(f"Less than {MOST:,}.")
    return int(whole or 0) * MICROS_PER_UNIT + int(part.ljust(DIGITS, "0"))
