"""What people answered, a person's decision about it, and opting somebody out."""

import django_filters
from django.db import transaction
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from barbershop.api.errors import Conflict
from barbershop.api.fields import StrictCharField
from barbershop.api.serializers import ShopSerializer, refuse_unknown
from barbershop.api.viewsets import ReadOnlyShopViewSet, ShopViewSet
from barbershop.plain_text import validate_one_line
from communications import inbound, unsubscribe
from communications.models import InboundMessage
from customers.channels import Channel, Topic
from customers.models import Customer

Outcome = InboundMessage.Outcome


class ReplySerializer(ShopSerializer):
    """One answer to this shop. What ``outcome`` says happened by itself; held ones wait."""

    decided_as = serializers.CharField(read_only=True, help_text="stop, talk, or empty.")

    class Meta:
        model = InboundMessage
        fields = [
            "id",
            "channel",
            "customer",
            "communication",
            "address",
            "body",
            "received_at",
            "outcome",
            "decided_as",
            "decided_at",
        ]
        read_only_fields = fields


class _Strict(serializers.Serializer):
    def to_internal_value(self, data):
        if isinstance(data, dict):
            refuse_unknown(data, self.fields)
        return super().to_internal_value(data)


class DecisionSerializer(_Strict):
    decision = serializers.ChoiceField(
        choices=[(Outcome.STOP.value, "Opt out"), (Outcome.TALK.value, "Only talk")]
    )


class OptOutSerializer(_Strict):
    """Without a topic it is about everything on that channel, reminders too."""

    channel = serializers.ChoiceField(choices=Channel.choices)
    topic = serializers.ChoiceField(choices=Topic.choices, required=False, allow_null=True)
    reason = StrictCharField(
        max_length=300, validators=[validate_one_line], help_text="Who said what, and where."
    )


class OptedOutSerializer(serializers.Serializer):
    """``changed`` is false when it was so already."""

    customer = serializers.IntegerField()
    channel = serializers.CharField()
    changed = serializers.BooleanField()


class ReplyFilter(django_filters.FilterSet):
    waiting = django_filters.BooleanFilter(method="that_wait")
    received_at = django_filters.IsoDateTimeFromToRangeFilter()

    class Meta:
        model = InboundMessage
        fields = {"channel": ["exact"], "outcome": ["exact"], "customer": ["exact"]}

    def that_wait(self, queryset, name, value):
        held = {"outcome": Outcome.HELD, "decided_at": None}
        return queryset.filter(**held) if value else queryset.exclude(**held)


class ReplyViewSet(ReadOnlyShopViewSet):
    """GET lists what people answered; POST decide says what a held answer means."""

    model = InboundMessage
    serializer_class = ReplySerializer
    filterset_class = ReplyFilter
    ordering_fields = ["received_at"]

    @extend_schema(request=DecisionSerializer, responses=ReplySerializer)
    @action(detail=True, methods=["post"], serializer_class=DecisionSerializer)
    @transaction.atomic
    def decide(self, request, pk=None):
        """409 when it waits for nobody: it took effect by itself, or somebody has decided."""
        answer = self.get_object()
        given = self.get_serializer(data=request.data)
        given.is_valid(raise_exception=True)
        decided = inbound.decide(
            answer,
            as_=given.validated_data["decision"],
            by=self.actor,
            token=self.token,
            request=request,
        )
        if not decided:
            raise Conflict("not_waiting", "This answer waits for no decision.")
        shown = ReplySerializer(self.get_object(), context=self.get_serializer_context())
        return Response(shown.data)


class OptOutViewSet(ShopViewSet):
    model = Customer
    serializer_class = OptOutSerializer

    def queryset_for(self, shop):
        return super().queryset_for(shop).present().select_related("shop")

    @extend_schema(request=OptOutSerializer, responses=OptedOutSerializer)
    @action(detail=True, methods=["post"], url_path="opt-out", url_name="opt-out")
    def opt_out(self, request, pk=None):
        """He told the shop that he wants no more messages: at once, with the reason as evidence."""
        customer = self.get_object()
        given = self.get_serializer(data=request.data)
        given.is_valid(raise_exception=True)
        said = given.validated_data
        changed = unsubscribe.by_staff(
            customer,
            channel=said["channel"],
            topic=said.get("topic"),
            reason=said["reason"],
            by=self.actor,
            token=self.token,
            now=timezone.now(),
            request=request,
        )
        answer = {"customer": customer.pk, "channel": said["channel"], "changed": changed}
        return Response(OptedOutSerializer(answer).data)
