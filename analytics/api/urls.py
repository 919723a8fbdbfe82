from django.urls import re_path

from analytics.api.alerts import AlertViewSet
from analytics.api.performance import PerformanceViewSet
from analytics.api.waterfall import ExplainViewSet, WaterfallViewSet
from barbershop.api.routers import ApiRouter

router = ApiRouter()
router.register("alerts", AlertViewSet, basename="alert")

urlpatterns = [
    re_path(
        r"^campaigns/(?P<pk>[0-9]+)/performance/?$",
        # Said here: ``as_view`` forgets what the class says.
        PerformanceViewSet.as_view({"get": "retrieve"}, detail=True),
        name="campaign-performance",
    ),
    re_path(
        r"^campaigns/(?P<pk>[0-9]+)/waterfall/?$",
        WaterfallViewSet.as_view({"get": "retrieve"}, detail=True),
        name="campaign-waterfall",
    ),
    re_path(
        r"^campaigns/(?P<pk>[0-9]+)/explain/?$",
        ExplainViewSet.as_view({"get": "retrieve"}, detail=True),
        name="campaign-explain",
    ),
    *router.urls,
]
