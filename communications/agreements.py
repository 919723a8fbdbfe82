"""Who agreed to offers at an address, as far as that still holds."""

import datetime as dt
from collections.abc import Collection

from django.db.models import F

from communications.compliance import ADDRESS_FIELDS
from communications.suppressions import Address
from customers.channels import Topic
from customers.models import ContactConsent


def since_when(addresses: Collection[Address]) -> dict[Address, dt.datetime]:
    """When somebody who has the address today last agreed to offers there.

    No entry for an address at which nobody's last word is that he agreed. One query per channel.
    """
    found: dict[Address, dt.datetime] = {}
    for channel, (_, hmac) in ADDRESS_FIELDS.items():
        ours = {(a.shop_id, a.address_hmac): a for a in addresses if a.channel == channel}
        shops, hmacs = ({key[n] for key in ours if key[1]} for n in (0, 1))
        entries = ContactConsent.objects.filter(
            shop__in=shops,
            channel=channel,
            topic=Topic.MARKETING,
            decision=ContactConsent.Decision.OPTED_IN,
            address_hmac=F(f"customer__{hmac}"),
            **{f"customer__{hmac}__in": hmacs},
        ).latest()
        rows = entries.order_by("given_at").values_list("shop_id", "address_hmac", "given_at")
        for shop, address, at in rows:
            if (shop, address) in ours:
                found[ours[shop, address]] = at
    return found
