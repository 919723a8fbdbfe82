"""What the API says about segments beside the segment itself."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from barbershop.api.errors import Conflict
from barbershop.api.serializers import refuse_unknown
from customers import criteria
from customers.models import CustomerSegment, SegmentMembership, SegmentSize
from customers.segments import saving


def understood(raw, *, shop, segment: CustomerSegment | None = None):
    """Criteria that may be stored; anything else is an error at its own path."""
    try:
        saving.understood(raw, shop=shop, segment=segment)
    except criteria.CriteriaError as error:
        path = [part for part in error.path.split(".") if part]
        detail = [error.message]
        for part in reversed(path):
            detail = {part: detail}
        raise serializers.ValidationError(detail) from error
    return raw


def readable(segment: CustomerSegment) -> criteria.Criteria:
    """Stored criteria; 409 when what they name is gone."""
    try:
        return criteria.parse(segment.criteria)
    except criteria.CriteriaError as error:
        raise Conflict("unreadable", f"Its criteria cannot be read any more: {error}") from error


def sentence_of(raw, names: criteria.Names) -> str:
    try:
        return criteria.parse(raw).sentence(names)
    except criteria.CriteriaError as error:
        return f"Cannot be read: {error}"


@extend_schema_field(OpenApiTypes.OBJECT)
class RawCriteriaField(serializers.JSONField):
    pass


class SegmentAskedSerializer(serializers.Serializer):
    criteria = RawCriteriaField()

    def to_internal_value(self, data):
        if isinstance(data, dict):
            refuse_unknown(data, self.fields)
        return super().to_internal_value(data)

    def validate_criteria(self, value):
        return understood(value, shop=self.context["view"].shop)


class SegmentCountSerializer(serializers.Serializer):
    count = serializers.IntegerField()


class SegmentFindingSerializer(serializers.Serializer):
    path = serializers.CharField(help_text="Where in the criteria.")
    sentence = serializers.CharField()
    holds = serializers.BooleanField()
    found = serializers.CharField(help_text="The actual value, in words.")


class SegmentNeighbourSerializer(serializers.Serializer):
    customer = serializers.IntegerField(source="customer.pk")
    name = serializers.CharField(source="customer.full_name")
    deciding = SegmentFindingSerializer(many=True, help_text="What lets in, or keeps out.")


class SegmentPreviewSerializer(serializers.Serializer):
    count = serializers.IntegerField(help_text="Before the gate: consent is not asked here.")
    sentence = serializers.CharField()
    inside = SegmentNeighbourSerializer(many=True)
    just_outside = SegmentNeighbourSerializer(many=True)


class SegmentSizeSerializer(serializers.ModelSerializer):
    class Meta:
        model = SegmentSize
        fields = ["counted_at", "size"]


class SegmentStaySerializer(serializers.ModelSerializer):
    name = serializers.CharField(source="customer.full_name", read_only=True)

    class Meta:
        model = SegmentMembership
        fields = ["customer", "name", "entered_at", "why_entered", "left_at", "why_left"]


class SegmentUseSerializer(serializers.Serializer):
    kind = serializers.ChoiceField(choices=["campaign", "automation", "segment"])
    id = serializers.IntegerField()
    name = serializers.CharField()
    how = serializers.CharField()
