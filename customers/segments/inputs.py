"""The values of a criteria fact as inputs of a form, made from the fact's schema.

A schema is turned into a few flat inputs: a range is two numbers, an object one input per
property, a list a set of boxes or words parted by commas. What no input can say is JSON.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from barbershop.models import Barber, Service
from customers.criteria import Fact
from customers.segments import choices as rows

NUMBER, DECIMAL, DATE, TEXT, WORDS = "number", "decimal", "date", "text", "words"
ONE, SOME, FLAG, JSON = "one", "some", "flag", "json"
KINDS = {"integer": NUMBER, "number": DECIMAL, "string": TEXT, "boolean": FLAG}
LABELS = {"from": "From", "to": "Until", "min": "At least", "max": "At most", "": "Value"}
MOST_CHOICES = 200

# Names of facts or of their properties, to what there is to choose in a shop: (value, label).
Choices = Callable[[Any], list[tuple[Any, str]]]
_choices: dict[str, Choices] = {
    **dict.fromkeys(("preferred_barber", "barber"), rows.barbers),
    "birthday_month": rows.months,
    "service": rows.services,
    "service_category": rows.categories,
    **dict.fromkeys(("tags", "tags_all"), rows.tags),
    "in_segment": rows.segments,
}
# What else the language takes for a choice: ``(shop, values)`` to the choices that are meant.
Meant = Callable[[Any, list], dict[Any, Any]]
_other_words: dict[str, Meant] = {
    **dict.fromkeys(("preferred_barber", "barber"), rows.by_external_id(Barber)),
    "service": rows.by_external_id(Service),
    "service_category": rows.written_otherwise(rows.categories),
    **dict.fromkeys(("tags", "tags_all"), rows.written_otherwise(rows.tags)),
}
# What is said of a value that the shop does not have, in the words of the sentences.
GONE = "gone"
_unknown = {
    **dict.fromkeys(("tags", "tags_all"), "no such tag yet"),
    "service_category": "no such category yet",
}
_ID = re.compile(r"\d{1,19}\Z")


@dataclass(frozen=True)
class Input:
    """One input of a row.

    Attributes:
        path: where its value belongs in the fact's value; empty: it is the value.
        kind: number, decimal, date, text, words, one, some, flag or json.
        choices: (value, label) pairs for ``one`` and ``some``.
        more: further ones, too many to be offered.
        number: whether the values are numbers, for what was typed comes back as text.
        is_coded: whether not all values are text, so that a chosen one is sent as JSON.
        meant: ``values`` to the choices that some of them mean in other words.
        unknown: what is said of a value that is none of them.
        required: whether the fact cannot be said without it.
    """

    path: tuple[str, ...]
    kind: str
    label: str
    choices: tuple[tuple[Any, str], ...] = ()
    more: tuple[tuple[Any, str], ...] = ()
    number: bool = False
    is_coded: bool = False
    meant: Callable[[list], dict] | None = None
    unknown: str = GONE
    required: bool = False
    least: int | None = None
    most: int | None = None

    @property
    def name(self) -> str:
        return "-".join(("value", *self.path))

    def sent(self, value: Any) -> str:
        """A choice as a form sends it; the id 7 and the external id "7" are two choices."""
        return json.dumps(value) if self.is_coded else str(value)

    def read(self, said: str) -> Any:
        """What was sent, as a value.

        Raises:
            ValueError: for what no form of ours sends.
        """
        if not self.is_coded:
            return said
        if _ID.match(said):
            return int(said)
        found = json.loads(said) if said.startswith('"') else None
        # What cannot be printed, such as half a surrogate pair, could not be shown again either.
        if not isinstance(found, str) or not found.isprintable():
            raise ValueError(said)
        return found

    def with_values(self, values: list) -> "Input":
        """The same with each of these values among its choices, in the words of the rule.

        What is not there to choose (any more) is there all the same: a value without a box would
        be gone with the next "Save", and the rule would mean more people than before.
        """
        offered, known = dict(self.choices), dict(self.choices + self.more)
        strange = [value for value in dict.fromkeys(values) if value not in offered]
        meant = self.meant(strange) if strange and self.meant else {}
        choices, added = dict(self.choices), {}
        for value in strange:
            choice = meant.get(value)
            if value in known:
                added[value] = known[value]
            elif choice in choices and choice not in values:
                # The one box, in its place, under the name that the rule has for it.
                choices = {value if key == choice else key: said for key, said in choices.items()}
            elif choice in known:
                added[value] = f"{known[choice]} ({value})"
            else:
                added[value] = f"{value} ({self.unknown})"
        return replace(self, choices=(*choices.items(), *added.items()))


def offer_choices(name: str, choices: Choices) -> None:
    """Let people choose among a shop's rows where a fact, or a property of facts, has this name."""
    _choices[name] = choices


def of(fact: Fact, *, shop) -> list[Input]:
    """The inputs of a fact, in the order of its schema."""
    return list(_inputs(fact.schema, (), fact.name, shop=shop, required=True))


