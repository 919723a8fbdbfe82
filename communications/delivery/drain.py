"""How many texts a number has in the provider's queue, and whether one more leaves it in time.

A long code passes on about one part of a text a second, and what is handed over faster waits at
the provider. What would still wait there when the hours end is not handed over at all.
"""

import datetime as dt

from communications import accounts
from communications.channels import Sender
from communications.delivery import rate
from communications.models import ProviderAccount, RateBucket
from customers import area_codes

# Twilio, for a number of the US or Canada that nobody has agreed more for:
# twilio.com/docs/api/errors/21611, read 2026-11-22.
LONG_CODE = 1.0  # parts a second


class Queue:
    """One number's queue at the provider, as it must be by what was handed over.

    It holds its row until the transaction ends; ``keep`` writes it.
    """

    def __init__(self, bucket: RateBucket, *, per_second: float, now: dt.datetime):
        self.bucket = bucket
        self.per_second = per_second
        self.now = now
        gone = max(0.0, (now - bucket.refilled_at).total_seconds()) * per_second
        self.parts = max(0.0, bucket.tokens - gone)

    def fits(self, parts: int, *, until: dt.datetime) -> bool:
        """Whether so many more parts have left it by then."""
        return (self.parts + parts) / self.per_second <= (until - self.now).total_seconds()

    def add(self, parts: int) -> None:
        self.parts += parts

    def keep(self) -> None:
        self.bucket.tokens = self.parts
        self.bucket.per_second = self.bucket.capacity = self.per_second
        self.bucket.refilled_at = max(self.bucket.refilled_at, self.now)
        self.bucket.save(update_fields=["tokens", "per_second", "capacity", "refilled_at"])


def queue(*, account: ProviderAccount | None, sender: Sender, now: dt.datetime) -> Queue | None:
    """The queue of a number, locked; None where nobody knows how fast it goes."""
    per_second = _per_second(account, sender)
    if account is None or per_second is None:
        return None
    empty = _empty(account, sender, per_second=per_second, now=now)
    RateBucket.objects.bulk_create([empty], ignore_conflicts=True)
    bucket = RateBucket.objects.select_for_update().get(key=empty.key)
    return Queue(bucket, per_second=per_second, now=now)


def foresee(*, account: ProviderAccount | None, sender: Sender, now: dt.datetime) -> Queue | None:
    """The same queue, only looked at: for a forecast, which keeps nothing."""
    per_second = _per_second(account, sender)
    if account is None or per_second is None:
        return None
    empty = _empty(account, sender, per_second=per_second, now=now)
    bucket = RateBucket.objects.filter(key=empty.key).first() or empty
    return Queue(bucket, per_second=per_second, now=now)


def _per_second(account: ProviderAccount | None, sender: Sender) -> float | None:
    known = account and accounts.sender_per_second(account, sender.address)
    return known or (LONG_CODE if _is_long_code(sender.address) else None)


def _empty(account, sender: Sender, *, per_second: float, now: dt.datetime) -> RateBucket:
    return RateBucket(
        key=rate.key_of("queue", account, sender.address),
        shop_id=account.shop_id,
        capacity=per_second,
        per_second=per_second,
        tokens=0.0,
        refilled_at=now,
    )


def _is_long_code(address: str) -> bool:
    """An ordinary number of North America: no short code, nothing toll-free."""
    is_number = address.startswith("+1") and len(address) == 12
    return is_number and address[2:5] not in area_codes.NOWHERE | area_codes.PERSONAL
