"""Frozen dataclasses as they stand in the API document: one truth, no second list of names."""

import dataclasses
import datetime as dt
from functools import cache
from types import UnionType
from typing import get_args, get_origin, get_type_hints

from rest_framework import serializers

from analytics.series import InShopsZone


class Moment(serializers.DateTimeField):
    """In UTC, in whatever zone it was reckoned."""

    def enforce_timezone(self, value):
        return value.astimezone(dt.UTC)


class ShopMoment(serializers.DateTimeField):
    """Keeps the offset it has: the day of a series begins at the shop's midnight."""

    def enforce_timezone(self, value):
        return value


_FIELDS = {
    bool: serializers.BooleanField,
    int: serializers.IntegerField,
    float: serializers.FloatField,
    str: serializers.CharField,
    dt.datetime: Moment,
    InShopsZone: ShopMoment,
}


@cache
def serializer_of(shape: type) -> type[serializers.Serializer]:
    """A read-only serializer class with the fields of a dataclass, nested ones included."""
    hints = get_type_hints(shape)
    fields = {field.name: _field(hints[field.name]) for field in dataclasses.fields(shape)}
    return type(f"{shape.__name__}Serializer", (serializers.Serializer,), fields)


def _field(hint, **options) -> serializers.Field:
    if isinstance(hint, UnionType):
        (only,) = (part for part in get_args(hint) if part is not type(None))
        return _field(only, allow_null=True, **options)
    if dataclasses.is_dataclass(hint):
        return serializer_of(hint)(**options)
    if get_origin(hint) is dict:
        return serializers.DictField(child=_field(get_args(hint)[1]), **options)
    if get_origin(hint) is tuple:
        only = get_args(hint)[0]
        if only in _FIELDS:
            return serializers.ListField(child=_field(only), **options)
        return serializer_of(only)(many=True, **options)
    return _FIELDS[hint](**options)
