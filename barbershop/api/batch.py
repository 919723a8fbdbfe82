"""The work of a bulk call: validate each item, then write all good ones together."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError as ModelError
from django.db import DataError, IntegrityError, transaction
from django.utils import timezone
from rest_framework.exceptions import APIException

from barbershop.api.errors import body_of
from barbershop.api.related import CHUNK, load_related
from barbershop.api.serializers import ShopSerializer

CREATED, UPDATED, UNCHANGED, ERROR = "created", "updated", "unchanged", "error"
REFUSALS = (APIException, ModelError, IntegrityError, DataError, OverflowError)


@dataclass
class Item:
    """One entry of the list and what became of it."""

    index: int
    external_id: str | None
    row: Any = None
    attrs: dict | None = None
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
        self.by_external_id = self._existing()

    def run(self) -> dict:
        """Write what can be written; the answer of the call."""
        items = [self._one(index, raw) for index, raw in enumerate(self.raw)]
        if not self._saves_itself():
            self._write(items)
        counts = {f"{word}s" if word == ERROR else word: 0 for word in (CREATED, UPDATED, ERROR)}
        for item in items:
            name = "errors" if item.status == ERROR else item.status
            counts[name] = counts.get(name, 0) + 1
        return {"results": [item.result() for item in items], UNCHANGED: 0, **counts}

    def _existing(self) -> dict:
        wanted = [_external_id(raw) for raw in self.raw]
        wanted = sorted({key for key in wanted if key})
        found = {}
        for start in range(0, len(wanted), CHUNK):
            rows = self.view.get_queryset().filter(external_id__in=wanted[start : start + CHUNK])
            found.update({row.external_id: row for row in rows})
        return found

    def _saves_itself(self) -> bool:
        kind = type(self.serializer)
        return (kind.create, kind.update) != (ShopSerializer.create, ShopSerializer.update)

    def _one(self, index: int, raw) -> Item:
        item = Item(index, _external_id(raw))
        existing = self.by_external_id.get(item.external_id) if item.external_id else None
        try:
            item.attrs = self._validated(raw, existing)
            if self._saves_itself():
                self._save(item, existing)
            else:
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
        try:
            for name, value in item.attrs.items():
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
        else:
            item.status = UPDATED if item.changed else UNCHANGED

    def _columns(self, row) -> dict:
        return {field.attname: getattr(row, field.attname) for field in self.fields}

    def _save(self, item: Item, existing) -> None:
        """Row by row, each in its savepoint, for serializers that do more than set columns."""
        serializer = self.view.get_serializer(
            existing, data=item.attrs, partial=existing is not None
        )
        serializer._validated_data, serializer._errors = item.attrs, {}
        with transaction.atomic():
            save = self.view.perform_create if existing is None else self.view.perform_update
            save(serializer)
        item.row = serializer.instance
        item.status = CREATED if existing is None else UPDATED

    def _write(self, items: list[Item]) -> None:
        good = [item for item in items if item.status in {CREATED, UPDATED}]
        new = {id(item.row) for item in good if item.status == CREATED}
        try:
            with transaction.atomic():
                self._insert([item.row for item in good if item.status == CREATED])
                self._update([i for i in good if i.status == UPDATED and id(i.row) not in new])
        except (IntegrityError, DataError, OverflowError):
            # One of them breaks a rule of the database: find out which, keep the others.
            self._write_singly(good)

    def _insert(self, rows: list) -> None:
        self.model.objects.bulk_create(rows, batch_size=CHUNK)

    def _update(self, items: list[Item]) -> None:
        changed = {name for item in items for name in item.changed}
        stamped = {field.name for field in self.fields if getattr(field, "auto_now", False)}
        names = {field.name for field in self.fields if field.attname in changed} | stamped
        rows = list({id(item.row): item.row for item in items}.values())
        if not changed:
            return
        for row in rows:
            for name in stamped:
                setattr(row, name, timezone.now())
        self.model.objects.bulk_update(rows, sorted(names), batch_size=CHUNK)

    def _write_singly(self, items: list[Item]) -> None:
        for item in items:
            if item.status == CREATED:
                item.row.pk, item.row._state.adding = None, True
            try:
                with transaction.atomic():
                    item.row.save()
            except (IntegrityError, DataError, OverflowError) as exc:
                item.refuse(exc)


def _external_id(raw) -> str | None:
    value = raw.get("external_id") if isinstance(raw, dict) else None
    return (value.strip() or None) if isinstance(value, str) else None
