"""Fields of a customer that are not columns."""

import datetime as dt
import re

from django.core.exceptions import ValidationError as ModelError
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from barbershop.api.fields import StrictCharField
from barbershop.plain_text import validate_one_line
from customers.addresses import normalise_email, normalise_phone

YEARLESS = re.compile(r"--?(\d\d)-(\d\d)\Z")
LEAP_YEAR = 2000


@extend_schema_field(str)
class BirthdayField(serializers.Field):
    """``1990-05-17``, or ``--05-17`` when the year is not known; ``""`` for none."""

    default_error_messages = {"invalid": "Write a date as 1990-05-17, or --05-17 without a year."}

    def __init__(self, **kwargs):
        super().__init__(source="*", required=False, **kwargs)

    def to_representation(self, customer) -> str:
        return customer.birthday

    def to_internal_value(self, data) -> dict:
        parts = self._parts(data)
        return dict(zip(("birth_year", "birth_month", "birth_day"), parts, strict=True))

    def _parts(self, data):
        if data in ("", None):
            return None, None, None
        if not isinstance(data, str):
            self.fail("invalid")
        yearless = YEARLESS.match(data)
        text = f"{LEAP_YEAR}-{yearless[1]}-{yearless[2]}" if yearless else data
        try:
            day = dt.date.fromisoformat(text)
        except ValueError:
            self.fail("invalid")
        if not yearless and not 1900 <= day.year <= dt.datetime.now(dt.UTC).year:
            self.fail("invalid")
        return None if yearless else day.year, day.month, day.day


class EmailField(StrictCharField):
    def to_internal_value(self, data) -> str:
        return _normalised(normalise_email, super().to_internal_value(data))


class PhoneField(StrictCharField):
    """Stored as E.164; a national number is read as one of the shop's country."""

    def to_internal_value(self, data) -> str:
        region = self.context["view"].shop.country
        return _normalised(normalise_phone, super().to_internal_value(data), region=region)


class TagsField(serializers.ListField):
    """The names of a customer's tags; those that are new to the shop are created."""

    child = StrictCharField(max_length=60, validators=[validate_one_line])

    def __init__(self, **kwargs):
        super().__init__(required=False, max_length=50, **kwargs)

    def get_attribute(self, instance):
        return instance

    def to_representation(self, customer) -> list[str]:
        return sorted(through.tag.name for through in customer.customer_tags.all())

    def to_internal_value(self, data) -> list[str]:
        names = super().to_internal_value(data)
        return list(dict.fromkeys(name.strip() for name in names if name.strip()))


def _normalised(normalise, value: str, **kwargs) -> str:
    try:
        return normalise(value, **kwargs)
    except ModelError as error:
        raise serializers.ValidationError(error.messages, code=error.code) from error
