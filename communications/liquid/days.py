"""Dates among the values of a template."""

import datetime as dt


class Day(str):
    """A date in words, which the filter ``date`` can write differently.

    Attributes:
        on: the date, or the local moment.
        language: of its month names.
    """

    __slots__ = ("language", "on")

    def __new__(cls, written: str, *, on: dt.date | dt.datetime, language: str):
        made = super().__new__(cls, written)
        made.on, made.language = on, language
        return made
