"""Barbers and services: who cuts, and what is sold."""

import django_filters
from drf_spectacular.utils import OpenApiResponse, extend_schema

from barbershop import uses
from barbershop.api.bulk import UpsertMixin
from barbershop.api.errors import Conflict
from barbershop.api.serializers import ShopSerializer
from barbershop.api.viewsets import ShopModelViewSet
from barbershop.models import Barber, Service


class BarberSerializer(ShopSerializer):
    class Meta:
        model = Barber
        fields = [
            "id",
            "external_id",
            "first_name",
            "last_name",
            "is_active",
            "created_at",
            "updated_at",
        ]
        read_only_fields = ["created_at", "updated_at"]


class ServiceSerializer(ShopSerializer):
    """``price`` is in minor units of the shop's currency."""

    class Meta:
        model = Service
        fields = [
            "id",
            "external_id",
            "name",
            "category",
            "price",
            "duration_minutes",
            "is_active",
            "created_at",
            "updated_at",
        ]
        read_only_fields = ["created_at", "updated_at"]


class BarberFilter(django_filters.FilterSet):
    class Meta:
        model = Barber
        fields = {"external_id": ["exact"], "is_active": ["exact"]}


class ServiceFilter(django_filters.FilterSet):
    price = django_filters.RangeFilter()

    class Meta:
        model = Service
        fields = {"external_id": ["exact"], "is_active": ["exact"], "category": ["exact"]}


class KeptWhileUsed:
    """For viewsets of rows that rules may name: those are not deleted."""

    @extend_schema(responses={204: None, 409: OpenApiResponse(description="Others use it.")})
    def destroy(self, request, *args, **kwargs):
        """409 while the rules of a segment, a campaign or a template name it, saying which."""
        return super().destroy(request, *args, **kwargs)

    def perform_destroy(self, instance):
        try:
            uses.delete(instance)
        except uses.InUse as refused:
            raise Conflict("in_use", str(refused)) from refused


class BarberViewSet(KeptWhileUsed, UpsertMixin, ShopModelViewSet):
    model = Barber
    serializer_class = BarberSerializer
    filterset_class = BarberFilter
    search_fields = ["first_name", "last_name"]
    ordering_fields = ["first_name", "last_name", "created_at"]


class ServiceViewSet(KeptWhileUsed, UpsertMixin, ShopModelViewSet):
    model = Service
    serializer_class = ServiceSerializer
    filterset_class = ServiceFilter
    search_fields = ["name", "category"]
    ordering_fields = ["name", "price", "created_at"]
