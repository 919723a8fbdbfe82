"""Runs of campaigns, to be read."""

import dataclasses

import django_filters
from drf_spectacular.utils import extend_schema_field, inline_serializer
from rest_framework import serializers

from barbershop.api.viewsets import ReadOnlyShopViewSet
from campaigns import live, progress
from campaigns.models import CampaignExecution
from customers.channels import Channel

Status = CampaignExecution.Status
COUNTS = tuple(field.name for field in dataclasses.fields(progress.Counts))


class ExecutionSerializer(serializers.ModelSerializer):
    """``counts`` are ledger rows, one per person and channel; ``held_out`` and ``people`` (all who
    were considered) are people. ``dispatch`` finds the rows in ``communications``."""

    campaign = serializers.IntegerField(source="definition_id")
    dispatch = serializers.IntegerField(source="dispatch_id")
    status = serializers.ChoiceField(source="current_status", choices=Status.choices)
    finished_at = serializers.DateTimeField(allow_null=True)
    paused_reason = serializers.CharField(source="dispatch.paused_reason")
    counts = serializers.SerializerMethodField()

    class Meta:
        model = CampaignExecution
        fields = [
            "id",
            "campaign",
            "dispatch",
            "status",
            "occurrence_key",
            "started_at",
            "audience_complete_at",
            "finished_at",
            "paused_reason",
            "failure",
            "counts",
        ]
        read_only_fields = fields

    @extend_schema_field(
        inline_serializer("LedgerCounts", {name: serializers.IntegerField() for name in COUNTS})
    )
    def get_counts(self, execution) -> dict:
        return execution.counts.as_dict()


class BegunSerializer(serializers.Serializer):
    """A provider call that had begun before the pause: ``attempt`` is the id sent out with it."""

    attempt = serializers.UUIDField(source="uuid")
    messages = serializers.IntegerField()
    channel = serializers.ChoiceField(choices=Channel.choices)
    began_at = serializers.DateTimeField(source="sending_at")


class PausedSerializer(ExecutionSerializer):
    """``begun`` calls cannot be called back and will be answered; nothing begins after them."""

    begun = serializers.SerializerMethodField()

    class Meta(ExecutionSerializer.Meta):
        fields = [*ExecutionSerializer.Meta.fields, "begun"]
        read_only_fields = fields

    def get_begun(self, execution) -> list[dict]:
        return BegunSerializer(live.calls(execution.dispatch, live.ON_THE_WIRE), many=True).data


def paused_answer() -> dict:
    """An execution and ``begun``, said as that: as a component it would repeat the execution's."""
    execution = {"$ref": "#/components/schemas/Execution"}
    call = {
        "attempt": {"type": "string", "format": "uuid"},
        "messages": {"type": "integer"},
        "channel": {"type": "string", "enum": Channel.values},
        "began_at": {"type": "string", "format": "date-time"},
    }
    calls = {"type": "array", "items": {"type": "object", "required": [*call], "properties": call}}
    more = {"type": "object", "required": ["begun"], "properties": {"begun": calls}}
    return {"allOf": [execution, more]}


class ExecutionFilter(django_filters.FilterSet):
    campaign = django_filters.NumberFilter(field_name="definition_id")
    status = django_filters.ChoiceFilter(choices=Status.choices)
    started_after = django_filters.IsoDateTimeFilter(field_name="started_at", lookup_expr="gte")
    started_before = django_filters.IsoDateTimeFilter(field_name="started_at", lookup_expr="lt")

    class Meta:
        model = CampaignExecution
        fields = ["occurrence_key"]


class ExecutionViewSet(ReadOnlyShopViewSet):
    model = CampaignExecution
    serializer_class = ExecutionSerializer
    filterset_class = ExecutionFilter
    ordering_fields = ["started_at"]

    def queryset_for(self, shop):
        return super().queryset_for(shop).select_related("dispatch").with_status()

    def paginate_queryset(self, queryset):
        page = super().paginate_queryset(queryset)
        return page if page is None else progress.attach_counts(page)

    def get_object(self):
        return progress.attach_counts([super().get_object()])[0]
