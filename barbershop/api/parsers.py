"""JSON as the standard has it, and only what both databases can store."""

import json
import math

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from barbershop.api.errors import ApiError

MAX_DEPTH = 40


class StrictJSONParser(JSONParser):
    """Refuses what Python's parser lets through: NaN, 1e999, null bytes, lone surrogates, depth.

    The body is an object; an action named in the view's ``list_actions`` also takes an array.
    """

    def parse(self, stream, media_type=None, parser_context=None):
        try:
            value = json.loads(
                stream.read().decode("utf-8-sig"),
                parse_constant=_refuse_constant,
                parse_float=_finite,
            )
        except ValueError as error:
            raise ParseError(f"The body is not valid JSON: {error}") from error
        except RecursionError:
            raise _too_deep() from None
        view = (parser_context or {}).get("view")
        takes_list = getattr(view, "action", None) in getattr(view, "list_actions", ())
        if not isinstance(value, dict | list if takes_list else dict):
            raise ApiError("invalid", "The body must be a JSON object.")
        refuse_unstorable(value)
        return value


def refuse_unstorable(value) -> None:
    """Walk a parsed value without recursion; raise on text that PostgreSQL cannot store."""
    level, depth = [value], 0
    while level:
        if depth > MAX_DEPTH:
            raise _too_deep()
        deeper = []
        for part in level:
            if isinstance(part, dict):
                deeper.extend(part)
                deeper.extend(part.values())
            elif isinstance(part, list):
                deeper.extend(part)
            elif isinstance(part, str):
                _refuse_text(part)
        level, depth = deeper, depth + 1


def _refuse_text(text: str) -> None:
    if "\x00" in text:
        raise ParseError("The body holds a null character (\\u0000), which cannot be stored.")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ParseError("The body holds half of a surrogate pair (\\ud800 to \\udfff).") from None


def _refuse_constant(name: str):
    raise ValueError(f"{name} is not a number in JSON")


def _finite(raw: str) -> float:
    number = float(raw)
    if not math.isfinite(number):
        raise ValueError(f"the number {raw[:20]} is too large")
    return number


def _too_deep() -> ParseError:
    return ParseError(f"The body is nested too deeply; at most {MAX_DEPTH} levels are read.")
