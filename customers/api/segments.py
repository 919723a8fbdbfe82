"""Saved selections of customers."""

from functools import cached_property

from django.utils import timezone
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from barbershop.api.errors import Conflict
from barbershop.api.serializers import ShopSerializer
from barbershop.api.viewsets import ShopModelViewSet
from customers import criteria
from customers.api import segment_shapes as shapes
from customers.models import CustomerSegment, SegmentSize
from customers.segments import nearby, saving, uses, watching

MOST_SIZES = 400  # a bit more than a year of days


class SegmentSerializer(ShopSerializer):
    sentence = serializers.SerializerMethodField(help_text="The criteria in English.")

    class Meta:
        model = CustomerSegment
        fields = [
            "id",
            "name",
            "description",
            "criteria",
            "sentence",
            "ready_key",
            "criteria_changed_at",
            "watched_at",
            "created_at",
            "updated_at",
        ]
        read_only_fields = [
            "ready_key",
            "criteria_changed_at",
            "watched_at",
            "created_at",
            "updated_at",
        ]

    def validate_criteria(self, value):
        return shapes.understood(value, shop=self.shop, segment=self.instance)

    def get_sentence(self, segment) -> str:
        return shapes.sentence_of(segment.criteria, self.names)

    @cached_property
    def names(self) -> criteria.Names:
        """Of the shop's rows; one for all segments of a page."""
        return criteria.Names(self.shop)


class SegmentViewSet(ShopModelViewSet):
    model = CustomerSegment
    serializer_class = SegmentSerializer
    search_fields = ["name", "description"]
    ordering_fields = ["name", "created_at"]

    def handle_exception(self, exc):
        # Segments that it names may have grown since: only the question itself finds that.
        if isinstance(exc, criteria.CriteriaError):
            exc = Conflict("unreadable", f"Its criteria cannot be read any more: {exc}")
        return super().handle_exception(exc)

    def perform_create(self, serializer):
        fields = dict(serializer.validated_data)
        serializer.instance = saving.create(
            shop=self.shop,
            name=fields["name"],
            description=fields.get("description", ""),
            rule=fields.get("criteria") or {},
            by=self.actor,
            token=self.token,
        )

    def perform_update(self, serializer):
        fields = dict(serializer.validated_data)
        if "criteria" in fields:
            fields["criteria"] = fields["criteria"] or {}
        serializer.instance = saving.change(
            serializer.instance, fields=fields, by=self.actor, token=self.token
        )

    @extend_schema(responses={204: None, 409: OpenApiResponse(description="Others use it.")})
    def destroy(self, request, *args, **kwargs):
        """409 while a campaign, an automation or another segment uses it, naming them."""
        try:
            saving.delete(self.get_object(), by=self.actor, token=self.token)
        except uses.SegmentInUse as refused:
            raise Conflict("in_use", str(refused)) from refused
        return Response(status=204)

    @extend_schema(responses=shapes.SegmentCountSerializer)
    @action(detail=True, methods=["get"])
    def count(self, request, pk=None):
        """How many customers are in it now."""
        parsed = shapes.readable(self.get_object())
        return Response({"count": parsed.select(shop=self.shop).count()})

    @extend_schema(responses=shapes.SegmentPreviewSerializer)
    @action(detail=True, methods=["get"], url_path="preview")
    def preview(self, request, pk=None):
        """How many are in it, five of them, and five just outside with what keeps them out."""
        return Response(self._preview(shapes.readable(self.get_object())))

    @extend_schema(
        request=shapes.SegmentAskedSerializer,
        responses=shapes.SegmentPreviewSerializer,
        operation_id="segments_preview_criteria",
    )
    @action(detail=False, methods=["post"], url_path="preview")
    def preview_criteria(self, request):
        """The same for criteria that are not saved. Changes nothing."""
        asked = shapes.SegmentAskedSerializer(
            data=request.data, context=self.get_serializer_context()
        )
        asked.is_valid(raise_exception=True)
        return Response(self._preview(criteria.parse(asked.validated_data["criteria"])))

    @extend_schema(responses=shapes.SegmentSizeSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def history(self, request, pk=None):
        """Its size at each look, newest first."""
        sizes = SegmentSize.objects.for_shop(self.shop).filter(segment=self.get_object())
        newest = sizes.order_by("-counted_at")[:MOST_SIZES]
        return Response(shapes.SegmentSizeSerializer(newest, many=True).data)

    @extend_schema(responses=shapes.SegmentStaySerializer(many=True), filters=False)
    @action(detail=True, methods=["get"])
    def changes(self, request, pk=None):
        """Who entered, newest first, and who of them left again, each with why."""
        stays = watching.stays(self.get_object()).order_by("-entered_at", "-pk")
        page = self.paginate_queryset(stays)
        return self.get_paginated_response(shapes.SegmentStaySerializer(page, many=True).data)

    @extend_schema(responses=shapes.SegmentUseSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def used_by(self, request, pk=None):
        """The campaigns, automations and segments that need it."""
        return Response(shapes.SegmentUseSerializer(uses.of(self.get_object()), many=True).data)

    def _preview(self, parsed: criteria.Criteria) -> dict:
        now, names = timezone.now(), criteria.Names(self.shop)
        near = {"shop": self.shop, "now": now, "names": names}
        found = {
            "count": parsed.select(shop=self.shop, now=now).count(),
            "sentence": parsed.sentence(names),
            "inside": nearby.inside(parsed, **near),
            "just_outside": nearby.just_outside(parsed, **near),
        }
        return shapes.SegmentPreviewSerializer(found).data
