"""Runs of campaigns, to be read."""

import dataclasses

import django_filters
from drf_spectacular.utils import extend_schema_field, inline_serializer
from rest_framework import serializers

from barbershop.api.viewsets import ReadOnlyShopViewSet
from campaigns import progress
from campaigns.models import CampaignExecution

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
