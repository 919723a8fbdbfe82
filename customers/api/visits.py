"""Appointments and payments, as booking and till systems report them."""

import django_filters
from django.utils import timezone
from rest_framework import serializers

from barbershop.api.bulk import UpsertMixin
from barbershop.api.serializers import ExternalRef, ShopSerializer
from barbershop.api.viewsets import ShopModelViewSet
from barbershop.models import Barber, Service
from customers import visit_summaries
from customers.api.moments import ShopDateTimeField, UpToTomorrowField
from customers.models import Appointment, Customer, Payment


class AppointmentSerializer(ShopSerializer):
    """``price`` is in minor units of the shop's currency."""

    serializer_field_mapping = {
        **ShopSerializer.serializer_field_mapping,
        Appointment._meta.get_field("starts_at").__class__: ShopDateTimeField,
    }
    customer_external_id = ExternalRef(Customer)
    barber_external_id = ExternalRef(Barber)
    service_external_id = ExternalRef(Service)
    booked_at = ShopDateTimeField(required=False, help_text="Default: now.")

    class Meta:
        model = Appointment
        fields = [
            "id",
            "external_id",
            "customer",
            "customer_external_id",
            "barber",
            "barber_external_id",
            "service",
            "service_external_id",
            "status",
            "booked_at",
            "starts_at",
            "price",
            "source",
            "created_at",
            "updated_at",
        ]
        read_only_fields = ["created_at", "updated_at"]

    def validate(self, attrs):
        if self.instance is None:
            attrs.setdefault("booked_at", timezone.now())
        return super().validate(attrs)


class PaymentSerializer(ShopSerializer):
    """``amount`` and ``refunded_amount`` are in minor units of the shop's currency."""

    serializer_field_mapping = AppointmentSerializer.serializer_field_mapping
    customer_external_id = ExternalRef(Customer)
    appointment_external_id = ExternalRef(Appointment)
    paid_at = UpToTomorrowField()

    class Meta:
        model = Payment
        fields = [
            "id",
            "external_id",
            "customer",
            "customer_external_id",
            "appointment",
            "appointment_external_id",
            "amount",
            "refunded_amount",
            "paid_at",
            "created_at",
            "updated_at",
        ]
        read_only_fields = ["created_at", "updated_at"]

    def validate(self, attrs):
        def after(name, default=None):
            return attrs.get(name, getattr(self.instance, name, default))

        if after("refunded_amount", 0) > after("amount"):
            raise serializers.ValidationError(
                {"refunded_amount": ["More was given back than was paid."]}
            )
        appointment = after("appointment")
        if appointment and appointment.customer_id != after("customer").pk:
            raise serializers.ValidationError(
                {"appointment": ["This appointment is another customer's."]}
            )
        return super().validate(attrs)


class AppointmentFilter(django_filters.FilterSet):
    starts = django_filters.IsoDateTimeFromToRangeFilter(field_name="starts_at")
    booked = django_filters.IsoDateTimeFromToRangeFilter(field_name="booked_at")
    updated_after = django_filters.IsoDateTimeFilter(field_name="updated_at", lookup_expr="gte")
    customer = django_filters.NumberFilter(field_name="customer_id")
    barber = django_filters.NumberFilter(field_name="barber_id")
    service = django_filters.NumberFilter(field_name="service_id")
    customer_external_id = django_filters.CharFilter(field_name="customer__external_id")

    class Meta:
        model = Appointment
        fields = {"external_id": ["exact"], "status": ["exact"]}


class PaymentFilter(django_filters.FilterSet):
    paid = django_filters.IsoDateTimeFromToRangeFilter(field_name="paid_at")
    updated_after = django_filters.IsoDateTimeFilter(field_name="updated_at", lookup_expr="gte")
    customer = django_filters.NumberFilter(field_name="customer_id")
    appointment = django_filters.NumberFilter(field_name="appointment_id")
    customer_external_id = django_filters.CharFilter(field_name="customer__external_id")

    class Meta:
        model = Payment
        fields = {"external_id": ["exact"]}


class SummedUpMixin:
    """For rows that the database sums up for each customer."""

    def hold_for_bulk(self, rows):
        visit_summaries.hold(row.customer_id for row in rows)


class AppointmentViewSet(SummedUpMixin, UpsertMixin, ShopModelViewSet):
    """Appointments are cancelled (``status``), never deleted: they explain what was sent."""

    model = Appointment
    serializer_class = AppointmentSerializer
    filterset_class = AppointmentFilter
    ordering_fields = ["starts_at", "booked_at", "updated_at"]
    http_method_names = ["get", "head", "options", "post", "patch"]

    def queryset_for(self, shop):
        return Appointment.objects.for_shop(shop).select_related("customer", "barber", "service")


class PaymentViewSet(SummedUpMixin, UpsertMixin, ShopModelViewSet):
    """Payments are given back (``refunded_amount``), never deleted."""

    model = Payment
    serializer_class = PaymentSerializer
    filterset_class = PaymentFilter
    ordering_fields = ["paid_at", "amount", "updated_at"]
    http_method_names = ["get", "head", "options", "post", "patch"]

    def queryset_for(self, shop):
        return Payment.objects.for_shop(shop).select_related("customer", "appointment")
