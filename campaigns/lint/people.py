"""What is found when every text is filled in for everybody who would receive it."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from campaigns import message_sizes
from campaigns.email_sizes import Differing, encoded
from campaigns.filling import Filled, Filling
from campaigns.lint import own_blocks
from campaigns.lint.blanks import MESSAGE_EMPTY, SUBJECT_EMPTY, is_blank
from campaigns.lint.findings import ERROR, NOTE, WARNING
from campaigns.message_costs import priced_by
from campaigns.message_sizes import Culprit, Size
from campaigns.offers import OFFER_FIELDS
from customers.channels import Channel

MOST_EXAMPLES = 3
# More parts than this are a note: what is that long is better sent as an email.
MANY_PARTS = 4
# Gmail shows about so much of an email's HTML and hides the rest behind a link
# (measured from 102 to 105 kB: spamresource.com/2022/01).
CLIPPED = 102 * 1024


@dataclass
class Tally:
    """How many messages one finding is about, and the first few people."""

    messages: int = 0
    examples: list[int] = field(default_factory=list)

    def add(self, customer: int) -> None:
        self.messages += 1
        if len(self.examples) < MOST_EXAMPLES:
            self.examples.append(customer)


BLOCK_EMPTY = "block_empty"
Key = tuple[str, str]  # the code of a finding, and a merge field, a kind of block or ""


class Reading:
    """One text or email, filled in for one person after another.

    Attributes:
        found: by what was found, how often.
        passages: those that somebody read something in.
        blocks: the kinds of blocks in it that vanish where they have nothing to say.
        sizes: of texts, with what of a number decides the price; ``values`` as in
            ``message_sizes.Sizes``.
    """

    def __init__(self, channel: str, text: Filling, blanks: Mapping[str, Filling]):
        """
        Args:
            blanks: what may be empty for somebody; see ``blanks.of``.
        """
        self.channel = channel
        self.text = text
        self.blanks = blanks
        self.blocks = frozenset(filter(None, map(own_blocks.block_of, text.slots)))
        self.number = 0
        self.found: dict[Key, Tally] = defaultdict(Tally)
        self.passages: dict[int, bool] = {
            place: False
            for place, slot in enumerate(text.slots)
            if slot.passage is not None and not slot.passage.is_output
        }
        self.in_html = text.places(text.prepared.html)
        self.differing = Differing(text)
        self.literal_bytes = encoded("".join(text.prepared.html.literals))
        self.sizes: Counter[tuple[Size, str]] = Counter()
        self.values: dict[tuple[Culprit, ...], list[str]] = {}
        self._known: dict[tuple, tuple[list[Key], Size]] = {}

    def add(self, customer: int, row: Mapping, address: str) -> None:
        self.number += 1
        filled = self.text.of(row)
        # Equal values are the same object, kept by the filling: no need to compare texts.
        key = tuple(map(id, filled))
        known = self._known.get(key)
        if known is None:
            size = self._size(filled)
            known = self._known[key] = self._read(filled, size, row), size
        for found in known[0]:
            self.found[found].add(customer)
        self.sizes[known[1], priced_by(self.channel, address)] += 1

    def _size(self, filled: Sequence[Filled]) -> Size:
        if self.channel != Channel.SMS:
            return message_sizes.ONE
        size = message_sizes.measured(self.text, filled)
        message_sizes.remember(self.values, size, self.text, filled)
        return size

    def _read(self, filled: Sequence[Filled], size: Size, row: Mapping) -> list[Key]:
        for place, is_read in self.passages.items():
            self.passages[place] = is_read or bool(filled[place].text.strip())
        if any(each.error for each in filled):
            return [("render_error", "")]
        is_text = self.channel == Channel.SMS
        codes = self._text_sizes(size) if is_text else self._email_sizes(filled)
        codes += [code for code, own in self.blanks.items() if is_blank(own.body(own.of(row)))]
        return self._gaps(filled) + [(code, "") for code in codes]

    def _gaps(self, filled: Sequence[Filled]) -> list[Key]:
        missing, instead, vanished = set(), set(), set()
        for slot, each in zip(self.text.slots, filled, strict=True):
            missing.update(each.missing)
            instead.update(own_blocks.writable(slot, each.instead))
            vanished.add(own_blocks.left_out(slot, each))
        found = [("field_empty", name) for name in sorted(missing)]
        found += [("fallback_used", name) for name in sorted(instead - missing)]
        return found + [(BLOCK_EMPTY, kind) for kind in sorted(vanished - {""})]

    def _text_sizes(self, size: Size) -> list[str]:
        if not size.parts:
            return ["text_too_long"]
        return ["many_parts"] if size.parts > MANY_PARTS else []

    def _email_sizes(self, filled: Sequence[Filled]) -> list[str]:
        if not self.differing.fits(filled):
            return ["differs_too_much"]
        whole = self.literal_bytes + sum(encoded(filled[place].html) for place in self.in_html)
        return ["email_clipped"] if whole > CLIPPED else []


def vanished(readings: list[Reading]) -> set[tuple[str, tuple[str, ...]]]:
    """Passages in which nobody reads anything: by channel, the fields that they depend on.

    What a block leaves out of itself is none: it is said of the block.
    """
    seen: dict[tuple[str, tuple[str, ...]], bool] = {}
    for reading in readings:
        if not reading.number:
            continue
        for place, is_read in reading.passages.items():
            slot = reading.text.slots[place]
            if own_blocks.block_of(slot):
                continue
            key = reading.channel, slot.passage.fields
            seen[key] = seen.get(key, False) or is_read
    return {
        key for key, is_read in seen.items() if not is_read and not OFFER_FIELDS.issuperset(key[1])
    }


# By code: level, what is so with its number of messages and its field, and what to do.
SAID: dict[str, tuple[str, str, str]] = {
    "render_error": (
        ERROR,
        "{n} cannot be made and will be blocked.",
        "Look at the preview of one of them, and make the condition in the text simpler.",
    ),
    "field_empty": (
        WARNING,
        "{n} would have a gap: {{{{ {field} }}}} is empty.",
        'Give it words for that: {{{{ {field} | default: "..." }}}}; or leave those people out.',
    ),
    "fallback_used": (
        NOTE,
        "{n} without {{{{ {field} }}}}: its fallback stands there, or its passage says something "
        "else.",
        "Read one of them in the preview.",
    ),
    BLOCK_EMPTY: (
        NOTE,
        "{n} without {block}.",
        "The rest of the email goes without it.",
    ),
    MESSAGE_EMPTY: (
        ERROR,
        "The {one} is empty for {share}: they read only what we add to it.",
        "Give those people words, too: write some outside the conditions, or put "
        "{{% else %}} into them. Or leave the people out.",
    ),
    SUBJECT_EMPTY: (
        ERROR,
        "The subject is empty for {share}.",
        "Write some words outside the conditions of the subject, or give its fields a default.",
    ),
    "text_too_long": (
        ERROR,
        "{n} would be longer than 1,600 characters and cannot be sent.",
        "Shorten the text: Twilio takes no longer one.",
    ),
    "many_parts": (
        WARNING,
        f"{{n}} would have more than {MANY_PARTS} parts.",
        "Each part is paid for: shorten the text, or send an email.",
    ),
    "differs_too_much": (
        ERROR,
        "{n} cannot be sent: what differs for one recipient has 10,000 bytes or more.",
        "Make the passages with conditions shorter: SendGrid takes no more.",
    ),
    "email_clipped": (
        WARNING,
        "{n} would have more than 102 kB of HTML; Gmail hides what is beyond, and the link to "
        "unsubscribe with it.",
        "Shorten the email.",
    ),
}
