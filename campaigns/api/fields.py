"""Fields whose meaning has a parser of its own on the floor where it belongs."""

import datetime as dt

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from barbershop import whole_numbers
from barbershop.api.fields import StrictCharField, StrictIntegerField
from barbershop.api.serializers import ShopRelatedField, refuse_unknown
from barbershop.models import Service
from campaigns import codes, offers, redeeming
from campaigns.refusals import Refused
from communications import budgets
from customers import criteria
from customers.models import Customer, CustomerSegment


def in_the_future(value: dt.datetime) -> None:
    if value <= timezone.now():
        raise serializers.ValidationError("Must be in the future.")


def one_code_prefix(value: str) -> None:
    if codes.prefix_of(value) != value:
        raise serializers.ValidationError("Capital letters and digits only, such as SUMMER.")


class PresentCustomer(ShopRelatedField):
    """A customer of the shop; an erased one does not exist."""

    def __init__(self, **options):
        super().__init__(Customer, **options)

    def get_queryset(self):
        return super().get_queryset().present()


class StrictSerializer(serializers.Serializer):
    """A plain serializer that refuses unknown keys by name."""

    def to_internal_value(self, data):
        if isinstance(data, dict):
            refuse_unknown(data, self.fields)
        return super().to_internal_value(data)


@extend_schema_field({"type": "string", "format": "decimal", "example": "50.00"})
class AmountField(serializers.Field):
    """Money as an exact decimal text in the shop's currency; millionths of its unit inside.

    A JSON number would pass through a float, and a budget is kept to the micro.
    """

    def to_internal_value(self, data) -> int:
        if not isinstance(data, str):
            raise serializers.ValidationError('Write the amount as a text, such as "50.00".')
        try:
            return budgets.parse(data)
        except budgets.NotAnAmount as error:
            raise serializers.ValidationError(str(error)) from error

    def to_representation(self, value) -> str:
        return budgets.written(value, self.context["view"].shop.currency)


def wrong_criteria(error: criteria.CriteriaError) -> dict | list:
    """What is wrong, at its place within the criteria."""
    return {error.path: [error.message]} if error.path else [error.message]


@extend_schema_field(OpenApiTypes.OBJECT)
class CriteriaField(serializers.Field):
    """Criteria in the language of ``customers.criteria``; stored as they were given."""

    def to_internal_value(self, data) -> dict:
        if data is None:
            return {}
        try:
            criteria.check(criteria.parse(data), shop=self.context["view"].shop)
        except criteria.CriteriaError as error:
            raise serializers.ValidationError(wrong_criteria(error)) from error
        return data

    def to_representation(self, value) -> dict:
        return value


@extend_schema_field({"type": "array", "items": {"type": "integer"}})
class SegmentsField(serializers.Field):
    """Ids of saved segments of this shop, in one query."""

    MOST = 100

    def __init__(self, *, mode: str, **kwargs):
        self.mode = mode
        super().__init__(**kwargs)

    def get_attribute(self, instance):
        return [link for link in instance.campaign_segments.all() if link.mode == self.mode]

    def to_representation(self, value) -> list[int]:
        return sorted(link.segment_id for link in value)

    def to_internal_value(self, data) -> list[CustomerSegment]:
        if not isinstance(data, list):
            raise serializers.ValidationError("Must be a list of segment ids.")
        if len(data) > self.MOST:
            raise serializers.ValidationError(f"At most {self.MOST} segments.")
        known = CustomerSegment.objects.for_shop(self.context["view"].shop).in_bulk(
            [item for item in data if _is_id(item) and abs(item) <= whole_numbers.LARGEST]
        )
        wrong = {
            str(index): [
                f"There is no segment {str(item)[:60]} in this shop."
                if _is_id(item)
                else "A segment is given by its id, a whole number."
            ]
            for index, item in enumerate(data)
            if not _is_id(item) or item not in known
        }
        if wrong:
            raise serializers.ValidationError(wrong)
        return [known[pk] for pk in dict.fromkeys(data)]


def _is_id(value) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


class OfferSerializer(StrictSerializer):
    """What the words ``offer_discount`` and ``offer_expires_on`` stand for: one of the first three.

    ``discount_amount`` is in minor units; ``free_service`` is the id of a service.
    """

    discount_percentage = StrictIntegerField(min_value=1, max_value=100, required=False)
    discount_amount = StrictIntegerField(min_value=1, max_value=2**31 - 1, required=False)
    free_service = ShopRelatedField(Service, required=False)
    valid_days = StrictIntegerField(min_value=1, max_value=365, required=False, allow_null=True)
    code_prefix = StrictCharField(
        max_length=12, required=False, allow_blank=True, validators=[one_code_prefix]
    )

    def validate(self, attrs):
        given = [name for name in offers.WORTHS if name in attrs]
        if len(given) != 1:
            said = f"Give one of: {', '.join(offers.WORTHS)}."
            raise serializers.ValidationError({given[-1] if given else "discount_percentage": said})
        if "free_service" in attrs:
            try:
                redeeming.service_price(attrs["free_service"])
            except Refused as refused:
                raise serializers.ValidationError({"free_service": refused.message}) from refused
        return {"valid_days": None, **attrs}

    def to_representation(self, offer) -> dict:
        return offers.said_of(offer)
