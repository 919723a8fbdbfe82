"""Published example prices for text messages, and the arithmetic on them.

Money is whole millionths of a US dollar ("micros"): $0.0083 is 8,300. A price list is an example
to start from; what an account really pays is on its own bill.
"""

from dataclasses import dataclass
from datetime import date

MICROS_PER_DOLLAR = 1_000_000

# When the figures below were last read.
READ_ON = date(2026, 11, 22)


@dataclass(frozen=True)
class SmsPrice:
    """The price of one segment sent to one group of numbers, in micros."""

    prefix: str
    segment_micros: int
    carrier_fee_micros: int


@dataclass(frozen=True)
class SmsCost:
    """What one message costs, in micros. The provider bills the two parts as separate items."""

    segments: int
    base_micros: int
    carrier_fee_micros: int

    @property
    def total_micros(self) -> int:
        return self.base_micros + self.carrier_fee_micros


# United States (+1), outbound, ten-digit long code, per segment:
#   $0.0083  Twilio, https://www.twilio.com/en-us/sms/pricing/us ("current as of October 2026",
#            as read on 9 November 2026 by apievangelist.com's post of 12 November 2026)
#   $0.0035  pass-through fee for AT&T subscribers, quoted with it in published 2026 summaries;
#            T-Mobile's and Verizon's were quoted as $0.0045 in May 2026. The carrier of a number
#            is not visible in the number, so one of them has to stand for all.
# Canada shares the prefix and the base price; its carriers' fees differ and are not listed.
# Other countries are left out rather than guessed: add a row from the provider's own page.
PUBLISHED_SMS_PRICES = (SmsPrice(prefix="+1", segment_micros=8_300, carrier_fee_micros=3_500),)


def sms_price(to: str, *, prices=PUBLISHED_SMS_PRICES) -> SmsPrice | None:
    """Return the price for an E.164 number by its longest listed prefix, or None if unlisted."""
    fitting = [price for price in prices if to.startswith(price.prefix)]
    return max(fitting, key=lambda price: len(price.prefix), default=None)


def sms_cost(*, to: str, segments: int, prices=PUBLISHED_SMS_PRICES) -> SmsCost | None:
    """Return what `segments` parts sent `to` a number cost, or None if its price is unknown."""
    price = sms_price(to, prices=prices)
    if price is None:
        return None
    return SmsCost(
        segments=segments,
        base_micros=segments * price.segment_micros,
        carrier_fee_micros=segments * price.carrier_fee_micros,
    )
