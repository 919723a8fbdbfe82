"""Short words for tests that need somebody's permission."""

from django.utils import timezone

from customers import consent
from customers.models import Customer


def opt_in(customer: Customer, channel: str, *, decision: str = "opted_in"):
    """Proven consent, given on a paper form."""
    return consent.record(
        customer=customer,
        channel=channel,
        decision=decision,
        source="paper form",
        given_at=timezone.now(),
        disclosure_text="I agree to receive texts from this shop.",
        disclosure_version="2026-1",
    )
