"""When a chair is free, as the booking system tells us."""

import django_filters
from django.db.models import DateTimeField
from django.utils import timezone

from barbershop.api.bulk import UpsertMixin
from barbershop.api.fields import ShopDateTimeField
from barbershop.api.serializers import ExternalRef, ShopSerializer
from barbershop.api.viewsets import ShopModelViewSet
from barbershop.models import Barber, Opening, Service


class OpeningSerializer(ShopSerializer):
    """``starts_at`` without an offset is in the shop's zone."""

    serializer_field_mapping = {
        **ShopSerializer.serializer_field_mapping,
        DateTimeField: ShopDateTimeField,
    }
    barber_external_id = ExternalRef(Barber)
    service_external_id = ExternalRef(Service)

    class Meta:
        model = Opening
        fields = [
            "id",
            "external_id",
            "barber",
            "barber_external_id",
            "service",
            "service_external_id",
            "starts_at",
            "duration_minutes",
            "created_at",
            "updated_at",
        ]
        read_only_fields = ["created_at", "updated_at"]
        validators = []  # the database says it once for a whole bulk call, not a query per item


class OpeningFilter(django_filters.FilterSet):
    starts = django_filters.IsoDateTimeFromToRangeFilter(field_name="starts_at")
    barber = django_filters.NumberFilter(field_name="barber_id")
    barber_external_id = django_filters.CharFilter(field_name="barber__external_id")
    service = django_filters.NumberFilter(field_name="service_id")

    class Meta:
        model = Opening
        fields = {"external_id": ["exact"]}


class OpeningViewSet(UpsertMixin, ShopModelViewSet):
    """What is still to come, the next one first. DELETE one that is taken."""

    model = Opening
    serializer_class = OpeningSerializer
    filterset_class = OpeningFilter
    ordering_fields = ["starts_at"]

    def queryset_for(self, shop):
        return super().queryset_for(shop).select_related("barber", "service")

    def filter_queryset(self, queryset):
        found = super().filter_queryset(queryset)
        # Past ones mean nothing; a booking system may still correct them by their ids.
        return found if self.detail else found.filter(starts_at__gt=timezone.now())
