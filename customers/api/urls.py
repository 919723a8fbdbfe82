from django.urls import re_path

from barbershop.api.routers import ApiRouter
from customers.api.consents import ConsentViewSet
from customers.api.customers import CustomerViewSet
from customers.api.imports import CustomerImportView
from customers.api.segments import SegmentViewSet
from customers.api.visits import AppointmentViewSet, PaymentViewSet

router = ApiRouter()
router.register("customers", CustomerViewSet, basename="customer")
router.register("segments", SegmentViewSet, basename="segment")
router.register("appointments", AppointmentViewSet, basename="appointment")
router.register("payments", PaymentViewSet, basename="payment")
router.register("consents", ConsentViewSet, basename="consent")

urlpatterns = [
    re_path(r"^customers/import/?$", CustomerImportView.as_view(), name="api-customers-import"),
    *router.urls,
]
