"""What is known of a message after it was accepted, and how two knowledges become one.

Delivery only rises and a first time only falls, so joining facts is commutative, associative and
idempotent: neither order nor repetition of reports can change where a message ends.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from django.db import connection

from communications.models import CustomerCommunication

TIMES = (
    "proven_at",
    "delivered_at",
    "bounced_at",
    "opened_at",
    "clicked_at",
    "replied_at",
    "unsubscribed_at",
    "complained_at",
    "machine_opened_at",
    "machine_clicked_at",
)
_COLUMNS = ("delivery", "error_code", *TIMES)
# 500 rows of 13 values stay far below SQLite's limit of 32,766 parameters.
_ROWS_PER_UPDATE = 500


@dataclass(slots=True)
class Facts:
    """The highest delivery with its error code, and the first time of everything that happened."""

    delivery: int = 0
    error_code: str = ""
    times: dict[str, dt.datetime] = field(default_factory=dict)

    def join(self, other: "Facts") -> "Facts":
        """Take in what the other knows. Of two codes at the same delivery the greater stays."""
        if (other.delivery, other.error_code) > (self.delivery, self.error_code):
            self.delivery, self.error_code = other.delivery, other.error_code
        for name, at in other.times.items():
            mine = self.times.get(name)
            if mine is None or at < mine:
                self.times[name] = at
        return self


@dataclass(frozen=True, slots=True)
class Known:
    """A message that facts were found for: who it went to, and what we believed of it."""

    id: int
    uuid: UUID
    shop_id: int
    customer_id: int | None
    channel: str
    topic: str
    address_hmac: str
    send_state: str
    dispatch_id: int


_READ = tuple(Known.__dataclass_fields__)


def write(found: Mapping[UUID, Facts]) -> dict[UUID, Known]:
    """Join the facts into the ledger and return the messages that exist, by UUID.

    Must run in a transaction: the rows stay locked from reading to writing.
    """
    rows = (
        CustomerCommunication.objects.filter(uuid__in=list(found))
        .select_for_update()
        .order_by("pk")
        .values_list(*_READ, *_COLUMNS)
    )
    known: dict[UUID, Known] = {}
    changes = []
    for row in rows:
        message = Known(*row[: len(_READ)])
        known[message.uuid] = message
        before = row[len(_READ) :]
        after = _values(_facts(before).join(found[message.uuid]))
        if after != before:
            changes.append((message.id, *after))
    _update(changes)
    return known


def _facts(columns: tuple) -> Facts:
    delivery, code, *times = columns
    known = {name: at for name, at in zip(TIMES, times, strict=True) if at is not None}
    return Facts(delivery, code, known)


def _values(facts: Facts) -> tuple:
    return (facts.delivery, facts.error_code, *(facts.times.get(name) for name in TIMES))


def _update(changes: list[tuple]) -> None:
    """Write all rows with one statement per 500: the same SQL on both databases."""
    if not changes:
        return
    fields = [CustomerCommunication._meta.get_field(name) for name in ("id", *_COLUMNS)]
    # PostgreSQL takes a column without any value for text; SQLite would turn a cast into a number.
    cast = connection.vendor == "postgresql"
    marks = [f"%s::{f.rel_db_type(connection)}" if cast else "%s" for f in fields]
    row_marks = f"({', '.join(marks)})"
    assignments = ", ".join(
        f"{connection.ops.quote_name(f.column)} = v.column{position}"
        for position, f in enumerate(fields[1:], start=2)
    )
    table = connection.ops.quote_name(CustomerCommunication._meta.db_table)
    with connection.cursor() as cursor:
        for start in range(0, len(changes), _ROWS_PER_UPDATE):
            chunk = changes[start : start + _ROWS_PER_UPDATE]
            values = ", ".join([row_marks] * len(chunk))
            cursor.execute(
                # Only names of our own columns are put into the text.
                f"UPDATE {table} SET {assignments} FROM (VALUES {values}) AS v "  # noqa: S608
                f"WHERE {table}.id = v.column1",
                list(_prepared(fields, chunk)),
            )


def _prepared(fields: list, rows: Iterable[tuple]) -> Iterable:
    for row in rows:
        for column, value in zip(fields, row, strict=True):
            yield column.get_db_prep_save(value, connection)
