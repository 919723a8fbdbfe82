"""Where the money for texts goes: by parts, and which characters make texts longer."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from barbershop.currencies import minor_units
from barbershop.models import Barbershop
from barbershop.templatetags.ui import money
from campaigns.message_sizes import Culprit, Size
from communications import plain_letters, pricing
from customers.channels import Channel

MOST_CULPRITS = 10
FIELD_WORDS = {
    "customer_first_name": "a first name",
    "customer_last_name": "a last name",
    "barber_first_name": "a barber's name",
    "shop_name": "the shop's name",
    "how_to_stop": "our words on how to stop",
}
_NAMES = frozenset({"customer_first_name", "customer_last_name"})


@dataclass(frozen=True)
class Replacement:
    """``instead`` as of a ``Culprit``."""

    character: str
    field: str
    instead: str | None
    is_of_people: bool


@dataclass(frozen=True)
class CulpritCost:
    """What some characters cost, in the texts that have these and no others outside GSM-7.

    Attributes:
        replacements: by character, with the field whose value it came from ("" for the words).
        examples: values in which they were found.
        texts: so many texts are longer by them, together by ``extra_parts``.
        saving_micros: what their replacements would save, in millionths of the currency unit.
        sentence: all of this in words.
    """

    replacements: tuple[Replacement, ...]
    examples: tuple[str, ...]
    texts: int
    extra_parts: int
    saving_micros: int
    sentence: str


@dataclass(frozen=True)
class TextCosts:
    """The texts of a forecast: ``by_parts`` says how many have so many parts.

    Attributes:
        segments: parts in all: what the provider bills.
        culprits: the dearest first, at most ten.
        saving_micros: what all known replacements would save.
    """

    texts: int
    segments: int
    by_parts: dict[str, int]
    cost_micros: int
    culprits: tuple[CulpritCost, ...]
    saving_micros: int


Messages = Mapping[tuple[Size, str], int]  # by size and by what of a number decides its price


def of_texts(
    messages: Messages,
    *,
    shop: Barbershop,
    values: Mapping[tuple[Culprit, ...], list[str]],
    now: dt.datetime,
) -> TextCosts:
    """Where the money goes.

    Args:
        values: by culprits, examples of values; see ``message_sizes.Sizes``.
    """
    prices = pricing.price_list(shop=shop, channel=Channel.SMS, on=now.date())
    by_parts: Counter[int] = Counter()
    found: dict[tuple[Culprit, ...], list[tuple[Size, int, int]]] = {}
    cost = saving = 0
    for (size, to), number in messages.items():
        price = prices.part(to)
        by_parts[size.parts] += number
        cost += number * size.parts * price
        saving += number * (size.parts - size.least) * price
        if size.culprits and number:
            found.setdefault(size.culprits, []).append((size, number, price))
    costs = [_culprits(each, rows, values.get(each, ())) for each, rows in found.items()]
    costs.sort(key=lambda each: (-each.saving_micros, -each.extra_parts, each.sentence))
    return TextCosts(
        texts=by_parts.total(),
        segments=sum(parts * number for parts, number in by_parts.items()),
        by_parts={str(parts): by_parts[parts] for parts in sorted(by_parts) if by_parts[parts]},
        cost_micros=cost,
        culprits=tuple(costs[:MOST_CULPRITS]),
        saving_micros=saving,
    )


def shown(texts: TextCosts | None, *, currency: str) -> dict | None:
    """For a page: parts in words, each culprit with its advice; None when there is no text."""
    if texts is None or not texts.texts:
        return None
    return {
        "segments": texts.segments,
        "cost": minor_units(texts.cost_micros, currency),
        "saving": minor_units(texts.saving_micros, currency),
        "currency": currency,
        "by_parts": [(int(parts), number) for parts, number in texts.by_parts.items()],
        "culprits": [
            {
                "sentence": f"{each.sentence[0].upper()}{each.sentence[1:]}.",
                "advice": advice(each, currency=currency),
                "examples": each.examples,
            }
            for each in texts.culprits
        ],
    }


def advice(cost: CulpritCost, *, currency: str) -> str:
    """What may stand for the characters, and what that saves."""
    theirs = [each for each in cost.replacements if each.is_of_people]
    if len(theirs) == len(cost.replacements):
        return f"{_of_people('It', theirs, cost)}: nothing to write differently."
    if cost.saving_micros:
        named = [
            f"{plain_letters.stand_in(each.instead)} for {plain_letters.quoted(each.character)}"
            for each in cost.replacements
            if each.instead is not None
        ]
        saved = money(minor_units(cost.saving_micros, currency), currency)
        return f"With {_and(named)} it would cost {saved} less."
    if theirs:
        these = _and([plain_letters.quoted(each.character) for each in theirs])
        said = _of_people(f"{these[0].upper()}{these[1:]}", theirs, cost)
        return f"{said}: writing the rest differently would save nothing."
    return "Nothing is known that could stand for it."


def _of_people(what: str, theirs: list[Replacement], cost: CulpritCost) -> str:
    """Whoever is called so cannot be written differently."""
    verb = "stands" if what == "It" or len(theirs) == 1 else "stand"
    fields = {each.field for each in theirs}
    where = "the names" if fields <= _NAMES else "what is known"
    whose = "1 person" if cost.texts == 1 else f"{cost.texts:,} people"
    return f"{what} {verb} in {where} of {whose} and not in your words"


def _culprits(culprits: tuple[Culprit, ...], rows, examples: Iterable[str]) -> CulpritCost:
    replacements = tuple(
        Replacement(each.character, each.field, each.instead, each.is_of_people)
        for each in culprits
    )
    return CulpritCost(
        replacements=replacements,
        examples=tuple(examples),
        texts=sum(number for _, number, _ in rows),
        extra_parts=sum(number * (size.parts - size.plain) for size, number, _ in rows),
        saving_micros=sum(
            number * (size.parts - size.least) * price for size, number, price in rows
        ),
        sentence=_sentence(replacements, rows),
    )


def _sentence(replacements: tuple[Replacement, ...], rows) -> str:
    """Such as ``the Ł in a first name turns 14 texts into 2 parts``."""
    number = sum(number for _, number, _ in rows)
    parts = sorted({size.parts for size, _, _ in rows})
    fields = dict.fromkeys(each.field for each in replacements)
    places = []
    for field in fields:
        chars = [plain_letters.named(r.character) for r in replacements if r.field == field]
        place = FIELD_WORDS.get(field, field) if field else "the words"
        places.append(f"the {_and(chars)} in {place}")
    verb = "turns" if len(replacements) == 1 else "turn"
    into = f"{parts[0]} parts" if len(parts) == 1 else f"{parts[0]} to {parts[-1]} parts"
    what = "1 text" if number == 1 else f"{number:,} texts"
    return f"{_and(places)} {verb} {what} into {into}"


def _and(said: list[str]) -> str:
    return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} and {said[-1]}"
