"""How many parts each person's own text has, and which character makes it one more; and whether
his email can be made.

Both are made by the renderer that sends, with links of their full length. Texts are counted as the
provider counts them: the forecast is what will be billed.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice

from campaigns import email_sizes, filling, readiness
from campaigns.email_sizes import Differing
from campaigns.filling import Filled, Filling
from campaigns.models import CampaignDefinition
from communications import plain_letters, rendering, sms_segments
from communications.merge_fields import MERGE_FIELDS
from communications.models import Dispatch
from customers.channels import Channel

Words = tuple[str, str]  # the label of an arm, and the name of a variation or ""
Message = tuple[str, Words]  # the channel, and what is said there
AT_ONCE = 5_000
MOST_VALUES = 3


@dataclass(frozen=True, slots=True)
class Culprit:
    """A character outside GSM-7 and the field whose value it came from; "" for the words."""

    character: str
    field: str

    @property
    def is_of_people(self) -> bool:
        """It stands in what is known of the reader, whom nobody can call otherwise."""
        known = MERGE_FIELDS.get(self.field)
        return bool(known and known.is_of_people)

    @property
    def instead(self) -> str | None:
        """What may be written for it: empty for what is best left out, None where nothing is known
        or where it is not the shop that writes it."""
        return None if self.is_of_people else plain_letters.replacement(self.character)


@dataclass(frozen=True, slots=True)
class Size:
    """Of one message. Two texts of the same size and with the same culprits are the same.

    Attributes:
        parts: that it is billed as; 0 when it cannot be made.
        plain: parts if no character were outside GSM-7.
        least: parts after the replacements that the shop can write.
        culprits: the characters that make it longer than ``plain``; none where they cost nothing.
    """

    parts: int
    plain: int
    least: int
    culprits: tuple[Culprit, ...] = ()


ONE = Size(1, 1, 1)  # an email
IMPOSSIBLE = Size(0, 0, 0)  # cannot be made, or the provider would not take it


class Sizes:
    """The sizes of the messages that a campaign would send.

    Attributes:
        values: by culprits, up to three values of fields in which they were found.
    """

    def __init__(self, definition: CampaignDefinition, *, now: dt.datetime):
        """
        Raises:
            campaigns.refusals.Refused: when the content cannot be sent.
        """
        self._shop = definition.shop
        self._now = now
        self._common = readiness.example_values(definition, now=now)
        self._contents = {
            (part.channel, label, variation): Filling(
                rendering.draft(
                    shop=definition.shop,
                    channel=part.channel,
                    kind=Dispatch.Kind.MARKETING,
                    content=part,
                ),
                common=self._common,
                notes_gaps=False,
            )
            for label, variation, part in readiness.parts(definition)
        }
        self._measures = {
            id(text): measure(channel, text) for (channel, *_), text in self._contents.items()
        }
        self._known: dict[tuple, Size] = {}
        self._measured: dict[tuple[int, str], Size] = {}
        self.values: dict[tuple[Culprit, ...], list[str]] = {}
        # One size for everybody, by content; of the others each person is asked.
        self._alike = {
            id(text): self._size(text, text.common)
            for text in self._contents.values()
            if not text.is_personal
        }

    def ahead(self, rows: Iterable[tuple]) -> Iterator[tuple]:
        """The same rows (customer, verdicts by channel, words), after their messages were measured;
        one query for every 5,000 people, and none where nothing depends on who reads it."""
        self._find_alike()
        if len(self._alike) == len(self._contents):
            yield from rows
            return
        rows = iter(rows)
        while batch := list(islice(rows, AT_ONCE)):
            self.read(
                {
                    pk: [(name, words) for name, found in verdicts.items() if not found.refusal]
                    for pk, verdicts, words in batch
                    if words
                }
            )
            yield from batch

    def of(self, pk: int, words: Words, channel: str) -> Size:
        """Of somebody whose row has just come from ``ahead``, or was in ``read``."""
        return self._measured.get((pk, channel)) or self._alike[id(self._content(channel, words))]

    def read(self, people: Mapping[int, Iterable[Message]]) -> None:
        """Measure the messages of each person that not everybody reads; one query at most."""
        self._measured = {}
        personal: dict[int, list[tuple[str, Filling]]] = {}
        for pk, messages in people.items():
            for channel, words in messages:
                text = self._content(channel, words)
                if id(text) not in self._alike:
                    personal.setdefault(pk, []).append((channel, text))
        if not personal:
            return
        texts = {id(text): text for found in personal.values() for _, text in found}.values()
        for row in filling.rows(texts, personal, common=self._common, now=self._now):
            pk = row["customer_id"]
            for channel, text in personal[pk]:
                self._measured[pk, channel] = self._size(text, row)

    def _find_alike(self) -> None:
        """Emails that can be made for anybody: nobody has to be asked about them."""
        emails = [
            text
            for (channel, *_), text in self._contents.items()
            if channel == Channel.EMAIL and id(text) not in self._alike
        ]
        fitting = email_sizes.fitting_everybody(emails, shop=self._shop)
        self._alike |= {id(text): ONE for text in fitting}

    def _content(self, channel: str, words: Words) -> Filling:
        """A variation that says nothing on a channel leaves its arm's own words there."""
        found = self._contents.get((channel, *words))
        return found or self._contents[channel, words[0], ""]

    def _size(self, text: Filling, row: Mapping) -> Size:
        found = text.of(row)
        # Equal values are the same object, kept by the filling: no need to compare texts.
        key = (id(text), *map(id, found))
        size = self._known.get(key)
        if size is None:
            size = self._known[key] = self._measures[id(text)](found)
            remember(self.values, size, text, found)
        return size


def measure(channel: str, text: Filling) -> Callable[[Sequence[Filled]], Size]:
    """How large one content is with what was found for one reader."""
    if channel == Channel.SMS:
        return partial(measured, text)
    differing = Differing(text)
    return lambda found: ONE if differing.fits(found) else IMPOSSIBLE


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
    if plain >= parts:
        return Size(parts, parts, parts)
    culprits = tuple(Culprit(char, source(char, text, found)) for char in counted.culprits)
    instead = {ord(each.character): each.instead for each in culprits if each.instead is not None}
    least = min(parts, sms_segments.count(body.translate(instead)).segments)
    return Size(parts, plain, least, culprits)


def source(char: str, text: Filling, found: Sequence[Filled]) -> str:
    """The field whose value a character came from; "" for the words."""
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
