from django.urls import re_path

from analytics.api.alerts import AlertViewSet
from analytics.api.performance import PerformanceViewSet
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
    *router.urls,
]
