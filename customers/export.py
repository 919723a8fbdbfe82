"""Everything that is held about one person, table by table, for himself or for another system."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from django.core.serializers.json import DjangoJSONEncoder
from django.utils import timezone

from barbershop import audit, personal_data
from barbershop.personal_data import Person, Table
from customers import identity
from customers.models import Customer

FORMAT = 1
CHUNK = 100
_encode = DjangoJSONEncoder(ensure_ascii=False).encode


@dataclass(frozen=True)
class Section:
    """The rows of one table. Reading ``rows`` asks the database, a chunk at a time."""

    table: Table
    person: Person

    @property
    def name(self) -> str:
        return self.table.name

    @property
    def title(self) -> str:
        return self.table.title

    def rows(self) -> Iterator[dict]:
        """Plain values by column name, oldest first."""
        table = self.table
        found = table.rows(self.person).order_by("pk").values(*table.columns, *table.shown.values())
        renamed = {path: label for label, path in table.shown.items()}
        stream = found.iterator(chunk_size=CHUNK)
        while chunk := list(islice(stream, CHUNK)):
            rows = [{renamed.get(name, name): row[name] for name in row} for row in chunk]
            if table.add:
                table.add(rows)
            yield from rows


def sections(customer: Customer, *, now: dt.datetime | None = None) -> list[Section]:
    """One per table with personal data, the customer's own row first."""
    person = identity.of(customer, until=now or timezone.now())
    return [Section(table, person) for table in personal_data.holders()]


def record(customer: Customer, *, by=None, token=None, form: str, request=None, now=None) -> None:
    """Keep in the audit log who took a copy, and in which form (``json`` or ``page``)."""
    audit.record(
        shop=customer.shop,
        action="customer.export",
        by=by,
        token=token,
        target=customer,
        after={"form": form},
        request=request,
        now=now,
    )


def as_json(customer: Customer, *, now: dt.datetime | None = None) -> Iterator[str]:
    """The whole as one JSON object, in pieces.

    ``{"format": 1, "made_at", "shop", "customer": id, "sections": {table: {"title", "rows"}}}``;
    money in minor units, times in UTC.
    """
    now = now or timezone.now()
    head = {"format": FORMAT, "made_at": now, "shop": customer.shop.name, "customer": customer.pk}
    yield f'{_encode(head)[:-1]}, "sections": {{'
    for number, section in enumerate(sections(customer, now=now)):
        yield f"{', ' if number else ''}{_encode(section.name)}: "
        yield f'{{"title": {_encode(section.title)}, "rows": ['
        for index, row in enumerate(section.rows()):
            yield f"{', ' if index else ''}{_encode(row)}"
        yield "]}"
    yield "}}"
