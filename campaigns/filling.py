"""One content filled in for many people: every distinct value is worked out once.

First names repeat, so that a hundred thousand people cost a few thousand evaluations. The values
are those of the renderer that sends (``communications.rendering.Prepared``).
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from barbershop.any_of import AnyOf
from communications import rendering, sms_segments
from communications.compiled import Compiled, Slot
from communications.liquid import Day, engine
from communications.merge_fields import MERGE_FIELDS
from communications.recipient_rows import NOBODY
from communications.rendering import Prepared
from customers.models import Customer


@dataclass(frozen=True, slots=True)
class Filled:
    """What stands in one slot for one set of values.

    Attributes:
        html: the same as HTML.
        septets: where no cut of a text can divide it; else None.
        missing: fields that are empty and leave a gap.
        instead: by field that is empty, the fallback that stands there; empty where a passage does
            without it.
        error: why it cannot be made.
    """

    text: str
    html: str = ""
    missing: frozenset[str] = frozenset()
    instead: Mapping[str, str] = field(default_factory=dict)
    error: str = ""
    septets: int | None = None


class Filling:
    """A content and what its slots have been worked out to so far.

    Attributes:
        is_personal: something in it is read of each customer.
        slots: every slot once; ``in_text`` are the places of those in the plain text.
        personal: the slots in which not everybody reads the same; links of one length aside.
        literal_septets: of the plain text without its slots; see ``Filled.septets``.
    """

    def __init__(self, prepared: Prepared, *, common: Mapping[str, str], notes_gaps: bool = True):
        """
        Args:
            common: values that are the same for everybody.
            notes_gaps: whether anybody asks for ``Filled.missing`` and ``Filled.instead``.
        """
        self.prepared = prepared
        self.notes_gaps = notes_gaps
        self.is_personal = bool(personal_names(prepared))
        self.common = {"uuid": NOBODY, "customer_id": 0, "values": dict(common)}
        self.slots = prepared.slots
        self._known = [(slot, *self._decided_by(slot), {}) for slot in self.slots]
        self.personal = frozenset(slot for slot, *by, _ in self._known if any(by))
        self.in_text = self.places(prepared.text)
        self.literal_septets = sms_segments.plain_septets("".join(prepared.text.literals))

    def body(self, found: Sequence[Filled]) -> str:
        """The plain text with what was found."""
        return self.prepared.text.join([found[place].text for place in self.in_text])

    def of(self, row: Mapping) -> list[Filled]:
        """In the order of ``slots``; raises nothing. Equal values are the same object."""
        found = []
        for slot, columns, fields, known in self._known:
            key = tuple([row.get(column) for column in columns])
            if fields:
                key += tuple([_key(self.prepared.raw(each, row)) for each in fields])
            filled = known.get(key)
            if filled is None:
                filled = known[key] = self._filled(slot, row)
            found.append(filled)
        return found

    def _filled(self, slot: Slot, row: Mapping) -> Filled:
        try:
            text = self.prepared.value(slot, row)
        except Exception as error:  # noqa: BLE001 - whatever it is, the send would block the row
            return Filled("", error=str(error) or type(error).__name__)
        gaps = _gaps(self.prepared, slot, row, text) if self.notes_gaps else {}
        septets = sms_segments.plain_septets(text)
        return Filled(text, slot.in_html(text), septets=septets, **gaps)

    def _decided_by(self, slot: Slot) -> tuple[list[str], list[Slot]]:
        """Columns of a row whose values decide what stands there; and fields that are shorter to
        compare as they are written: a day has many moments."""
        columns, written = [], []
        for name in slot.passage.fields if slot.passage else (slot.name,):
            field = MERGE_FIELDS.get(name)
            if slot.link is not None or field is None or self._is_given(name):
                continue
            if field.write and field.column:
                written.append(Slot(name))
            else:
                columns += [field.column, *(f"customer__{need}" for need in field.needs)]
        return [column for column in columns if column], written

    def is_same(self, name: str) -> bool:
        """Whether a merge field is the same, or a link as long, for everybody."""
        return not any(self._decided_by(Slot(name)))

    def _is_given(self, name: str) -> bool:
        if name in self.prepared.constants or name == rendering.UNSUBSCRIBE.name:
            return True
        return bool(self.common["values"].get(name)) and not MERGE_FIELDS[name].write_given

    def places(self, compiled: Compiled) -> list[int]:
        """Where the slots of one of its bodies stand among ``slots``, in order."""
        return [self.slots.index(slot) for slot in compiled.slots]


def personal_names(prepared: Prepared) -> list[str]:
    """The merge fields in it that are read of each customer."""
    known = (MERGE_FIELDS.get(name) for name in prepared.names)
    return [f.name for f in known if f and (f.path or f.expression or f.write or f.write_given)]


def rows(
    fillings: Collection[Filling],
    people: Collection[int],
    *,
    common: Mapping[str, str],
    now,
) -> Iterator[Mapping]:
    """What the contents say of these people; one query for all of them.

    Args:
        people: ids, at least one.
        common: values that are the same for everybody.
    """
    ids = sorted(people)
    # The range is for the database: without it, it may read the whole shop for every batch.
    asked = Customer.objects.filter(AnyOf("pk", ids), pk__range=(ids[0], ids[-1]))
    return rendering.rows([each.prepared for each in fillings], asked, common=common, now=now)


def _key(value):
    # The same words may be a date in another language, which a filter writes differently.
    return (str(value), value.on, value.language) if type(value) is Day else value


def _gaps(prepared: Prepared, slot: Slot, row: Mapping, text: str) -> dict:
    """What of ``Filled`` says which fields are empty; ``text`` is what stands in the slot."""
    passage = slot.passage
    if passage is not None:
        known = slot.known(partial(prepared.raw, row=row))
        missing = frozenset(engine.gaps(passage.source, known))
        empty = {name for name in passage.fields if known[name] is None} - missing
        if passage.is_output:  # the others are defaults of the first
            first = passage.fields[0]
            instead = {first: passage.read(text)} if first in empty else {}
        else:
            instead = dict.fromkeys(sorted(empty), "")
        return {"missing": missing, "instead": instead}
    if slot.link is not None or prepared.raw(slot, row) not in ("", None):
        return {}
    if slot.fallback:
        return {"instead": {slot.name: slot.fallback}}
    return {"missing": frozenset({slot.name})}
