"""Fields that take JSON types as they are, and enumerations that name what they know.

A number is not a text and ``"yes"`` is not true: what another system sends by mistake is refused
by name instead of being turned into something that it did not mean.
"""

from django.utils import timezone
from rest_framework import serializers

from barbershop.nearest import nearest


class StrictCharField(serializers.CharField):
    default_error_messages = {"invalid": "Must be a text."}

    def to_internal_value(self, data) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class StrictIntegerField(serializers.IntegerField):
    """Whole numbers; 20.0 is one, "20" and true are not."""

    def to_internal_value(self, data) -> int:
        if isinstance(data, bool) or not isinstance(data, int | float):
            self.fail("invalid")
        return super().to_internal_value(data)


class StrictBooleanField(serializers.BooleanField):
    default_error_messages = {"invalid": "Must be true or false."}

    def to_internal_value(self, data) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid")
        return data


class KnownChoiceField(serializers.ChoiceField):
    """A choice whose refusal names the nearest known word, and all of them."""

    def to_internal_value(self, data):
        # 1, true and [] are compared as texts by the base class, or cannot be.
        if isinstance(data, str) and data in self.choices:
            return data
        if data == "" and self.allow_blank:
            return ""
        known = [str(choice) for choice in self.choices]
        match = nearest(data[:60], known) if isinstance(data, str) else None
        said = f"Did you mean {match}? " if match else ""
        raise serializers.ValidationError(
            f"{data!r:.60} is not a valid choice. {said}Known are: {', '.join(known)}.",
            code="invalid_choice",
        )


class ShopDateTimeField(serializers.DateTimeField):
    """A time without an offset is in the shop's own zone."""

    def enforce_timezone(self, value):
        if timezone.is_naive(value):
            try:
                return value.replace(tzinfo=self.context["view"].shop.zone)
            except OverflowError:
                self.fail("overflow")
        return super().enforce_timezone(value)
