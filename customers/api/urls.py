from django.urls import re_path

from barbershop.api.routers import ApiRouter
from customers.api.consents import ConsentViewSet
from customers.api.criteria import CriteriaLanguageView
from customers.api.customers import CustomerViewSet
from customers.api.imports import CustomerImportView
from customers.api.rights import CustomerRightsViewSet
from customers.api.segments import SegmentViewSet
from customers.api.visits import AppointmentViewSet, PaymentViewSet

router = ApiRouter()
router.register("customers", CustomerViewSet, basename="customer")
router.register("segments", SegmentViewSet, basename="segment")
router.register("appointments", AppointmentViewSet, basename="appointment")
router.register("payments", PaymentViewSet, basename="payment")
router.register("consents", ConsentViewSet, basename="consent")

urlpatterns = [
    re_path(r"^criteria/?$", CriteriaLanguageView.as_view(), name="api-criteria"),
    re_path(r"^customers/import/?$", CustomerImportView.as_view(), name="api-customers-import"),
    re_path(
        r"^customers/(?P<pk>[0-9]+)/export/?$",
        CustomerRightsViewSet.as_view({"get": "export"}, detail=True),
        name="api-customer-export",
    ),
    re_path(
        r"^customers/(?P<pk>[0-9]+)/erase/?$",
        CustomerRightsViewSet.as_view({"post": "erase"}, detail=True),
        name="api-customer-erase",
    ),
    *router.urls,
]
