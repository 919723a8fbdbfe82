"""Friends who bring friends: the link, who counts as brought, and the codes that both get."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import F, OuterRef, Subquery
from django.utils import timezone

from barbershop import audit, whole_numbers
from campaigns import newcomers, offers
from campaigns.models import Offer, OfferCode, Referral
from campaigns.newcomers import Claim
from campaigns.refusals import Conflict
from communications import links
from customers import sign_up
from customers.models import Appointment, Customer

CHUNK = 500
Status = Appointment.Status
# Why a code was given out.
CAMPAIGN, BROUGHT, WAS_BROUGHT = "campaign", "brought_a_friend", "was_brought"


@dataclass(frozen=True)
class Invitation:
    """Who invites, and to what."""

    referrer: Customer
    offer: Offer


def register() -> None:
    sign_up.after_sign_up(follow)


def read(said: str) -> Invitation | None:
    """What a link or its token says; None when it is not ours, or its people or offer are gone."""
    token = said.strip().split("?")[0].rstrip("/").rsplit("/", 1)[-1]
    found = links.read(token)
    if not isinstance(found, links.Referral) or (
        max(found.customer_id, found.offer_id) > whole_numbers.LARGEST
    ):
        return None
    customers = Customer.objects.present().select_related("shop")
    referrer = customers.filter(pk=found.customer_id).first()
    if referrer is None:
        return None
    offers_of = Offer.objects.for_shop(referrer.shop).select_related("service", "shop")
    offer = offers_of.filter(pk=found.offer_id).first()
    return offer and Invitation(referrer, offer)


def follow(*, shop, customers: list[Customer], came_by: str, now: dt.datetime) -> None:
    """Whoever signed up through a link becomes the friend, if he is one; the page says the same
    to everybody, so that it tells nothing about an address."""
    invitation = read(came_by)
    if invitation is None or invitation.referrer.shop_id != shop.pk:
        return
    try:
        # One person has filled in the form: every record that he is found under is his.
        bring(invitation, friend=customers[0], also=customers[1:], now=now)
    except Conflict:
        return


def bring(
    invitation: Invitation,
    *,
    friend: Customer,
    also: Sequence[Customer] = (),
    by=None,
    token=None,
    now=None,
) -> Referral:
    """Write down who was brought by whom.

    Args:
        also: other records of the same person, where that is known.

    Raises:
        Conflict: ``shop_suspended``, ``own_link``, ``not_new`` or ``already_referred``.
    """
    now = now or timezone.now()
    referrer = invitation.referrer
    if referrer.shop.suspended_at is not None:
        raise _suspended(referrer.shop)
    (wrong,) = newcomers.refusals([Claim(referrer, (friend, *also))])
    if wrong:
        raise Conflict(wrong, newcomers.WORDS[wrong])
    try:
        with transaction.atomic():
            referral = Referral.objects.create(
                shop=referrer.shop, referrer=referrer, friend=friend, offer=invitation.offer
            )
            # The clock of the caller, not that of the row.
            Referral.objects.filter(pk=referral.pk).update(created_at=now)
            referral.created_at = now
            audit.record(
                shop=referrer.shop,
                action="referral.create",
                by=by,
                token=token,
                target=referral,
                after={"referrer": referrer.pk, "friend": friend.pk, "offer": invitation.offer.pk},
                now=now,
            )
    except IntegrityError:
        code = newcomers.ALREADY
        raise Conflict(code, newcomers.WORDS[code]) from None
    return referral


def _suspended(shop) -> Conflict:
    return Conflict(
        "shop_suspended",
        f"The shop is suspended and nobody is brought to it: {shop.suspended_reason.rstrip('.')}. "
        "Ask your organisation, or who runs this installation, to lift it.",
    )


def reward(*, now: dt.datetime | None = None) -> int:
    """Give both sides a code once the friend's first visit is completed. Harmless to repeat.

    A visit that was cancelled or missed is none. One from before the friendship means that he was
    not new: he is never rewarded for. Nor is anybody for a friend who by now is known to be no
    newcomer: his addresses may have been entered, or corrected, since he was brought.

    Returns:
        How many friendships were rewarded by this call.
    """
    now = now or timezone.now()
    rewarded = 0
    while True:
        with transaction.atomic():
            due = list(_due(now)[:CHUNK])
            rewarded += _reward(due, now=now)
        if len(due) < CHUNK:
            return rewarded


def _due(now: dt.datetime):
    visits = Appointment.objects.filter(
        customer=OuterRef("friend"), status=Status.COMPLETED, starts_at__lte=now
    )
    first = visits.order_by("starts_at").values("starts_at")[:1]
    return (
        Referral.objects.filter(first_visit_at=None)
        .annotate(visited_at=Subquery(first))
        .filter(visited_at__gte=F("created_at") - newcomers.IN_THE_CHAIR)
        .select_related("offer__shop", "referrer", "friend")
        .select_for_update(skip_locked=True, of=("self",))
        .order_by("pk")
    )


def _reward(due: list[Referral], *, now: dt.datetime) -> int:
    holders: dict[Offer, list[tuple[int, int]]] = defaultdict(list)
    withheld: list[tuple[Referral, str]] = []
    claims = [Claim(each.referrer, (each.friend,), made=each) for each in due]
    for referral, wrong in zip(due, newcomers.refusals(claims), strict=True):
        referral.first_visit_at = referral.visited_at
        if wrong:
            withheld.append((referral, wrong))
        if wrong or referral.offer is None:
            continue
        referral.rewarded_at = now
        for person in (referral.referrer, referral.friend):
            if person.erased_at is None:
                holders[referral.offer].append((person.pk, referral.pk))
    for offer, pairs in holders.items():
        offers.give(offer, fields=("customer", "referral"), to=pairs, same={}, since=now, now=now)
    Referral.objects.bulk_update(due, ["first_visit_at", "rewarded_at"])
    # Last, and by shop: each entry locks the shop's log until all of this is written.
    for referral, wrong in sorted(withheld, key=lambda each: each[0].shop_id):
        _withhold(referral, wrong, now=now)
    return sum(referral.rewarded_at is not None for referral in due)


def _withhold(referral: Referral, wrong: str, *, now: dt.datetime) -> None:
    """Nobody gets a code; the audit log says why."""
    audit.record(
        shop=referral.shop,
        action="referral.withhold",
        target=referral,
        after={"reason": wrong, "said": newcomers.WORDS[wrong]},
        now=now,
    )


def reason_of(code: OfferCode) -> str:
    """Why it was given out: ``campaign``, ``brought_a_friend`` or ``was_brought``; "" where that
    is not known."""
    if code.referral_id is None:
        return CAMPAIGN if code.execution_id else ""
    return BROUGHT if code.customer_id == code.referral.referrer_id else WAS_BROUGHT
