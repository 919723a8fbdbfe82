"""Serializers of a shop's rows: strict about names, and blind to other shops."""

from django.core.exceptions import ValidationError as ModelError
from django.db.models import CharField, Model, TextField, UniqueConstraint
from rest_framework import serializers
from rest_framework.settings import api_settings

from barbershop.api.fields import KnownChoiceField, StrictCharField
from barbershop.api.related import ExternalRef, ShopRelatedField
from barbershop.nearest import did_you_mean
from barbershop.plain_text import validate_one_line

__all__ = ["ExternalRef", "ShopRelatedField", "ShopSerializer", "refuse_unknown"]

LARGEST = {
    "PositiveSmallIntegerField": 2**15 - 1,
    "SmallIntegerField": 2**15 - 1,
    "PositiveIntegerField": 2**31 - 1,
    "IntegerField": 2**31 - 1,
}


def refuse_unknown(data: dict, known, *, offered=None) -> None:
    """Raise for each name that is not known, naming the nearest one that is.

    Args:
        offered: the names worth naming, when not all that are known are.
    """
    errors = {
        str(name): [f"Unknown field. {did_you_mean(name, known if offered is None else offered)}"]
        for name in data
        if name not in known
    }
    if errors:
        raise serializers.ValidationError(errors)


class ShopSerializer(serializers.ModelSerializer):
    """Refuses unknown fields and duplicates within the shop; creates rows in the view's shop.

    A field that is only read may come back as it was read; with another value it is refused.

    ``aside`` names fields that are no columns of the row (a customer's tags). ``differs`` tells
    whether they would change something, ``save_aside`` writes them for many rows together.
    """

    serializer_field_mapping = {
        **serializers.ModelSerializer.serializer_field_mapping,
        CharField: StrictCharField,
        TextField: StrictCharField,
    }
    serializer_choice_field = KnownChoiceField
    serializer_related_field = ShopRelatedField
    aside: frozenset[str] = frozenset()

    def build_standard_field(self, field_name, model_field):
        """The narrower limits of PostgreSQL on both databases."""
        kind, kwargs = super().build_standard_field(field_name, model_field)
        most = LARGEST.get(model_field.get_internal_type())
        if most and issubclass(kind, serializers.IntegerField):
            kwargs["max_value"] = min(kwargs.get("max_value", most), most)
        if isinstance(model_field, CharField) and issubclass(kind, serializers.CharField):
            kwargs["validators"] = [*kwargs.get("validators", ()), validate_one_line]
        return kind, kwargs

    @property
    def shop(self):
        return self.context["view"].shop

    def get_fields(self):
        fields = super().get_fields()
        for name, field in fields.items():
            # Given by id or by the other system's id: neither alone is required.
            target = isinstance(field, ExternalRef) and fields.get(field.target_for(name))
            if target:
                field.needs_one, target.required = target.required, False
        return fields

    def to_internal_value(self, data):
        if isinstance(data, dict):
            offered = [name for name, field in self.fields.items() if not field.read_only]
            refuse_unknown(data, self.fields, offered=offered)
            self._refuse_read_only(data)
            data = self._without_repeated_refs(data)
        return super().to_internal_value(data)

    def _refuse_read_only(self, data: dict) -> None:
        """Swallowing a new value would look like having stored it."""
        given = [name for name, field in self.fields.items() if field.read_only and name in data]
        if not given:
            return
        shown = self.to_representation(self.instance) if self.instance is not None else {}
        errors = {
            name: ["This is read-only."]
            for name in given
            if name not in shown or not _is_same(self.fields[name], data[name], shown[name])
        }
        if errors:
            raise serializers.ValidationError(errors)

    def _without_repeated_refs(self, data: dict) -> dict:
        """Drop ``x_external_id`` where ``x`` is given too: read back, a row has both."""
        data = dict(data)
        for field in self._external_refs():
            given = [name for name in (field.target, field.field_name) if data.get(name)]
            if not given and field.needs_one and not self.partial:
                message = f"Give {field.target} or {field.field_name}."
                raise serializers.ValidationError({field.target: [message]})
            if len(given) == 2:
                field.agree(self.fields[field.target], data)
                del data[field.field_name]
            elif field.field_name in data and field.target in data:
                # One of the two is empty: the other one says it.
                del data[field.target if given == [field.field_name] else field.field_name]
        return data

    def _external_refs(self) -> list[ExternalRef]:
        return [f for f in self._writable_fields if isinstance(f, ExternalRef)]

    def validate(self, attrs):
        self.refuse_duplicates(attrs)
        return attrs

    def refuse_duplicates(self, attrs: dict) -> None:
        """Ask the model's own unique constraints about the row as it would be."""
        model = self.Meta.model
        for constraint in model._meta.constraints:
            names = set(getattr(constraint, "fields", ()))
            if not isinstance(constraint, UniqueConstraint) or "shop" not in names:
                continue
            if not self._changes(names - {"shop"}, attrs):
                continue
            try:
                constraint.validate(model, self._row_as_it_would_be(names, attrs))
            except ModelError:
                field = self._public_name(min(names - {"shop"}))
                message = "It is taken already in this shop."
                raise serializers.ValidationError({field: [message]}) from None

    def _changes(self, names: set[str], attrs: dict) -> bool:
        if "external_id" in names and "loaded" in self.context:
            return False  # a bulk call has looked up all external ids at once
        missing = object()
        return any(
            name in attrs and attrs[name] != getattr(self.instance, name, missing) for name in names
        )

    def _row_as_it_would_be(self, names: set[str], attrs: dict):
        row = self.Meta.model(shop=self.shop)
        if self.instance is not None:
            row.pk, row._state.adding = self.instance.pk, False
        for name in names - {"shop"}:
            setattr(row, name, attrs.get(name, getattr(self.instance, name, None)))
        return row

    def _public_name(self, source: str) -> str:
        names = (name for name, field in self.fields.items() if field.source == source)
        return next(names, api_settings.NON_FIELD_ERRORS_KEY)

    def create(self, validated_data):
        columns, aside = self.split(validated_data)
        row = super().create({"shop": self.shop, **columns})
        if aside:
            self.save_aside([(row, aside)])
        return row

    def update(self, instance, validated_data):
        columns, aside = self.split(validated_data)
        row = super().update(instance, columns)
        if aside:
            self.save_aside([(row, aside)])
        return row

    def split(self, attrs: dict) -> tuple[dict, dict]:
        """What belongs into columns of the row, and what is written aside."""
        columns = {name: value for name, value in attrs.items() if name not in self.aside}
        return columns, {name: attrs[name] for name in self.aside & attrs.keys()}

    def differs(self, row, aside: dict) -> bool:
        """Whether writing this aside would change something."""
        raise NotImplementedError

    def save_aside(self, pairs: list[tuple[Model, dict]]) -> None:
        """Write what belongs to saved rows, in a fixed number of statements."""
        raise NotImplementedError


def _is_same(field, given, shown) -> bool:
    """Whether a value came back as it was read; a time may be written in another way."""
    if given == shown and isinstance(given, bool) == isinstance(shown, bool):
        return True
    if not isinstance(field, serializers.DateTimeField) or None in (given, shown):
        return False
    try:
        return field.to_internal_value(given) == field.to_internal_value(shown)
    except serializers.ValidationError:
        return False
