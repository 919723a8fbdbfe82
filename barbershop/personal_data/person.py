"""One person of one shop, as his rows are looked for, and his words in other people's texts."""

import datetime as dt
import json
import re
from collections.abc import Collection
from dataclasses import dataclass, field

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast

SHORTEST_QUOTE = 5  # characters; a shorter word stands in texts about other people too
STRUCK = "…"
_ADDRESS = re.compile(r"[\w.+%-]+@[\w.-]+\.\w+|\+?\(?\d[\d\s().-]{7,}\d")


@dataclass(frozen=True, kw_only=True)
class Person:
    """Whose rows are meant.

    Attributes:
        object_type: how audit entries name the model of his row, such as ``customers.customer``.
        addresses: ``(channel, HMAC)`` of every address that he is known to have had.
        quotes: his addresses, full name and external id as plain text, to be found where somebody
            or some program has quoted them; nothing once he is erased.
        until: what came in later from one of his addresses is no more his: the erasure's moment.
    """

    shop_id: int
    customer_id: int
    object_type: str
    until: dt.datetime
    addresses: frozenset[tuple[str, str]] = frozenset()
    quotes: tuple[str, ...] = field(default=(), repr=False)

    @property
    def hmacs(self) -> set[str]:
        return {hmac for _, hmac in self.addresses}


def quoting(rows: QuerySet, *columns: str, person: Person) -> QuerySet:
    """Those rows in which one of the columns, a text or JSON, quotes the person."""
    words = {form for quote in person.quotes for form in (quote, json.dumps(quote)[1:-1])}
    said = Q()
    for column in columns:
        rows = rows.alias(**{f"{column}_text": Cast(column, TextField())})
        for word in words:
            said |= Q(**{f"{column}_text__icontains": word})
    return rows.filter(said) if said else rows.none()


def strike_out(text: str, words: Collection[str] = ()) -> str:
    """The text without anything that looks like an address, and without these words."""
    text = _ADDRESS.sub(STRUCK, text)
    for word in sorted(filter(None, words), key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", STRUCK, text, flags=re.IGNORECASE)
    return text
