"""Texts to one person, and what is known of him afterwards."""

import datetime as dt

from django.utils import timezone

from barbershop.tests.factories import ShopFactory
from communications.models import Suppression
from communications.tests.reports import in_call
from customers import consent
from customers.tests.factories import CustomerFactory

PERSON = "+12125550199"


def text(shop=None, *, days_ago=1, phone=PERSON, customer=None, **kwargs):
    """A text that the shop has sent to the person."""
    shop = shop or ShopFactory()
    customer = customer or CustomerFactory(shop=shop, phone=phone)
    return in_call(
        channel="sms",
        customer=customer,
        dispatch__shop=shop,
        queued_at=timezone.now() - dt.timedelta(days=days_ago),
        **kwargs,
    )


def opt_in(customer, *, address=PERSON, topic="marketing"):
    return consent.record(
        customer=customer,
        channel="sms",
        decision="opted_in",
        source="sign-up form",
        topic=topic,
        given_at=timezone.now(),
        address=address,
        disclosure_text="Texts with offers.",
        disclosure_version="1",
    )


def latest(customer) -> str:
    entry = customer.consents.filter(channel="sms", topic="marketing").order_by("-seq").first()
    return entry.decision if entry else ""


def active_causes(shop) -> list[str]:
    return list(Suppression.objects.for_shop(shop).active().values_list("cause", flat=True))
