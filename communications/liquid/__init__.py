"""Liquid, cut down to what a message needs; see ``docs/templates.md``.

``check`` refuses what may not be stored, ``read`` cuts a text into tokens, ``render`` evaluates a
passage. Nothing else of the language is reachable: neither loops nor assignments nor attributes.
"""

from collections.abc import Mapping

from communications.liquid.checking import check, check_size, contained, names_in, outside
from communications.liquid.days import Day
from communications.liquid.reading import is_balanced, read
from communications.liquid.tokens import (
    Filter,
    Output,
    Tag,
    TemplateError,
    Term,
    Text,
    Token,
)

Values = Mapping[str, str | int | None]

__all__ = [
    "Day",
    "Filter",
    "Output",
    "Tag",
    "TemplateError",
    "Term",
    "Text",
    "Token",
    "Values",
    "check",
    "check_size",
    "contained",
    "gaps",
    "is_balanced",
    "names_in",
    "outside",
    "read",
    "render",
]


def render(source: str, values: Values) -> str:
    """Evaluate a passage of ours; see ``engine.render``."""
    # Here, because the library takes some 15 MB, and most campaigns have no condition.
    from communications.liquid import engine

    return engine.render(source, values)


def gaps(source: str, values: Values) -> set[str]:
    """What would be left empty; see ``engine.gaps``."""
    from communications.liquid import engine

    return engine.gaps(source, values)
