"""A code at the till: what it is worth, taking it once, and taking that back.

The till asks and the database decides: of two tills with the same code at the same moment, one
wins the conditional update and the other is told when it was redeemed.
"""

import datetime as dt

from django.db import transaction
from django.db.models import Q, Sum
from django.utils import timezone

from barbershop import audit
from barbershop.models import Barbershop, Service
from barbershop.templatetags.ui import moment_text, money
from campaigns import codes
from campaigns.models import Offer, OfferCode
from campaigns.refusals import Conflict, Refused
from customers.models import Appointment

Kind = Offer.Kind
NEAR = dt.timedelta(days=1)


class Unknown(Refused):
    """No code of this shop; another shop's is as unknown as one that nobody has."""

    def __init__(self):
        super().__init__("unknown_code", "This shop has not given out such a code: look again.")


def find(typed: str, *, shop: Barbershop) -> OfferCode:
    """The code that was typed, however.

    Raises:
        Unknown
    """
    rows = OfferCode.objects.for_shop(shop).select_related("offer__service", "customer", "shop")
    found = rows.filter(code=codes.read(typed)).first()
    if found is None:
        raise Unknown
    return found


def state_of(code: OfferCode, *, now: dt.datetime) -> str:
    """``redeemed``, ``expired`` or ``valid``."""
    if code.redeemed_at is not None:
        return "redeemed"
    return "expired" if code.expires_at is not None and code.expires_at <= now else "valid"


def discount_of(offer: Offer, *, price: int | None) -> int:
    """What is taken off, in minor units, and never more than the price.

    Args:
        price: what would be paid without it; None where nobody knows.

    Raises:
        Refused: ``amount_needed``: a percentage of nothing known; or as ``service_price``.
    """
    if offer.kind == Kind.PERCENT:
        if price is None:
            raise Refused(
                "amount_needed",
                "Say what the visit costs: this code takes off a percentage of it.",
                fields={"amount": ["Needed for a percentage."]},
            )
        return (price * offer.value + 50) // 100  # half a unit goes to the customer
    worth = service_price(offer.service) if offer.kind == Kind.SERVICE else offer.value
    return worth if price is None else min(worth, price)


def service_price(service: Service | None) -> int:
    """What a free service takes off, in minor units: never silently nothing.

    Raises:
        Refused: ``service_gone`` or ``service_without_price``.
    """
    if service is None:
        raise Refused(
            "service_gone",
            "The service of this offer is not in the catalogue any more: open the offer in admin "
            "and say which service is free.",
        )
    if not service.price:
        raise Refused(
            "service_without_price",
            f"“{service.name}” has no price in the catalogue, so nothing would be taken off: "
            "enter its price first.",
        )
    return service.price


def foresee(
    code: OfferCode,
    *,
    appointment: Appointment | None = None,
    amount: int | None = None,
    given: int = 0,
    now: dt.datetime,
) -> int:
    """What ``redeem`` would take off now; it changes nothing.

    Args:
        given: minor units that codes which are redeemed before this one take off the same visit.

    Raises:
        Conflict, Refused: as ``redeem``.
    """
    _check(code, appointment, now=now)
    if amount is not None and amount <= 0:
        raise Refused(
            "amount_needed",
            "The amount must be more than 0: of nothing to pay nothing is taken off, and the code "
            "is used up.",
            fields={"amount": ["More than 0."]},
        )
    price = _price(code, appointment, amount)
    left = price if price is None or appointment is None else max(0, price - given)
    return discount_of(code.offer, price=left)


