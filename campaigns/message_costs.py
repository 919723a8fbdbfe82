"""What a campaign's messages cost: parts per text by arm and variation, priced by the number.

Texts are measured with example names and links, so that a long name may make one a part longer.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from barbershop.models import Barbershop
from campaigns import preview
from campaigns.models import CampaignDefinition
from communications import pricing
from customers.channels import Channel

PRICED_BY = 5  # leading characters of a number that decide its price
Words = tuple[str, str]  # the label of an arm, and the name of a variation or ""


@dataclass(frozen=True)
class MessageParts:
    """Parts of one message by arm, variation and channel; an email is one part."""

    by_words: Mapping[tuple[str, str, str], int]

    def of(self, words: Words, channel: str) -> int:
        """A variation that says nothing on a channel leaves its arm's own words there."""
        label, variation = words
        found = self.by_words.get((label, variation, channel))
        return found or self.by_words[label, "", channel]


def parts(definition: CampaignDefinition, *, now: dt.datetime) -> MessageParts:
    """
    Raises:
        campaigns.refusals.Refused: when the content cannot be sent.
    """
    return MessageParts(
        {
            (sample.variant, sample.variation, sample.channel): (
                sample.size.segments if sample.size else 1
            )
            for sample in preview.samples(definition, now=now)
        }
    )


def priced_by(channel: str, address: str) -> str:
    """What of an address decides its price."""
    return address[:PRICED_BY] if channel == Channel.SMS else ""


def micros(
    messages: Mapping[tuple[Words, str], int],
    *,
    shop: Barbershop,
    channel: str,
    size: MessageParts,
    now: dt.datetime,
) -> int:
    """The price of so many messages, in millionths of the shop's currency unit.

    Args:
        messages: how many there are by their words and by ``priced_by`` of their address.
    """
    prices = pricing.price_list(shop=shop, channel=channel, on=now.date())
    return sum(
        number * size.of(words, channel) * prices.part(prefix)
        for (words, prefix), number in messages.items()
    )
