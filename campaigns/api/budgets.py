"""What a shop may spend on messages, by month and by campaign."""

from functools import partial

import django_filters
from django.db.models import F, OuterRef, Subquery
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.response import Response

from barbershop.api.errors import Conflict
from barbershop.api.serializers import ShopSerializer
from barbershop.api.viewsets import ReadOnlyShopViewSet
from campaigns.api.fields import AmountField, StrictSerializer
from campaigns.models import CampaignExecution
from communications import budgets
from communications.models import Budget

_CAMPAIGN = CampaignExecution.objects.filter(dispatch__budget=OuterRef("pk")).values("definition")


class BudgetSerializer(ShopSerializer):
    """``month`` is its first day, in the shop's calendar; a campaign's own budget has none.

    ``reserved`` is promised to calls that are not answered yet, ``late`` was proved to be sent
    after its reservation had been given back; ``left`` is what the next call may cost.
    """

    campaign = serializers.IntegerField(source="campaign_id", allow_null=True)
    currency = serializers.CharField(source="shop.currency")
    limit = AmountField(source="limit_micros")
    reserved = AmountField(source="reserved_micros")
    spent = AmountField(source="spent_micros")
    late = AmountField(source="late_micros")
    left = AmountField(source="left_micros")

    class Meta:
        model = Budget
        fields = [
            "id",
            "month",
            "campaign",
            "currency",
            "limit",
            "reserved",
            "spent",
            "late",
            "left",
            "warned_at",
            "exhausted_at",
            "created_at",
            "updated_at",
        ]
        read_only_fields = fields


class SetBudgetSerializer(serializers.Serializer):
    """The budget as it is now, and how many paused dispatches go on by it."""

    budget = BudgetSerializer()
    resumed = serializers.IntegerField()


class LimitSerializer(StrictSerializer):
    limit = AmountField()


class BudgetFilter(django_filters.FilterSet):
    campaign = django_filters.NumberFilter(field_name="campaign_id")

    class Meta:
        model = Budget
        fields = ["month"]


class BudgetViewSet(ReadOnlyShopViewSet):
    """Months first, the newest before the others; then the budgets of campaigns.

    Raising a limit lets messages leave, so setting one needs the scope ``send``.
    """

    model = Budget
    serializer_class = BudgetSerializer
    filterset_class = BudgetFilter
    http_method_names = ["get", "put", "patch", "head", "options"]
    send_actions = frozenset({"set_month", "partial_update"})

    def queryset_for(self, shop):
        rows = super().queryset_for(shop).select_related("shop")
        rows = rows.annotate(campaign_id=Subquery(_CAMPAIGN[:1]))
        return rows.order_by(F("month").desc(nulls_last=True), "-pk")

    def get_object(self):
        """The row with the id, or this month's where the path says so."""
        if self.detail:
            return super().get_object()
        budget = budgets.month_of(self.shop, timezone.now())
        if budget is None:
            raise NotFound("This shop has no budget: it spends without a limit.")
        return self.get_queryset().get(pk=budget.pk)

    @extend_schema(request=LimitSerializer, responses=SetBudgetSerializer)
    def partial_update(self, request, pk):
        """Set the limit of one budget: of a campaign that runs, or of a month."""
        return self._set(partial(budgets.set_limit, self.get_object()))

    @extend_schema(responses=BudgetSerializer)
    @action(detail=False, methods=["get"], pagination_class=None, filterset_class=None)
    def month(self, request):
        """This month's budget; 404 for a shop that has never set one and so has no limit."""
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=LimitSerializer, responses=SetBudgetSerializer)
    @month.mapping.put
    def set_month(self, request):
        """Set this month's limit; the months after it begin with the same."""
        return self._set(partial(budgets.set_month, self.shop))

    def _set(self, verb) -> Response:
        given = LimitSerializer(data=self.request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        limit = given.validated_data["limit"]
        try:
            resumed = verb(limit, by=self.actor, token=self.token, request=self.request)
        except budgets.LimitTooLow as refused:
            said = str(refused)
            raise Conflict("limit_too_low", said, {"limit": [said]}) from refused
        shown = self.get_serializer(self.get_object()).data
        return Response({"budget": shown, "resumed": resumed})
