"""What the texts say of each recipient, read for all of them by one query.

A row is a mapping with ``uuid``, ``values``, ``customer_id``, the look-ups of the merge fields
(``customer__first_name``), their expressions (``fact_visit_count``), and where free times or days
are counted ``now`` and ``free_times``.
"""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from typing import Any
from uuid import UUID

from django.db.models import Expression, F, QuerySet

from communications import visit_facts
from communications.merge_fields import MERGE_FIELDS, MergeField
from communications.models import CustomerCommunication
from communications.visit_facts import Person
from customers.models import Customer

Row = Mapping[str, Any]
NOBODY = UUID(int=0)
_PREFIX = "customer__"
_READ = ("uuid", "values", "customer_id")
# In the values of a test: whose facts stand in it. The message stays nobody's.
AS_CUSTOMER = "as_customer"


def paths(names: Collection[str]) -> list[str]:
    """Look-ups from the message row that these merge fields need."""
    found = {path for field in _fields(names) for path in (field.path, *field.needs) if path}
    return sorted(_PREFIX + path for path in found)


def of_messages(
    messages: QuerySet[CustomerCommunication],
    *columns: str,
    names: Collection[str],
    shop,
    now: dt.datetime,
) -> Iterator[dict]:
    """Rows of messages in the ledger, with further columns; in the order of the messages.

    One query; another one where free times are asked for, and for whomever a test is filled in as.
    """
    facts = _facts(names, Person.of_message(now=now))
    asked = tuple(dict.fromkeys((*_READ, *columns)))
    chosen: dict[str, Row] = {}
    found = messages.values(*asked, *paths(names), **facts)
    for row in _completed(found, names=names, shop=shop, now=now):
        if row["customer_id"] is None and (pk := row["values"].get(AS_CUSTOMER)):
            if pk not in chosen:
                chosen[pk] = _as_customer(pk, names=names, shop=shop, now=now)
            row = _filled_in(row, chosen[pk], keep=asked)
        yield row


def of_customers(
    customers: QuerySet[Customer],
    *,
    names: Collection[str],
    shop,
    values: Mapping[int, Mapping[str, str]] | None = None,
    common: Mapping[str, str] | None = None,
    now: dt.datetime,
) -> Iterator[dict]:
    """The same rows for customers without a message.

    Args:
        values: by customer, what the campaign gives to each; ``common`` is the same for all.
    """
    facts = _facts(names, Person.himself(now=now))
    found = customers.values(
        customer_id=F("id"),
        **{f"own_{path}": F(path.removeprefix(_PREFIX)) for path in paths(names)},
        **facts,
    )
    rows = (
        {k.removeprefix("own_"): v for k, v in each.items()}
        | {
            "uuid": NOBODY,
            "values": {**(common or {}), **(values or {}).get(each["customer_id"], {})},
        }
        for each in found.iterator(chunk_size=2_000)
    )
    yield from _completed(rows, names=names, shop=shop, now=now)


def _as_customer(pk: str, *, names: Collection[str], shop, now: dt.datetime) -> Row:
    """What is read of the customer; nothing when he has gone, so that examples stand there."""
    people = Customer.objects.for_shop(shop).present().filter(pk=int(pk))
    return next(of_customers(people, names=names, shop=shop, now=now), {})


def _filled_in(row: dict, customer: Row, *, keep: Collection[str]) -> dict:
    own = {name: row[name] for name in keep if name != "customer_id"}
    return {**row, **customer, **own} if customer else row


def _fields(names: Collection[str]) -> list[MergeField]:
    return [MERGE_FIELDS[name] for name in sorted(names) if name in MERGE_FIELDS]


def _facts(names: Collection[str], person: Person) -> dict[str, Expression]:
    return {field.column: field.expression(person) for field in _fields(names) if field.expression}


def _completed(rows, *, names: Collection[str], shop, now: dt.datetime) -> Iterator[dict]:
    written = [field for field in _fields(names) if field.write]
    if not written:
        yield from rows
        return
    more: dict[str, Any] = {"now": now}
    if any(field.needs and not (field.path or field.expression) for field in written):
        more["free_times"] = visit_facts.free_times(shop, now=now)
    for row in rows:
        row.update(more)
        yield row
