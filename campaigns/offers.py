"""What an offer puts into a message: flat strings, the same for everybody in one execution."""

import datetime as dt

from django.utils.formats import date_format

from barbershop.currencies import minor_digits
from barbershop.models import Barbershop
from campaigns.models import CampaignDefinition, Offer

OFFER_FIELDS = frozenset({"offer_code", "offer_discount", "offer_expires_on", "referral_link"})


def percent(*, shop: Barbershop, name: str, discount: int, valid_days: int | None) -> Offer:
    """A new offer of so many per cent."""
    return Offer.objects.create(
        shop=shop, name=name[:120], kind=Offer.Kind.PERCENT, value=discount, valid_days=valid_days
    )


def values_of(definition: CampaignDefinition, *, now: dt.datetime) -> dict[str, str]:
    """``offer_discount`` such as ``25%`` and ``offer_expires_on`` such as ``December 22``."""
    offer = definition.offer
    if offer is None:
        return {}
    values = {"offer_discount": _worth(offer)}
    if offer.valid_days:
        last_day = (now + dt.timedelta(days=offer.valid_days)).astimezone(definition.shop.zone)
        values["offer_expires_on"] = date_format(last_day.date(), "F j")
    return {name: value for name, value in values.items() if value}


def _worth(offer: Offer) -> str:
    if offer.kind == Offer.Kind.PERCENT:
        return f"{offer.value}%"
    if offer.kind == Offer.Kind.SERVICE:
        return offer.service.name if offer.service else ""
    digits = minor_digits(offer.shop.currency)
    return f"{offer.value / 10**digits:.{digits}f} {offer.shop.currency}"
