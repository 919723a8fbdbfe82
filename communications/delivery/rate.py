"""How many messages may go right now: token buckets, shared by all workers through the database.

An account and a sender have one bucket each, where they have a limit. A bucket holds one second's
worth, at least one message, and fills at its rate by the clock that the callers pass, which is the
database's. Over any window: granted <= rate * window + capacity.
"""

import datetime as dt
import hashlib
import math
from dataclasses import dataclass

from django.db import transaction

from communications import accounts
from communications.models import ProviderAccount, RateBucket

TICK = 1e-6  # seconds; a wait cut to whole microseconds must not end before its token is there
WORTHWHILE = 0.1  # seconds of tokens that are waited for together, rather than one by one
KEY_LENGTH = 120


@dataclass(frozen=True)
class Grant:
    """``messages`` may go now. ``wait``: seconds until asking again is worth it, at least one."""

    messages: int
    wait: float = 0.0


def take(*, account: ProviderAccount, sender: str, wanted: int, now: dt.datetime) -> Grant:
    """Take up to ``wanted`` tokens from the account's bucket and the sender's: both, or none.

    In a short transaction of its own, before any row is claimed. What is not used goes back with
    ``give_back``. Without a limit it costs one look at the sender and no bucket.

    Args:
        sender: the address that the messages go out from.
    """
    rates = _rates(account, sender)
    if not rates or wanted <= 0:
        return Grant(max(0, wanted))
    with transaction.atomic():
        buckets = _refilled(rates, account=account, now=now)
        granted = min(wanted, *(math.floor(bucket.tokens) for bucket in buckets))
        for bucket in buckets:
            _keep(bucket, tokens=bucket.tokens - granted)
    if granted == wanted:
        return Grant(granted)
    return Grant(granted, max(_wait(bucket, wanted - granted) for bucket in buckets))


def give_back(*, account: ProviderAccount, sender: str, messages: int, now: dt.datetime) -> None:
    """Return tokens that no message used: the claim found fewer, or the gate held some up."""
    rates = _rates(account, sender)
    if not rates or messages <= 0:
        return
    with transaction.atomic():
        for bucket in _refilled(rates, account=account, now=now):
            _keep(bucket, tokens=min(bucket.capacity, bucket.tokens + messages))


def _rates(account: ProviderAccount, sender: str) -> dict[str, float]:
    """Messages per second by the key of the bucket, for what has a limit."""
    rates = {
        f"account:{account.pk}": accounts.messages_per_second(account),
        key_of("sender", account, sender): accounts.sender_per_second(account, sender),
    }
    return {key: per_second for key, per_second in rates.items() if per_second is not None}


def key_of(kind: str, account: ProviderAccount, sender: str) -> str:
    """Under its account: another shop that writes down the same address slows nobody else."""
    key = f"{kind}:{account.pk}:{sender}"
    if len(key) <= KEY_LENGTH:
        return key
    return f"{kind}:{account.pk}:{hashlib.sha256(sender.encode()).hexdigest()}"


def _refilled(rates: dict[str, float], *, account, now) -> list[RateBucket]:
    """The buckets at this moment, locked in the order of their keys; a new one is full."""
    locked = RateBucket.objects.select_for_update().filter(key__in=rates).order_by("key")
    buckets = list(locked)
    if len(buckets) < len(rates):
        _create(rates, account=account, now=now)
        buckets = list(locked.all())
    for bucket in buckets:
        _refill(bucket, per_second=rates[bucket.key], now=now)
    return buckets


def _create(rates: dict[str, float], *, account, now) -> None:
    """Make the buckets that are missing; of two workers at once, one does."""
    RateBucket.objects.bulk_create(
        (
            RateBucket(
                shop_id=account.shop_id,
                key=key,
                capacity=_capacity(per_second),
                per_second=per_second,
                tokens=_capacity(per_second),
                refilled_at=now,
            )
            for key, per_second in sorted(rates.items())
        ),
        ignore_conflicts=True,
    )


def _keep(bucket: RateBucket, *, tokens: float) -> None:
    bucket.tokens = tokens
    bucket.save(update_fields=["capacity", "per_second", "tokens", "refilled_at"])


def _capacity(per_second: float) -> float:
    return max(1.0, per_second)


def _refill(bucket: RateBucket, *, per_second: float, now: dt.datetime) -> None:
    """Bring a bucket to this moment and to the rate that is set now.

    A clock that went back, or that was read before another worker's, mints nothing: the time
    until ``refilled_at`` has been paid out.
    """
    seconds = max(0.0, (now - bucket.refilled_at).total_seconds())
    bucket.refilled_at = max(bucket.refilled_at, now)
    bucket.per_second, bucket.capacity = per_second, _capacity(per_second)
    bucket.tokens = min(bucket.capacity, bucket.tokens + seconds * per_second)


def _wait(bucket: RateBucket, missing: int) -> float:
    worth = max(1.0, min(missing, bucket.per_second * WORTHWHILE))
    return max(0.0, worth - bucket.tokens) / bucket.per_second + TICK
