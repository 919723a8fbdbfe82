"""Reading JSON so that whatever comes out of it can be stored in either database."""

import json
import math
import re
from typing import Any

from communications.webhooks.refusals import Malformed

# PostgreSQL stores neither NUL nor half of a surrogate pair.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_MAYBE_UNSTORABLE = re.compile(rb"\\u0000|\\u[dD][89a-fA-F]")
_DEEPEST = 100


def read_json(body: bytes) -> Any:
    """Parse a body; numbers that JSON does not have, and nesting without end, are malformed."""
    try:
        text = body.decode()
        value = json.loads(text, parse_constant=_refuse, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        raise Malformed("The body is not JSON.") from error
    if text.count("[") + text.count("{") > _DEEPEST and _depth(value) > _DEEPEST:
        raise Malformed("The body is nested too deeply.")
    return _storable(value) if _MAYBE_UNSTORABLE.search(body) else value


def plain_text(value: str, *, length: int | None = None) -> str:
    """The text without what PostgreSQL cannot store, cut to a length."""
    return _UNSTORABLE.sub("\ufffd", value)[:length]


def _refuse(word: str):
    raise ValueError(f"{word} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number without end")
    return number


def _depth(value: Any) -> int:
    depth, level = 0, [value]
    while level:
        depth += 1
        inner = (v.values() if isinstance(v, dict) else v for v in level)
        level = [v for values in inner for v in values if isinstance(v, dict | list)]
    return depth


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return plain_text(value)
    if isinstance(value, list):
        return [_storable(item) for item in value]
    if isinstance(value, dict):
        return {plain_text(key): _storable(item) for key, item in value.items()}
    return value
