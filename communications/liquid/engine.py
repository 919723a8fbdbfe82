"""The engine itself: python-liquid with nothing in it but what is allowed."""

import datetime as dt
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from functools import lru_cache, wraps
from html import escape
from urllib.parse import quote

from django.utils import translation
from django.utils.dateformat import format as date_format
from liquid import Environment, Mode, StrictUndefined, Undefined
from liquid.builtin import content, illegal, output
from liquid.builtin.filters.misc import default
from liquid.builtin.filters.string import downcase, upcase
from liquid.builtin.tags import case_tag, if_tag, unless_tag
from liquid.filter import liquid_filter, string_filter

from communications.liquid.days import Day
from communications.liquid.expressions import DEPTH, ELLIPSIS, MOST_SHOWN, date_pieces

MOST_WRITTEN = 500_000  # bytes of one passage


class CutDown(Environment):
    """Three tags and a few filters; the limits stand behind the checks, should one be missing."""

    block_nesting_limit = DEPTH + 2
    context_depth_limit = DEPTH + 2
    loop_iteration_limit = 1
    local_namespace_limit = 1
    output_stream_limit = MOST_WRITTEN
    suppress_blank_control_flow_blocks = False

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        for known in (content.Literal, output.Output, illegal.Illegal):
            self.add_tag(known)
        for known in (if_tag.IfTag, unless_tag.UnlessTag, case_tag.CaseTag):
            self.add_tag(known)
        for name, known in {
            "default": default,
            "capitalize": capitalize,
            "upcase": upcase,
            "downcase": downcase,
            "truncate": truncate,
            "date": date,
            # Where a value lands; put last by the compiler and unknown to whoever writes.
            "as_html": as_html,
            "as_url": as_url,
        }.items():
            self.add_filter(name, known)


@string_filter
def capitalize(value: str) -> str:
    """The first letter as a capital and the rest as written: Liquid's own makes DeShawn Deshawn."""
    return value[:1].title() + value[1:]


@string_filter
def truncate(value: str, most: int = MOST_SHOWN, ending: str = ELLIPSIS) -> str:
    """At most so many characters, the ending among them. Liquid's own cuts what just fits, and
    writes more than asked where the ending has no room: here the ending is left out there."""
    most = max(int(most), 0)
    if len(value) <= most:
        return value
    ending = str(ending)
    return value[: most - len(ending)] + ending if len(ending) < most else value[:most]


def date(value, pattern) -> str:
    """A date in the form of ``strftime``; whatever is no date comes back as it was."""
    if isinstance(value, Day):
        on, language = value.on, value.language
    else:
        try:
            on, language = dt.date.fromisoformat(str(value)), "en"
        except ValueError:
            return "" if value is None else value
    is_day = not isinstance(on, dt.datetime)
    with translation.override(language):
        return "".join(
            before + (date_format(_at_midnight(on) if is_day else on, letter) if letter else "")
            for before, letter in date_pieces(str(pattern))
        )


def _at_midnight(on: dt.date) -> dt.datetime:
    return dt.datetime.combine(on, dt.time())


def _said(value) -> str:
    return "" if value is None else str(value)


@liquid_filter
def as_html(value) -> str:
    return escape(_said(value))


@liquid_filter
def as_url(value) -> str:
    return quote(_said(value), safe="", errors="replace")


_ENGINE = CutDown(tolerance=Mode.STRICT, undefined=StrictUndefined, strict_filters=True)


def render(source: str, values: Mapping[str, str | int | None]) -> str:
    """Evaluate a passage that the compiler made.

    Args:
        values: texts and numbers by name, None for what is empty. They are never expanded again.

    Raises:
        liquid.exceptions.LiquidError: when it cannot be evaluated with these values.
    """
    return _parsed(source).render(values)


@lru_cache(maxsize=512)
def _parsed(source: str):
    return _ENGINE.from_string(source)


class _Gap(Undefined):
    """An empty value that notes when it is written; asking whether there is one is no gap."""

    def __str__(self) -> str:
        _GAPS.get().add(self.name)
        return ""


def _kept_empty(known: Callable) -> Callable:
    """A filter that makes nothing of nothing, and leaves it to a default behind it."""

    @wraps(known)
    def passed(value, *arguments, **more):
        return value if isinstance(value, _Gap) else known(value, *arguments, **more)

    return passed


class _Noting(CutDown):
    def add_filter(self, name: str, func: Callable) -> None:
        super().add_filter(name, func if name == "default" else _kept_empty(func))


_GAPS: ContextVar[set[str]] = ContextVar("gaps")
_GAP_ENGINE = _Noting(tolerance=Mode.STRICT, undefined=_Gap, strict_filters=True)


def gaps(source: str, values: Mapping[str, str | int | None]) -> set[str]:
    """The names of empty values that a passage would write for these values."""
    token = _GAPS.set(set())
    try:
        known = {name: value for name, value in values.items() if value is not None}
        _GAP_ENGINE.from_string(source).render(known)
        return {str(name) for name in _GAPS.get()}
    finally:
        _GAPS.reset(token)
