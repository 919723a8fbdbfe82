"""Saved selections of customers."""

from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from barbershop.api.serializers import ShopSerializer
from barbershop.api.viewsets import ShopModelViewSet
from customers import criteria
from customers.models import Customer, CustomerSegment


class SegmentSerializer(ShopSerializer):
    sentence = serializers.SerializerMethodField(help_text="The criteria in English.")

    class Meta:
        model = CustomerSegment
        fields = ["id", "name", "description", "criteria", "sentence", "created_at", "updated_at"]
        read_only_fields = ["created_at", "updated_at"]

    def validate_criteria(self, value):
        try:
            criteria.parse(value)
        except criteria.CriteriaError as error:
            path = [part for part in error.path.split(".") if part]
            detail = [error.message]
            for part in reversed(path):
                detail = {part: detail}
            raise serializers.ValidationError(detail) from error
        return value

    def get_sentence(self, segment) -> str:
        return criteria.parse(segment.criteria).sentence()


class SegmentViewSet(ShopModelViewSet):
    model = CustomerSegment
    serializer_class = SegmentSerializer
    search_fields = ["name", "description"]
    ordering_fields = ["name", "created_at"]

    def perform_create(self, serializer):
        serializer.save(shop=self.shop, created_by=self.actor)

    @extend_schema(
        responses=inline_serializer("SegmentCount", {"count": serializers.IntegerField()})
    )
    @action(detail=True, methods=["get"])
    def count(self, request, pk=None):
        """How many customers are in it now."""
        segment = self.get_object()
        people = Customer.objects.for_shop(self.shop).present()
        selected = criteria.parse(segment.criteria).apply(people, shop=self.shop)
        return Response({"count": selected.count()})
