"""Adding and lifting suppressions: addresses that a shop must not use."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from barbershop.models import Barbershop
from communications.models import Suppression, SuppressionLift

# What people said themselves, or what the law says, is not the shop's to take back.
LIFTABLE = frozenset(
    {Suppression.Cause.MANUAL, Suppression.Cause.BOUNCED, Suppression.Cause.PROVIDER}
)


@dataclass(frozen=True, slots=True)
class Address:
    """One address of one channel as one shop must not use it, and why."""

    shop_id: int
    channel: str
    address_hmac: str
    cause: str


def add_many(addresses: Iterable[Address], *, note: str = "") -> int:
    """Suppress each address unless it already is for the same cause; return how many were new."""
    wanted = {address for address in addresses if address.address_hmac}
    if not wanted:
        return 0
    active = Suppression.objects.active().filter(
        shop__in={a.shop_id for a in wanted}, address_hmac__in={a.address_hmac for a in wanted}
    )
    known = {
        Address(*row) for row in active.values_list("shop_id", "channel", "address_hmac", "cause")
    }
    rows = [
        Suppression(
            shop_id=a.shop_id,
            channel=a.channel,
            address_hmac=a.address_hmac,
            cause=a.cause,
            note=note,
        )
        for a in sorted(wanted - known, key=lambda a: (a.shop_id, a.address_hmac, a.cause))
    ]
    Suppression.objects.bulk_create(rows)
    return len(rows)


def add_by_hand(
    *, shop: Barbershop, channel: str, address_hmac: str, note: str = "", by=None
) -> tuple[Suppression, bool]:
    """Suppress an address because the shop wants it so.

    Returns:
        The suppression, and whether it is new: asking twice changes nothing.
    """
    active = Suppression.objects.for_shop(shop).active()
    known = active.filter(
        channel=channel, address_hmac=address_hmac, cause=Suppression.Cause.MANUAL
    ).first()
    if known is not None:
        return known, False
    made = Suppression.objects.create(
        shop=shop,
        channel=channel,
        address_hmac=address_hmac,
        cause=Suppression.Cause.MANUAL,
        note=note,
        created_by=by,
    )
    return made, True


def lift(suppression: Suppression, *, reason: str, by=None) -> bool:
    """End one suppression; False when it had ended before."""
    _, created = SuppressionLift.objects.get_or_create(
        suppression=suppression,
        defaults={"shop_id": suppression.shop_id, "reason": reason, "lifted_by": by},
    )
    return created


def lift_all(suppressions: QuerySet[Suppression], *, reason: str, by=None) -> int:
    """End all that are still active among these."""
    lifts = [
        SuppressionLift(shop_id=row.shop_id, suppression=row, reason=reason, lifted_by=by)
        for row in suppressions.active()
    ]
    SuppressionLift.objects.bulk_create(lifts, ignore_conflicts=True)
    return len(lifts)
