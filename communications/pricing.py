"""What one message costs a shop: its own price list, the installation's, or the published one."""

from dataclasses import dataclass
from functools import lru_cache

import phonenumbers
from django.db.models import Q

from barbershop.models import Barbershop
from communications import published_prices
from communications.models import MessagePrice
from customers.channels import Channel

# $19.95 for 50,000 emails: SendGrid's Email API Essentials plan as listed in March 2026
# (apimap.dev/apis/sendgrid). A plan's price per email; a shop enters its own in message prices.
EMAIL_MICROS = 399


@dataclass(frozen=True)
class PriceList:
    """Prices of one channel on one day, in millionths of the shop's currency unit."""

    channel: str
    currency: str
    listed: dict[str, int]

    def part(self, address: str) -> int:
        """Price of one part (one email, one SMS segment) to an address; 0 when unknown."""
        country = _country(address) if self.channel == Channel.SMS else ""
        if country in self.listed:
            return self.listed[country]
        if "" in self.listed:
            return self.listed[""]
        if self.currency != "USD":
            return 0  # the published list is in dollars; a shop elsewhere enters its own
        if self.channel == Channel.EMAIL:
            return EMAIL_MICROS
        cost = published_prices.sms_cost(to=address, segments=1)
        return cost.total_micros if cost else 0


def price_list(*, shop: Barbershop, channel: str, on) -> PriceList:
    """The prices valid on a day; a shop's own row wins over the installation's."""
    rows = MessagePrice.objects.filter(
        Q(shop=shop) | Q(shop=None),
        channel=channel,
        currency=shop.currency,
        valid_from__lte=on,
    )
    # Later rows overwrite earlier ones: the installation's first, then the shop's, by date.
    ordered = sorted(rows, key=lambda row: (row.shop_id is not None, row.valid_from))
    return PriceList(
        channel=channel,
        currency=shop.currency,
        listed={row.country: row.micros_per_part for row in ordered},
    )


@lru_cache(maxsize=4096)
def _country_of_prefix(prefix: str) -> str:
    try:
        # Filled up with twos: an exchange that begins with 0 is no number in North America.
        number = phonenumbers.parse(prefix.ljust(12, "2"), None)
    except phonenumbers.NumberParseException:
        return ""
    found = phonenumbers.region_code_for_number(number)
    return found or phonenumbers.region_code_for_country_code(number.country_code)


def _country(address: str) -> str:
    return _country_of_prefix(address[:5])
