"""What is known of a message after it was accepted, and how two knowledges become one.

Delivery only rises and a first time only falls, so joining facts is commutative, associative and
idempotent: neither order nor repetition of reports can change where a message ends.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from django.db import connection
from django.db.models import Field

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
# 1,000 rows of 13 values stay below SQLite's limit of 32,766 parameters.
_ROWS_PER_UPDATE = 1000


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
    changed: set[int] = set()
    for row in rows:
        message = Known(*row[: len(_READ)])
        known[message.uuid] = message
        before = row[len(_READ) :]
        after = _values(_facts(before).join(found[message.uuid]))
        if after != before:
            changes.append((message.id, *after))
            changed.update(n for n, (b, a) in enumerate(zip(before, after, strict=True)) if a != b)
    _update(changes, columns=sorted(changed))
    return known


def _facts(columns: tuple) -> Facts:
    delivery, code, *times = columns
    known = {name: at for name, at in zip(TIMES, times, strict=True) if at is not None}
    return Facts(delivery, code, known)


def _values(facts: Facts) -> tuple:
    return (facts.delivery, facts.error_code, *(facts.times.get(name) for name in TIMES))


def _update(changes: list[tuple], *, columns: list[int]) -> None:
    """Write the columns that changed anywhere, many rows with one statement."""
    positions = [0, *(position + 1 for position in columns)]
    fields = [
        CustomerCommunication._meta.get_field(name)
        for name in ("id", *(_COLUMNS[position] for position in columns))
    ]
    quote = connection.ops.quote_name
    table = quote(CustomerCommunication._meta.db_table)
    assignments = ", ".join(
        f"{quote(field.column)} = v.column{number}" for number, field in enumerate(fields[1:], 2)
    )
    with connection.cursor() as cursor:
        for start in range(0, len(changes), _ROWS_PER_UPDATE):
            rows = [
                [_adapted(change[position]) for position in positions]
                for change in changes[start : start + _ROWS_PER_UPDATE]
            ]
            source, values = _rows_as_table(fields, rows)
            cursor.execute(
                # Only names of our own columns are put into the text.
                f"UPDATE {table} SET {assignments} FROM {source} WHERE {table}.id = v.column1",  # noqa: S608
                values,
            )


def _rows_as_table(fields: list[Field], rows: list[list]) -> tuple[str, list]:
    """The rows as a table ``v`` with ``column1`` and so on, and its parameters."""
    if connection.vendor == "postgresql":
        # One array per column: PostgreSQL reads it several times faster than a list of rows.
        arrays = ", ".join(f"%s::{field.rel_db_type(connection)}[]" for field in fields)
        names = ", ".join(f"column{number}" for number in range(1, len(fields) + 1))
        return f"unnest({arrays}) AS v({names})", [
            list(column) for column in zip(*rows, strict=True)
        ]
    marks = f"({', '.join(['%s'] * len(fields))})"
    return f"(VALUES {', '.join([marks] * len(rows))}) AS v", [v for row in rows for v in row]


def _adapted(value):
    if isinstance(value, dt.datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return value
