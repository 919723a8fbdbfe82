"""Carrying out a plan: a handful of statements, however many rows."""

import datetime as dt
from collections.abc import Iterable

from barbershop.models import Barbershop
from customers import consent
from customers.imports.planning import Change
from customers.models import Customer, CustomerTag, Tag

BATCH = 500
KEPT = frozenset({"id", "shop", "created_at", "source", "joined_at", "erased_at"})
UPDATED = [f.name for f in Customer._meta.concrete_fields if f.name not in KEPT]


def write(changes: list[Change], *, shop: Barbershop, by, now: dt.datetime) -> None:
    """Must run in a transaction."""
    Customer.objects.bulk_create(
        [change.customer for change in changes if change.was_new], batch_size=BATCH
    )
    # An insert that turns into an update: one short statement, where ``bulk_update`` would
    # write a CASE of every row for every column.
    Customer.objects.bulk_create(
        [change.customer for change in changes if not change.was_new and change.fields],
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["pk"],
        update_fields=UPDATED,
    )
    _tag(((change.customer, name) for change in changes for name in sorted(change.tags)), shop=shop)
    statements = [told for change in changes for told in change.statements]
    if statements:
        consent.record_many(statements, by=by, now=now)


def _tag(wanted: Iterable[tuple[Customer, str]], *, shop: Barbershop) -> None:
    wanted = list(wanted)
    names = sorted({name for _, name in wanted})
    if not names:
        return
    Tag.objects.bulk_create((Tag(shop=shop, name=name) for name in names), ignore_conflicts=True)
    ids = {
        name: pk
        for start in range(0, len(names), BATCH)
        for name, pk in Tag.objects.for_shop(shop)
        .filter(name__in=names[start : start + BATCH])
        .values_list("name", "pk")
    }
    CustomerTag.objects.bulk_create(
        (CustomerTag(shop=shop, customer=customer, tag_id=ids[name]) for customer, name in wanted),
        batch_size=BATCH,
        ignore_conflicts=True,
    )
