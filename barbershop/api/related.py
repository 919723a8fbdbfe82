"""Fields that point at other rows of the same shop."""

from collections import defaultdict

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from barbershop import whole_numbers

CHUNK = 500


class _WithinShop:
    """Looks rows up in the view's shop, or among those that a bulk call has loaded before."""

    def rows(self):
        return self.model.objects.for_shop(self.context["view"].shop)

    def loaded(self) -> dict | None:
        return self.context.get("loaded", {}).get((self.model, self.by))


class ShopRelatedField(_WithinShop, serializers.PrimaryKeyRelatedField):
    """An id of this shop; another shop's id does not exist."""

    by = "pk"
    default_error_messages = {
        "does_not_exist": "There is no {kind} {pk_value} in this shop.",
        "incorrect_type": "An id is a whole number.",
    }

    def __init__(self, model=None, **kwargs):
        if model is None and "queryset" in kwargs:
            model = kwargs["queryset"].model
        self.model = model
        if model is not None and not kwargs.get("read_only"):
            # The base class asks for one; ``get_queryset`` below is what is used.
            kwargs["queryset"] = model._default_manager.all()
        super().__init__(**kwargs)

    def get_queryset(self):
        return self.rows()

    def to_internal_value(self, data):
        pk = as_id(data)
        if pk is None:
            self.fail("incorrect_type")
        loaded = self.loaded()
        row = self.get_queryset().filter(pk=pk).first() if loaded is None else loaded.get(pk)
        if row is None:
            kind = self.model._meta.verbose_name
            self.fail("does_not_exist", kind=kind, pk_value=str(data)[:40])
        return row


@extend_schema_field(str)
class ExternalRef(_WithinShop, serializers.RelatedField):
    """``customer_external_id = ExternalRef(Customer)``: sets ``customer`` by the other system's id.

    The list's queryset should ``select_related`` the row: its external id is shown too.
    """

    by = "external_id"
    default_error_messages = {
        "does_not_exist": "There is no {kind} with the external id {value} in this shop.",
        "incorrect_type": "An external id is a text.",
        "disagree": "{target} and {name} are two different rows.",
    }
    needs_one = False

    def __init__(self, model, **kwargs):
        self.model = model
        kwargs.setdefault("required", False)
        if not kwargs.get("read_only"):
            kwargs["queryset"] = model._default_manager.all()
        super().__init__(**kwargs)

    def bind(self, field_name, parent):
        self.source = self.target_for(field_name)
        super().bind(field_name, parent)

    def target_for(self, field_name: str) -> str:
        """The field that it is another way to give."""
        return self.source or field_name.removesuffix("_external_id")

    @property
    def target(self) -> str:
        return self.target_for(self.field_name)

    def use_pk_only_optimization(self):
        return False

    def to_representation(self, value) -> str:
        return value.external_id

    def to_internal_value(self, data):
        if not isinstance(data, str) or not data.strip():
            self.fail("incorrect_type")
        loaded = self.loaded()
        key = data.strip()
        row = self.rows().filter(external_id=key).first() if loaded is None else loaded.get(key)
        if row is None:
            self.fail("does_not_exist", kind=self.model._meta.verbose_name, value=key[:120])
        return row

    def agree(self, by_id: ShopRelatedField, data: dict) -> None:
        """Both ways are given: raise unless they name the same row."""
        named, errors = [], {}
        for field in (by_id, self):
            try:
                named.append(field.run_validation(data[field.field_name]))
            except serializers.ValidationError as error:
                errors[field.field_name] = error.detail
        if not errors and named[0] != named[1]:
            message = self.error_messages["disagree"]
            errors[self.field_name] = [message.format(target=self.target, name=self.field_name)]
        if errors:
            raise serializers.ValidationError(errors)


def as_id(data) -> int | None:
    """A whole number, or its digits; nothing for 1.5, true, "²" or {}."""
    if isinstance(data, int) and not isinstance(data, bool):
        return data
    if isinstance(data, str) and data.isascii() and data.isdigit() and len(data) < 40:
        return int(data)
    return None


def load_related(serializer, items: list, *, shop) -> dict:
    """All rows that the items point at, in a few queries: ``{(model, by): {key: row}}``."""
    wanted = defaultdict(set)
    for name, field in serializer.fields.items():
        if not isinstance(field, _WithinShop) or field.read_only:
            continue
        values = [item.get(name) for item in items if isinstance(item, dict)]
        keys = map(as_id, values) if field.by == "pk" else map(_text, values)
        wanted[field.model, field.by] |= {key for key in keys if key not in (None, "")}
    return {
        (model, by): _rows_by(model, by, sorted(keys), shop) for (model, by), keys in wanted.items()
    }


def _text(value) -> str | None:
    return value.strip() if isinstance(value, str) else None


def _rows_by(model, by: str, keys: list, shop) -> dict:
    if by == "pk":
        keys = [key for key in keys if abs(key) <= whole_numbers.LARGEST]
    found = {}
    for start in range(0, len(keys), CHUNK):
        rows = model.objects.for_shop(shop).filter(**{f"{by}__in": keys[start : start + CHUNK]})
        found.update({getattr(row, by): row for row in rows})
    return found