def value_of(inputs: list[Input], given: dict[str, Any]) -> Any:
    """The fact's value, as JSON, from cleaned inputs by name; what was left empty is left out."""
    value: Any = {}
    for each in inputs:
        said = given.get(each.name)
        if said in (None, "", [], ()):
            continue
        if not each.path:
            return said
        inner = value
        for key in each.path[:-1]:
            inner = inner.setdefault(key, {})
        inner[each.path[-1]] = said
    return value


def given_by(inputs: list[Input], value: Any) -> dict[str, Any] | None:
    """What the inputs show for a value; None when they cannot show all of it."""
    given, value = {}, _in_full(inputs, value)
    for each in inputs:
        inner = value
        for key in each.path:
            inner = inner.get(key) if isinstance(inner, dict) else None
        if inner is not None:
            given[each.name] = _shown(each, inner)
    back = value_of(inputs, given)
    return given if _listed(back) == _listed(value) else None


def as_sent(inputs: list[Input], given: dict[str, Any]) -> dict[str, Any]:
    """What inputs show, with choices as a form sends them."""
    sent = dict(given)
    for each in inputs:
        if each.choices and each.name in given:
            said = given[each.name]
            is_list = isinstance(said, list)
            sent[each.name] = [each.sent(one) for one in said] if is_list else each.sent(said)
    return sent


def _in_full(inputs: list[Input], value: Any) -> Any:
    """A fact that may be said by a plain yes or no, said by its first property."""
    first = next((each for each in inputs if each.kind == FLAG and len(each.path) == 1), None)
    return {first.path[0]: value} if isinstance(value, bool) and first else value


def _shown(each: Input, value):
    if each.kind in (WORDS, SOME) and not isinstance(value, list):
        return [value]
    return value


def _listed(value):
    """A value and a list of that one value mean the same."""
    if isinstance(value, dict):
        return {key: _listed(inner) for key, inner in value.items()}
    return value if isinstance(value, list) else [value]


def _inputs(schema: dict, path: tuple[str, ...], name: str, *, shop, required: bool):
    schema = _simplest(schema)
    if _type(schema) == "object" and schema.get("properties"):
        needed = schema.get("required", ())
        for key, inner in schema["properties"].items():
            yield from _inputs(
                inner, (*path, key), key, shop=shop, required=required and key in needed
            )
        return
    yield _input(schema, path, name, shop=shop, required=required)


def _simplest(schema: dict) -> dict:
    """Of several ways to say it, the one that can say most: a list, then an object."""
    ways = [way for way in schema.get("oneOf") or schema.get("anyOf") or () if _says_what(way)]
    if not ways:
        return schema
    order = {"array": 0, "object": 1}
    best = min(ways, key=lambda way: order.get(_type(way), 2))
    return {**{k: v for k, v in schema.items() if k not in ("oneOf", "anyOf")}, **best}


def _says_what(way: dict) -> bool:
    """Not only which properties are needed together."""
    return not way.keys().isdisjoint({"type", "enum", "properties", "items"})


def _type(schema: dict) -> str:
    """Of several types the one that can hold all: text."""
    found = schema.get("type", "string" if "enum" in schema else "")
    return found if isinstance(found, str) else "string"


def _input(schema: dict, path, name: str, *, shop, required: bool) -> Input:
    items = schema.get("items", {}) if _type(schema) == "array" else schema
    items = _simplest(items)
    kind = _kind(schema, items)
    choices: tuple = tuple((word, str(word).replace("_", " ")) for word in items.get("enum", ()))
    other_words = rows.written_otherwise(lambda shop: choices) if choices else None
    known: tuple = ()
    if not choices and name in _choices and kind != JSON:
        known = tuple(_choices[name](shop))
        choices = known[:MOST_CHOICES]
        other_words = _other_words.get(name)
        if choices:
            kind = SOME if _type(schema) == "array" else ONE
    label = schema.get("title") or LABELS.get(path[-1] if path else "") or title(path[-1])
    return Input(
        path=path,
        kind=kind,
        label=label,
        choices=choices,
        more=known[MOST_CHOICES:],
        number=_type(items) == "integer",
        is_coded=items.get("type", "string") != "string",
        meant=other_words and partial(other_words, shop),
        unknown=_unknown.get(name, GONE),
        required=required and not (path and path[-1] in ("min", "max")),
        least=items.get("minimum"),
        most=items.get("maximum"),
    )


def _kind(schema: dict, items: dict) -> str:
    is_list = _type(schema) == "array"
    if items.get("enum"):
        return SOME if is_list else ONE
    if is_list:
        return WORDS if _type(items) in ("string", "integer") else JSON
    if schema.get("format") == "date":
        return DATE
    return KINDS.get(_type(schema), JSON)


def title(key: str) -> str:
    """A word of the language as a label."""
    return key.replace("_", " ").capitalize()
