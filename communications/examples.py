"""A text as somebody might read it, before there is anybody to read it."""

from collections.abc import Mapping

from barbershop.models import Barbershop
from communications import rendering
from communications.compiled import Compiled, Slot, compile_subject, compile_text, targets
from communications.merge_fields import MERGE_FIELDS
from communications.recipient_rows import NOBODY
from communications.visit_facts import Reader
from communications.written import written_value


def filled(text: str, *, shop: Barbershop, values: Mapping[str, str]) -> str:
    """The text with the shop's own words, these values, and examples for the rest.

    Links have their full length, so that the result can be measured.
    """
    found = targets(text, booking_url=shop.booking_url)
    compiled = compile_text(text, links=found, booking_url=shop.booking_url)
    return _joined(compiled, shop=shop, values=values)


def filled_subject(subject: str, *, shop: Barbershop, values: Mapping[str, str]) -> str:
    return _joined(compile_subject(subject), shop=shop, values=values)


def _joined(compiled: Compiled, *, shop, values) -> str:
    def value(slot: Slot) -> str | int:
        return _value(slot, shop=shop, values=values)

    return compiled.join([slot.evaluated(value) for slot in compiled.slots])


def _value(slot: Slot, *, shop, values) -> str | int:
    if slot.link is not None:
        return rendering.click_url(NOBODY, 0)
    if slot.name == rendering.UNSUBSCRIBE.name:
        return rendering.unsubscribe_url(NOBODY)
    field = MERGE_FIELDS[slot.name]
    if field.shop_attribute:
        return written_value(str(getattr(shop, field.shop_attribute) or ""))
    if field.is_wording:
        return field.write("", {}, Reader(shop))
    given = values.get(slot.name)
    if given and field.write_given:
        return field.write_given(given, {}, Reader(shop))
    return given or field.sample
