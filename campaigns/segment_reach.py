"""How many of some customers a message could reach: they have an address, and it may be used.

Before the gate: consent, caps and hours are not asked here.
"""

from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from communications.models import Suppression
from customers.channels import Channel

ADDRESS = {Channel.EMAIL: "email_hmac", Channel.SMS: "phone_hmac"}


@dataclass(frozen=True)
class Reach:
    """Customers: all of them, with a usable email address, with a usable phone number."""

    people: int
    email: int
    sms: int


def reach(people: QuerySet, *, shop) -> Reach:
    """One question, whatever the number of customers."""
    usable = {channel: Count("pk", filter=_usable(channel, shop)) for channel in ADDRESS}
    counted = people.order_by().aggregate(
        people=Count("pk"), email=usable[Channel.EMAIL], sms=usable[Channel.SMS]
    )
    return Reach(**counted)


def _usable(channel: str, shop) -> Q:
    address = ADDRESS[channel]
    suppressed = Suppression.objects.active().filter(
        shop=shop, channel=channel, address_hmac=OuterRef(address)
    )
    return ~Q(**{address: ""}) & ~Exists(suppressed)
