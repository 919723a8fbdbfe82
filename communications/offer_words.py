"""What an offer is worth and until when it counts, in the reader's language.

A message keeps both in a form without a language: ``percent 20``, ``amount 500 USD`` (minor units)
or ``service Beard trim``, and ``2026-12-22``.
"""

import datetime as dt
from collections.abc import Mapping

from django.utils import translation
from django.utils.formats import date_format

from barbershop.templatetags.ui import NO_BREAK_SPACE, short_money
from communications.liquid import Day
from communications.visit_facts import Reader

PERCENT, AMOUNT, SERVICE = "percent", "amount", "service"
_OFF = {"en": "{} off", "es": "{} de descuento", "fr": "{} de réduction"}
# In French the word would follow the service's gender, which nobody knows.
_FREE = {"en": "Free {}", "es": "{} gratis", "fr": "Offert : {}"}


def in_words(given: str, row: Mapping, reader: Reader) -> str:
    """``20% off``, ``$5 off`` or ``Free Beard trim``."""
    language = reader.language(row)
    kind, _, worth = given.partition(" ")
    if kind == SERVICE:
        return _FREE[language].format(worth)
    if kind == AMOUNT:
        minor, _, currency = worth.partition(" ")
        return _OFF[language].format(plain(short_money(int(minor), currency, language)))
    return _OFF[language].format(percent(worth))


def percent(points: int | str) -> str:
    """``20%``: one word in every language, without a space that could break the line."""
    return f"{points}%"


def plain(money: str) -> str:
    """Money with ordinary spaces: one that does not break makes a text of one part three."""
    return money.replace(NO_BREAK_SPACE, " ")


def last_day(given: str, row: Mapping, reader: Reader) -> str:
    """``December 22``; what is no date, as older messages keep it, stays as it is."""
    try:
        on = dt.date.fromisoformat(given)
    except ValueError:
        return given
    language = reader.language(row)
    with translation.override(language):
        return Day(date_format(on, "MONTH_DAY_FORMAT"), on=on, language=language)