def redeem(
    typed: str,
    *,
    shop: Barbershop,
    appointment: Appointment | None = None,
    amount: int | None = None,
    by=None,
    token=None,
    request=None,
    now: dt.datetime | None = None,
) -> OfferCode:
    """Take a code, once.

    Args:
        appointment: the visit that it is for, of the same shop.
        amount: what is to be paid, in minor units, more than 0; else the appointment's price, where
            it has one.

    Raises:
        Unknown: no such code in this shop.
        Conflict: ``already_redeemed``, ``expired`` or ``not_his``.
        Refused: ``amount_needed``, ``service_gone`` or ``service_without_price``.
    """
    now = now or timezone.now()
    with transaction.atomic():
        code = find(typed, shop=shop)
        if appointment is not None:
            # Two codes for one visit at two tills: the second one sees what the first has taken.
            visits = Appointment.objects.select_for_update(no_key=True)
            appointment = visits.get(pk=appointment.pk)
        discount = foresee(code, appointment=appointment, amount=amount, now=now)
        unspent = OfferCode.objects.filter(pk=code.pk, redeemed_at=None)
        unspent = unspent.filter(Q(expires_at=None) | Q(expires_at__gt=now))
        if not unspent.update(redeemed_at=now, appointment=appointment, discount=discount):
            code.refresh_from_db(fields=["redeemed_at", "expires_at"])
            _check(code, appointment, now=now)
            raise Conflict("already_redeemed", "Somebody used this code in this very moment.")
        code.redeemed_at, code.appointment, code.discount = now, appointment, discount
        _record("offer.redeem", code, by=by, token=token, request=request, now=now)
    return code


def visit_near(code: OfferCode, *, now: dt.datetime) -> Appointment | None:
    """The one visit of its owner within a day of now, when there is just one."""
    if code.customer_id is None:
        return None
    visits = Appointment.objects.for_shop(code.shop).filter(
        customer=code.customer_id,
        starts_at__range=(now - NEAR, now + NEAR),
        status__in=[Appointment.Status.BOOKED, Appointment.Status.COMPLETED],
    )
    found = list(visits[:2])
    return found[0] if len(found) == 1 else None


def take_back(code: OfferCode, *, reason: str, by, request=None, now=None) -> OfferCode:
    """Undo a mistaken redemption: the code may be used again, if it has not expired.

    Raises:
        Conflict: ``not_redeemed``.
    """
    now = now or timezone.now()
    before = _said(code)
    with transaction.atomic():
        # Only what was seen: it may have been taken back and redeemed anew since.
        redeemed = OfferCode.objects.filter(pk=code.pk, redeemed_at__isnull=False)
        won = redeemed.filter(redeemed_at=code.redeemed_at).update(
            redeemed_at=None, appointment=None, discount=0
        )
        if not won:
            raise Conflict("not_redeemed", "This code is not redeemed: there is nothing to undo.")
        code.redeemed_at, code.appointment, code.discount = None, None, 0
        audit.record(
            shop=code.shop,
            action="offer.take_back",
            by=by,
            target=code,
            before=before,
            after={"reason": reason},
            request=request,
            now=now,
        )
    return code


def _check(code: OfferCode, appointment: Appointment | None, *, now: dt.datetime) -> None:
    state = state_of(code, now=now)
    if state == "redeemed":
        at = code.redeemed_at.astimezone(code.shop.zone)
        raise Conflict("already_redeemed", f"This code was redeemed on {moment_text(at)}.")
    if state == "expired":
        raise Conflict("expired", f"This code was valid until {code.valid_until(now=now)}.")
    his = code.customer_id
    if appointment is not None and his is not None and appointment.customer_id != his:
        raise Conflict("not_his", "This code is another customer's, not of who has this visit.")


def _price(code: OfferCode, appointment: Appointment | None, amount: int | None) -> int | None:
    """What is left to be paid: other codes may have taken their part of the same visit."""
    if appointment is None:
        return amount
    price = appointment.price or None if amount is None else amount
    if price is None:
        return None
    others = (
        OfferCode.objects.for_shop(code.shop).filter(appointment=appointment).exclude(pk=code.pk)
    )
    return max(0, price - (others.aggregate(given=Sum("discount"))["given"] or 0))


def _said(code: OfferCode) -> dict:
    return {
        "redeemed_at": code.redeemed_at and code.redeemed_at.isoformat(),
        "appointment": code.appointment_id,
        "discount": code.discount,
        "shown": money(code.discount, code.shop.currency),
    }


def _record(action, code, *, by, token, request, now) -> None:
    audit.record(
        shop=code.shop,
        action=action,
        by=by,
        token=token,
        target=code,
        after=_said(code),
        request=request,
        now=now,
    )
