from customers.models.consent import (
    ConsentChain,
    ContactConsent,
    ContactConsentDetail,
    OptInRequest,
)
from customers.models.customer import Customer, CustomerTag, Tag
from customers.models.health import CustomerHealthScore
from customers.models.imports import CustomerImport, CustomerImportError
from customers.models.segment import CustomerSegment, SegmentMembership, SegmentSize
from customers.models.summary import VisitSummary
from customers.models.visit import Appointment, Payment

__all__ = [
    "Appointment",
    "ConsentChain",
    "ContactConsent",
    "ContactConsentDetail",
    "Customer",
    "CustomerHealthScore",
    "CustomerImport",
    "CustomerImportError",
    "CustomerSegment",
    "CustomerTag",
    "OptInRequest",
    "Payment",
    "SegmentMembership",
    "SegmentSize",
    "Tag",
    "VisitSummary",
]
