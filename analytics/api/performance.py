"""What a campaign did, over HTTP."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.response import Response

from analytics import performance
from analytics.api.shapes import serializer_of
from barbershop.api.errors import ApiError
from barbershop.api.viewsets import ShopViewSet
from barbershop.nearest import did_you_mean
from campaigns.models import CampaignDefinition

PerformanceSerializer = serializer_of(performance.Performance)
BUCKETS = ("auto", "hour", "day")


class PerformanceViewSet(ShopViewSet):
    """``GET campaigns/{id}/performance``: a fact of this floor under the campaigns' prefix."""

    model = CampaignDefinition
    serializer_class = PerformanceSerializer

    def queryset_for(self, shop):
        return super().queryset_for(shop).select_related("shop")

    @extend_schema(
        summary="Counts, rates, channels and a time series of a campaign",
        description=(
            "Money in minor units of `currency`; rates as fractions, null when their denominator "
            "is 0. `targeted` counts ledger rows and equals sent + blocked + rejected + unknown + "
            "pending + cancelled; opened, clicked, engaged, replied, unsubscribed and complained "
            "count each recipient once; `people` counts each customer considered once. The open "
            "rate divides by delivered emails, because the opening of a text cannot be seen; the "
            "click rate by everything delivered."
        ),
        parameters=[
            OpenApiParameter(
                "bucket", enum=BUCKETS, description="Of the series; auto: by hour up to 72 hours."
            )
        ],
        tags=["campaigns"],
    )
    def retrieve(self, request, pk):
        for word in request.query_params:
            if word not in {"bucket", "format"}:
                _refuse(word, f"Unknown parameter. {did_you_mean(word, ['bucket'])}")
        bucket = request.query_params.get("bucket", "auto")
        if bucket not in BUCKETS:
            _refuse("bucket", f"Must be one of {', '.join(BUCKETS)}.")
        found = performance.of(self.get_object(), bucket=bucket)
        return Response(self.get_serializer(found).data)


def _refuse(word: str, message: str):
    raise ApiError("invalid", f"{word}: {message}", {word: [message]})
