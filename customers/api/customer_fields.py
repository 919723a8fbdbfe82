"""Fields of a customer that are not columns."""

import datetime as dt
import re
from operator import attrgetter

from django.core.exceptions import ValidationError as ModelError
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from barbershop.api.fields import StrictCharField
from barbershop.plain_text import validate_one_line
from customers.addresses import normalise_email, normalise_phone
from customers.channels import Channel
from customers.shop_words import once

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


class MayWriteSerializer(serializers.Serializer):
    allowed = serializers.BooleanField()
    reason = serializers.CharField(
        help_text="As on messages that were blocked, such as no_consent; empty when allowed."
    )


class MayWriteByChannelSerializer(serializers.Serializer):
    email = MayWriteSerializer()
    sms = MayWriteSerializer()


@extend_schema_field(MayWriteByChannelSerializer)
class MayWriteField(serializers.Field):
    """Of customers with ``may_write.annotate``."""

    def to_representation(self, customer) -> dict[str, dict]:
        reasons = {name: getattr(customer, f"refusal_{name}") for name in Channel.values}
        return {name: {"allowed": not why, "reason": why} for name, why in reasons.items()}


class TagsField(serializers.ListField):
    """The names of a customer's tags; those that are new to the shop are created.

    Capitals and spaces do not tell two tags apart: a tag is shown as it was written first.
    """

    child = StrictCharField(max_length=60, validators=[validate_one_line])

    def __init__(self, **kwargs):
        super().__init__(required=False, max_length=50, **kwargs)

    def get_attribute(self, instance):
        return instance

    def to_representation(self, customer) -> list[str]:
        found = sorted(customer.customer_tags.all(), key=attrgetter("tag_id"))
        return sorted(once(through.tag.name for through in found))

    def to_internal_value(self, data) -> list[str]:
        return once(super().to_internal_value(data))


def _normalised(normalise, value: str, **kwargs) -> str:
    try:
        return normalise(value, **kwargs)
    except ModelError as error:
        raise serializers.ValidationError(error.messages, code=error.code) from error
