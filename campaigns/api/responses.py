"""What came of campaigns for single people, to be read."""

import django_filters
from rest_framework import serializers

from barbershop.api.pagination import CursorPagination
from barbershop.api.viewsets import ReadOnlyShopViewSet
from campaigns import engagement
from campaigns.models import CampaignResponse


class EngagementTime(serializers.DateTimeField):
    """One of the times that ``campaigns.engagement`` has attached."""

    def __init__(self, **kwargs):
        super().__init__(read_only=True, allow_null=True, **kwargs)

    def get_attribute(self, instance):
        return instance.engagement[self.field_name]


class ResponseSerializer(serializers.ModelSerializer):
    """Times are the first over all channels. ``revenue`` is in minor units."""

    campaign = serializers.IntegerField(source="execution.definition_id", read_only=True)
    customer_external_id = serializers.CharField(source="customer.external_id", read_only=True)
    variant = serializers.CharField(
        source="variant.label", default=None, read_only=True, allow_null=True
    )
    delivered_at = EngagementTime()
    bounced_at = EngagementTime()
    opened_at = EngagementTime()
    clicked_at = EngagementTime()
    replied_at = EngagementTime()
    unsubscribed_at = EngagementTime()
    complained_at = EngagementTime()

    class Meta:
        model = CampaignResponse
        fields = [
            "id",
            "campaign",
            "execution",
            "customer",
            "customer_external_id",
            "variant",
            "is_holdout",
            "assigned_at",
            *engagement.TIMES,
            "communication",
            "appointment",
            "converted_at",
            "confirmed_at",
            "revenue",
            "credited_at",
        ]
        read_only_fields = fields


class ResponseFilter(django_filters.FilterSet):
    campaign = django_filters.NumberFilter(field_name="execution__definition_id")
    execution = django_filters.NumberFilter(field_name="execution_id")
    customer = django_filters.NumberFilter(field_name="customer_id")
    variant = django_filters.CharFilter(field_name="variant__label")
    converted = django_filters.BooleanFilter(
        field_name="converted_at", lookup_expr="isnull", exclude=True
    )

    class Meta:
        model = CampaignResponse
        fields = ["is_holdout"]


class ResponseViewSet(ReadOnlyShopViewSet):
    model = CampaignResponse
    serializer_class = ResponseSerializer
    filterset_class = ResponseFilter
    pagination_class = CursorPagination

    def queryset_for(self, shop):
        return super().queryset_for(shop).select_related("execution", "customer", "variant")

    def paginate_queryset(self, queryset):
        page = super().paginate_queryset(queryset)
        return page if page is None else engagement.attach(page)

    def get_object(self):
        return engagement.attach([super().get_object()])[0]
