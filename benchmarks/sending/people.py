"""Shops full of invented people, written by the fastest way there is."""

import datetime as dt
import hashlib

from django.db import connection
from django.utils import timezone

from barbershop.bulk_insert import bulk_insert
from barbershop.models import Barber, Barbershop, Organization
from benchmarks.sending import letter
from campaigns.models import CampaignDefinition, CampaignVariant
from communications.models import Suppression
from customers.addresses import address_hmac
from customers.channels import Channel
from customers.models import ContactConsent, Customer

NAMES = ("Sam", "Alex", "Robin", "Jamie", "Chris", "Pat", "Jordan", "Terry", "Lee", "Kim")
SUPPRESSED = 1_000  # addresses of other people, so that the look-up has something to look through


def shop_with(people: int) -> Barbershop:
    """A shop of its own with so many customers, each with a proven opt-in to email."""
    organization = Organization.objects.create(
        name="Bench", slug=f"bench-{Barbershop.objects.count()}"
    )
    shop = Barbershop.objects.create(
        organization=organization,
        name="Main Street Barbers",
        slug=organization.slug,
        postal_address="1 Main Street, Springfield, NY 10001",
        phone="+12125550100",
        booking_url="https://book.example.com/",
    )
    barbers = [Barber.objects.create(shop=shop, first_name=name) for name in ("Tony", "Maria")]
    bulk_insert(
        Customer,
        fields=("first_name", "last_name", "email", "email_hmac", "preferred_barber"),
        rows=(
            (NAMES[n % len(NAMES)], f"Number{n}", email, address_hmac(email), barbers[n % 2].pk)
            for n, email in ((n, address(shop, n)) for n in range(people))
        ),
        same={"shop": shop.pk},
    )
    _opt_in(shop)
    bulk_insert(
        Suppression,
        fields=("address_hmac",),
        rows=[(address_hmac(f"gone{n}@example.org"),) for n in range(SUPPRESSED)],
        same={"shop": shop.pk, "channel": Channel.EMAIL, "cause": "unsubscribed"},
    )
    return shop


def address(shop: Barbershop, number: int) -> str:
    return f"customer{number}.{shop.pk}@example.com"


def _opt_in(shop: Barbershop) -> None:
    given_at = timezone.now() - dt.timedelta(days=100)
    known = list(Customer.objects.for_shop(shop).values_list("pk", "email_hmac"))
    bulk_insert(
        ContactConsent,
        fields=("customer", "address_hmac", "hash"),
        rows=((pk, hmac, hashlib.sha256(hmac.encode()).hexdigest()) for pk, hmac in known),
        same={
            "shop": shop.pk,
            "seq": 1,
            "channel": Channel.EMAIL,
            "decision": ContactConsent.Decision.OPTED_IN,
            "source": "benchmark",
            "given_at": given_at,
        },
    )


def campaign(shop: Barbershop) -> CampaignDefinition:
    """An email to everybody in the shop, in one arm."""
    definition = CampaignDefinition.objects.create(shop=shop, name="Summer", campaign_type="email")
    CampaignVariant.objects.create(
        shop=shop,
        definition=definition,
        label="A",
        channels={"email": {"subject": letter.SUBJECT, "message": letter.TEXT}},
    )
    return definition


def analyse() -> None:
    """What autovacuum does within a minute of such an import, now."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
