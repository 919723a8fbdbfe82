"""Carrying out a plan: a handful of statements, however many rows."""

import datetime as dt

from barbershop.models import Barbershop
from customers import changed_addresses, consent, opt_outs
from customers.imports.planning import Change
from customers.models import Customer
from customers.tagging import add_tags

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
    tags = [(change.customer, name) for change in changes for name in change.tags]
    add_tags(tags, shop=shop)
    moved = [change.customer for change in changes if not change.was_new and change.has_moved]
    changed_addresses.end_consents(moved)
    statements = [told for change in changes for told in change.statements]
    if statements:
        consent.record_many(statements, by=by, now=now)
    opt_outs.carry_out([said for change in changes for said in change.opt_outs], by=by, now=now)
