"""Whether an email can be made for somebody, and whether SendGrid takes what differs in it.

Asked of what the sending code puts into its call (``communications.delivery.compose``): the values
of one recipient, as text and as HTML, with the keys that stand for them in the bodies.
"""

from collections.abc import Collection, Mapping, Sequence

from django.db.models import Max
from django.db.models.functions import Length

from barbershop.models import Barbershop
from campaigns import most_written
from campaigns.filling import Filled, Filling, personal_names
from communications.compiled import Slot
from communications.delivery.compose import MOST_BYTES, Personalizer
from communications.merge_fields import MERGE_FIELDS
from communications.models import DeliveryAttempt
from customers.models import Customer

# Characters of a number, a day, some free times or a word of our own, in any language: far fewer.
LONGEST_WRITTEN = 200


class Differing:
    """What differs per recipient of one content, in bytes of its call."""

    def __init__(self, text: Filling):
        self._text = text
        call = Personalizer(text.prepared, attempt=DeliveryAttempt())
        self._keys = [(len(plain or ""), len(html or "")) for _, plain, html, _ in call.wanted]

    def size(self, found: Sequence[Filled]) -> int:
        """In bytes, of what was found for one recipient."""
        return sum(
            _bytes(filled, plain, html)
            for filled, (plain, html) in zip(found, self._keys, strict=True)
        )

    def fits(self, found: Sequence[Filled]) -> bool:
        """Whether the email can be made and the provider takes it."""
        return not any(filled.error for filled in found) and self.size(found) < MOST_BYTES

    def always_fits(self, longest: Mapping[str, int]) -> bool:
        """Whether that is certain of everybody, whatever he is called; see ``most``."""
        most = self.most(longest)
        return most is not None and most < MOST_BYTES

    def most(self, longest: Mapping[str, int]) -> int | None:
        """The most bytes of anybody; None where it is not certain that it can be made for all.

        Args:
            longest: the most characters of each merge field; of others nothing is known.
        """
        text, size = self._text, 0
        characters = {**_given(text), **longest}
        for slot, filled, keys in zip(text.slots, text.of(text.common), self._keys, strict=True):
            if slot not in text.personal:
                if filled.error:
                    return None
                size += _bytes(filled, *keys)
                continue
            most = most_written.most_bytes(slot, characters=characters)
            if most is None:
                return None
            size += sum(key + most for key in keys if key)
        return size


def fitting_everybody(emails: Collection[Filling], *, shop: Barbershop) -> list[Filling]:
    """Those of which nobody has to be asked; one query at most."""
    names = {name for text in emails for name in personal_names(text.prepared)}
    longest = _longest(names, shop=shop)
    return [text for text in emails if Differing(text).always_fits(longest)]


def _longest(names: Collection[str], *, shop: Barbershop) -> dict[str, int]:
    """The most characters that each field has for anybody of the shop, where that is told at
    once: of what is read visit by visit it is not."""
    fields = [MERGE_FIELDS[name] for name in sorted(names)]
    asked = {
        field.name: Max(Length(field.path)) for field in fields if field.path and not field.write
    }
    known = Customer.objects.for_shop(shop).aggregate(**asked) if asked else {}
    written = {field.name: LONGEST_WRITTEN for field in fields if field.write}
    return written | {name: characters or 0 for name, characters in known.items()}


def _given(text: Filling) -> dict[str, int]:
    """Characters of what the campaign gives to all, and of what is as long for everybody."""
    found = {
        name: LONGEST_WRITTEN + len(value)
        for name, value in text.common["values"].items()
        if MERGE_FIELDS[name].write_given  # such as the last day, in the reader's language
    }
    for passage in (slot.passage for slot in text.personal if slot.passage):
        slots = {f"_link_{link}": Slot("link", link=link) for link in passage.links}
        slots |= {name: Slot(name) for name in passage.fields if text.is_same(name)}
        for name, slot in slots.items():
            value = text.prepared.raw(slot, text.common)
            found[name] = 0 if value is None else len(str(value))
    return found


def _bytes(filled: Filled, plain: int, html: int) -> int:
    """Of the keys, as long as they are said to be, and of what they stand for."""
    return (plain and plain + encoded(filled.text)) + (html and html + encoded(filled.html))


def encoded(text: str) -> int:
    """So many bytes in UTF-8."""
    return len(text) if text.isascii() else len(text.encode(errors="replace"))
