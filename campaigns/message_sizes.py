"""How many parts each person's own text has, and which character makes it one more.

The texts are made by the renderer that sends, with links of their full length, and counted as the
provider counts them: the forecast is what will be billed.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from campaigns import filling, readiness
from campaigns.filling import Filled, Filling
from campaigns.models import CampaignDefinition
from communications import plain_letters, rendering, sms_segments
from communications.models import Dispatch
from customers.channels import Channel

Words = tuple[str, str]  # the label of an arm, and the name of a variation or ""
AT_ONCE = 5_000
MOST_VALUES = 3


@dataclass(frozen=True, slots=True)
class Culprit:
    """A character outside GSM-7 and the field whose value it came from; "" for the words."""

    character: str
    field: str


@dataclass(frozen=True, slots=True)
class Size:
    """Of one message. Two texts of the same size and with the same culprits are the same.

    Attributes:
        parts: that it is billed as; 0 when it cannot be made.
        plain: parts if no character were outside GSM-7.
        least: parts after the replacements that are known.
        culprits: the characters that make it longer than ``plain``; none where they cost nothing.
    """

    parts: int
    plain: int
    least: int
    culprits: tuple[Culprit, ...] = ()


ONE = Size(1, 1, 1)  # an email
IMPOSSIBLE = Size(0, 0, 0)


class Sizes:
    """The sizes of the texts that a campaign would send.

    Attributes:
        values: by culprits, up to three values of fields in which they were found.
    """

    def __init__(self, definition: CampaignDefinition, *, now: dt.datetime):
        """
        Raises:
            campaigns.refusals.Refused: when the content cannot be sent.
        """
        self._now = now
        self._common = readiness.example_values(definition, now=now)
        self._texts = {
            (label, variation): Filling(
                rendering.draft(
                    shop=definition.shop,
                    channel=part.channel,
                    kind=Dispatch.Kind.MARKETING,
                    content=part,
                ),
                common=self._common,
            )
            for label, variation, part in readiness.parts(definition)
            if part.channel == Channel.SMS
        }
        self._known: dict[tuple, Size] = {}
        self._measured: dict[int, Size] = {}
        self.values: dict[tuple[Culprit, ...], list[str]] = {}

    def ahead(self, rows: Iterable[tuple]) -> Iterator[tuple]:
        """The same rows (customer, verdicts by channel, words), after their texts were measured;
        one query for every 5,000 people, and none where everybody reads the same."""
        if not any(text.is_personal for text in self._texts.values()):
            yield from rows
            return
        rows = iter(rows)
        while batch := list(islice(rows, AT_ONCE)):
            self._measured = self.read(
                {
                    pk: words
                    for pk, verdicts, words in batch
                    if words and not verdicts[Channel.SMS].refusal
                }
            )
            yield from batch

    def of(self, pk: int, words: Words, channel: str) -> Size:
        """Of somebody whose row has just come from ``ahead``."""
        if channel != Channel.SMS:
            return ONE
        found = self._measured.get(pk)
        if found is None:
            text = self._text(words)
            found = self._size(text, text.common)
        return found

    def read(self, people: Mapping[int, Words]) -> dict[int, Size]:
        """The size of each person's text, by his words; those that everybody reads left out."""
        found: dict[int, Size] = {}
        personal: dict[int, Filling] = {}
        for pk, words in people.items():
            text = self._text(words)
            if text.is_personal:
                personal[pk] = text
        if not personal:
            return found
        texts = {id(text): text for text in personal.values()}.values()
        for row in filling.rows(texts, personal, common=self._common, now=self._now):
            pk = row["customer_id"]
            found[pk] = self._size(personal[pk], row)
        return found

    def _text(self, words: Words) -> Filling:
        """A variation that says nothing by text leaves its arm's own words there."""
        return self._texts.get(words) or self._texts[words[0], ""]

    def _size(self, text: Filling, row: Mapping) -> Size:
        found = text.of(row)
        # Equal values are the same object, kept by the filling: no need to compare texts.
        key = (id(text), *map(id, found))
        size = self._known.get(key)
        if size is None:
            size = self._known[key] = measured(text, found)
            remember(self.values, size, text, found)
        return size


def remember(
    values: dict[tuple[Culprit, ...], list[str]],
    size: Size,
    text: Filling,
    found: Sequence[Filled],
) -> None:
    """Keep up to three values by the culprits that they hold."""
    if not size.culprits:
        return
    kept = values.setdefault(size.culprits, [])
    for slot, filled in zip(text.slots, found, strict=True):
        is_new = filled.text not in kept and len(kept) < MOST_VALUES
        if is_new and any(slot.name == each.field for each in size.culprits):
            kept.append(filled.text)


def measured(text: Filling, found: Sequence[Filled]) -> Size:
    """The size of one text; of one that is too long for a call, as of one that cannot be made."""
    if any(filled.error for filled in found):
        return IMPOSSIBLE
    size = _measured(text, found)
    may_be_too_long = size.parts * sms_segments.GSM_SINGLE > sms_segments.LONGEST
    if may_be_too_long and len(text.body(found)) > sms_segments.LONGEST:
        return IMPOSSIBLE
    return size


def _measured(text: Filling, found: Sequence[Filled]) -> Size:
    septets = [text.literal_septets, *(found[place].septets for place in text.in_text)]
    if None not in septets:  # most texts: no need to write them out
        parts = sms_segments.parts_of_septets(sum(septets))
        return Size(parts, parts, parts)
    body = text.body(found)
    counted = sms_segments.count(body)
    parts = counted.segments
    if not counted.culprits:
        return Size(parts, parts, parts)
    plain = sms_segments.count(plain_letters.plain(body, instead="?")).segments
    least = min(parts, sms_segments.count(plain_letters.plain(body)).segments)
    if plain >= parts:
        return Size(parts, parts, parts)
    culprits = [Culprit(char, _source(char, text, found)) for char in counted.culprits]
    return Size(parts, plain, least, tuple(culprits))


def _source(char: str, text: Filling, found: Sequence[Filled]) -> str:
    for slot, filled in zip(text.slots, found, strict=True):
        if char not in filled.text:
            continue
        passage = slot.passage
        if passage is None:
            return slot.name
        own_words = (passage.source, *(word for _, word in passage.constants))
        if passage.fields and not any(char in word for word in own_words):
            return passage.fields[0]
    return ""
