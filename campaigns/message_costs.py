"""What a campaign's messages cost: each person's own text by its parts, priced by his number."""

import datetime as dt
from collections.abc import Mapping

from barbershop.models import Barbershop
from campaigns.message_sizes import Size
from communications import pricing
from customers.channels import Channel

PRICED_BY = 5  # leading characters of a number that decide its price


def priced_by(channel: str, address: str) -> str:
    """What of an address decides its price."""
    return address[:PRICED_BY] if channel == Channel.SMS else ""


def micros(
    messages: Mapping[tuple[Size, str], int],
    *,
    shop: Barbershop,
    channel: str,
    now: dt.datetime,
) -> int:
    """The price of so many messages, in millionths of the shop's currency unit.

    Args:
        messages: how many there are by their size and by ``priced_by`` of their address.
    """
    prices = pricing.price_list(shop=shop, channel=channel, on=now.date())
    return sum(number * size.parts * prices.part(to) for (size, to), number in messages.items())
