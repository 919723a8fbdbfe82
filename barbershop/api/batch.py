"""The work of a bulk call: validate each item, then write all good ones together."""

from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError as ModelError
from django.db import DataError, IntegrityError
from django.utils import timezone
from rest_framework.exceptions import APIException

from barbershop import deadlocks
from barbershop.api.errors import body_of
from barbershop.api.related import CHUNK, load_related

CREATED, UPDATED, UNCHANGED, ERROR = "created", "updated", "unchanged", "error"
REFUSALS = (APIException, ModelError, IntegrityError, DataError, OverflowError)


@dataclass
class Item:
    """One entry of the list and what became of it."""

    index: int
    external_id: str | None
    row: Any = None
    attrs: dict | None = None
    aside: dict = field(default_factory=dict)
    changed: tuple[str, ...] = ()
    status: str = ERROR
    error: dict | None = None

    def refuse(self, exc: Exception) -> None:
        self.status, self.error, self.row = ERROR, body_of(exc)["error"], None

    def result(self) -> dict:
        row_id = getattr(self.row, "pk", None)
        names = ("index", "status", "external_id", "error")
        return {**{name: getattr(self, name) for name in names}, "id": row_id}


class Batch:
    """Later items of one list see earlier ones: the same ``external_id`` twice is an update."""

    def __init__(self, *, view, items: list):
        self.view, self.raw = view, items
        self.serializer = view.get_serializer(data={})
        self.model = self.serializer.Meta.model
        self.fields = self.model._meta.concrete_fields
        loaded = load_related(self.serializer, items, shop=view.shop)
        self.serializer.context["loaded"] = loaded
        self.aside: dict[int, dict] = {}  # by identity of the row: what is written beside it
        self.rows = self._rows()
        self.by_external_id = self._existing({_external_id(raw) for raw in items} - {None})

    def run(self) -> dict:
        """Write what can be written; the answer of the call."""
        items = [self._one(index, raw) for index, raw in enumerate(self.raw)]
        self._write(items)
        counts = {f"{word}s" if word == ERROR else word: 0 for word in (CREATED, UPDATED, ERROR)}
        for item in items:
            name = "errors" if item.status == ERROR else item.status
            counts[name] = counts.get(name, 0) + 1
        rows = [item.row for item in items if item.status != ERROR]
        note = self.view.note_on_bulk(rows)
        return {"results": [item.result() for item in items], UNCHANGED: 0, **counts, "note": note}

    def _rows(self):
        names = {name for name, field in self.serializer.fields.items() if field.read_only}
        if any(isinstance(raw, dict) and names & raw.keys() for raw in self.raw):
            return self.view.get_queryset()  # to compare what is shown with what came back
        return self.view.queryset_for_bulk(self.view.shop)

    def _existing(self, external_ids: set[str]) -> dict:
        wanted, found = sorted(external_ids), {}
        for start in range(0, len(wanted), CHUNK):
            for row in with_external_ids(self.rows, wanted[start : start + CHUNK]):
                row.shop = self.view.shop
                found[row.external_id] = row
        return found

    def _one(self, index: int, raw) -> Item:
        item = Item(index, _external_id(raw))
        existing = self.by_external_id.get(item.external_id) if item.external_id else None
        try:
            item.attrs = self._validated(raw, existing)
            self._apply(item, existing)
        except REFUSALS as exc:
            item.refuse(exc)
        else:
            if item.external_id:
                self.by_external_id[item.external_id] = item.row
        return item

    def _validated(self, raw, existing) -> dict:
        serializer = self.serializer
        serializer.instance, serializer.partial = existing, existing is not None
        serializer.initial_data = raw
        return serializer.run_validation(raw)

    def _apply(self, item: Item, existing) -> None:
        item.row = existing or self.model(shop=self.view.shop)
        before = self._columns(item.row)
        columns, item.aside = self.serializer.split(item.attrs)
        try:
            for name, value in columns.items():
                setattr(item.row, name, value)
            # A model that derives columns (normal forms, digests) does so in ``prepare``.
            if prepare := getattr(item.row, "prepare", None):
                prepare()
        except REFUSALS:
            for name, value in before.items():
                setattr(item.row, name, value)
            raise
        after = self._columns(item.row)
        item.changed = tuple(name for name in after if after[name] != before[name])
        if existing is None:
            item.status = CREATED
        elif item.changed or (item.aside and self._differs(item)):
            item.status = UPDATED
        else:
            item.status = UNCHANGED
        if item.aside:
            self.aside[id(item.row)] = item.aside

    def _differs(self, item: Item) -> bool:
        """From what an earlier item of the list wants, else from what is stored."""
        if id(item.row) in self.aside:
            return self.aside[id(item.row)] != item.aside
        return self.serializer.differs(item.row, item.aside)

    def _columns(self, row) -> dict:
        return {field.attname: getattr(row, field.attname) for field in self.fields}

    def _write(self, items: list[Item]) -> None:
        good = [item for item in items if item.status in {CREATED, UPDATED}]
        new = {id(item.row) for item in good if item.status == CREATED}
        try:
            # Two calls about the same customers may wait for each other.
            deadlocks.retried(lambda: self._write_together(good, new))
        except (IntegrityError, DataError, OverflowError):
            # One of them breaks a rule of the database: find out which, keep the others.
            self._write_singly(good)

    def _write_together(self, good: list[Item], new: set[int]) -> None:
        self._hold(good, new)
        self._insert([item.row for item in good if item.status == CREATED])
        self._update([i for i in good if i.status == UPDATED and id(i.row) not in new])
        self._save_aside(good)
        self.view.wrote_in_bulk([i.row for i in good if id(i.row) not in new])

    def _hold(self, good: list[Item], new: set[int]) -> None:
        """Wait for others here, in the order in which who changes one row waits: the row first."""
        stored = [item.row.pk for item in good if id(item.row) not in new]
        if stored:
            held = self.model.objects.filter(pk__in=stored).order_by("pk")
            list(held.select_for_update(no_key=True).values_list("pk"))
        self.view.hold_for_bulk([item.row for item in good])

    def _insert(self, rows: list) -> None:
        self.model.objects.bulk_create(rows, batch_size=CHUNK)

    def _update(self, items: list[Item]) -> None:
        changed = {name for item in items for name in item.changed}
        stamped = {field.name for field in self.fields if getattr(field, "auto_now", False)}
        names = {field.name for field in self.fields if field.attname in changed} | stamped
        rows = list({id(item.row): item.row for item in items}.values())
        for row in rows:
            for name in stamped:
                setattr(row, name, timezone.now())
        if rows and names:
            self.model.objects.bulk_update(rows, sorted(names), batch_size=CHUNK)

    def _save_aside(self, items: list[Item]) -> None:
        rows = {id(item.row): item.row for item in items if id(item.row) in self.aside}
        if rows:
            self.serializer.save_aside([(row, self.aside[key]) for key, row in rows.items()])

    def _write_singly(self, items: list[Item]) -> None:
        for item in items:
            if item.status == CREATED:
                item.row.pk, item.row._state.adding = None, True
            try:
                self._write_one(item)
            except IntegrityError as exc:
                self._write_again(item, exc)
            except (DataError, OverflowError) as exc:
                item.refuse(exc)

    def _write_one(self, item: Item) -> None:
        def write() -> None:
            item.row.save()
            self._save_aside([item])

        deadlocks.retried(write)

    def _write_again(self, item: Item, exc: IntegrityError) -> None:
        """As an update, if somebody else has created the row since we looked."""
        found = self._existing({item.external_id} - {None})
        if not found or (item.status != CREATED and not item.row._state.adding):
            item.refuse(exc)
            return
        self.by_external_id.update(found)
        again = self._one(item.index, self.raw[item.index])
        item.row, item.status, item.error = again.row, again.status, again.error
        if item.status == UPDATED:
            try:
                self._write_one(item)
            except (IntegrityError, DataError, OverflowError) as error:
                item.refuse(error)


def with_external_ids(rows, external_ids: list[str]):
    """Without "not empty" said aloud, SQLite cannot use the partial unique index."""
    return rows.filter(external_id__in=external_ids).exclude(external_id="")


def _external_id(raw) -> str | None:
    value = raw.get("external_id") if isinstance(raw, dict) else None
    return (value.strip() or None) if isinstance(value, str) else None
