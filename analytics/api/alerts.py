"""What a person should know, over HTTP: read it, and say that it was read."""

import django_filters
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.response import Response

from analytics.models import Alert
from barbershop.api.serializers import ShopSerializer
from barbershop.api.viewsets import ReadOnlyShopViewSet


class AlertSerializer(ShopSerializer):
    class Meta:
        model = Alert
        fields = [
            "id",
            "kind",
            "key",
            "severity",
            "title",
            "body",
            "link",
            "created_at",
            "acknowledged_at",
            "resolved_at",
        ]
        read_only_fields = fields


class AlertFilter(django_filters.FilterSet):
    """``open``: not resolved; ``acknowledged``: somebody has seen it."""

    open = django_filters.BooleanFilter(field_name="resolved_at", lookup_expr="isnull")
    acknowledged = django_filters.BooleanFilter(
        field_name="acknowledged_at", lookup_expr="isnull", exclude=True
    )

    class Meta:
        model = Alert
        fields = {"kind": ["exact"], "severity": ["exact"]}


class AlertViewSet(ReadOnlyShopViewSet):
    model = Alert
    serializer_class = AlertSerializer
    filterset_class = AlertFilter
    search_fields = ["title", "body"]
    ordering_fields = ["created_at", "severity"]

    @extend_schema(request=None, summary="Say that the alert was seen; it stays open")
    @action(detail=True, methods=["post"])
    def acknowledge(self, request, pk):
        alert = self.get_object()
        alert.acknowledge(by=self.actor)
        return Response(self.get_serializer(alert).data)
