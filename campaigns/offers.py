"""What an offer is worth, what it puts into a message, and the codes that are given out for it."""

import datetime as dt
from collections.abc import Collection, Iterable, Sequence

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from barbershop.any_of import AnyOf
from barbershop.bulk_insert import bulk_insert
from barbershop.models import Barbershop
from barbershop.templatetags.ui import short_money
from campaigns import codes
from campaigns.models import CampaignDefinition, CampaignExecution, Offer, OfferCode
from communications import links, offer_words

OFFER_FIELDS = frozenset(
    {"offer_code", "offer_discount", "offer_in_words", "offer_expires_on", "referral_link"}
)
PERSONAL_FIELDS = frozenset({"offer_code", "referral_link"})
WORTHS = {
    "discount_percentage": Offer.Kind.PERCENT,
    "discount_amount": Offer.Kind.AMOUNT,
    "free_service": Offer.Kind.SERVICE,
}
TRIES = 5
DAY = dt.timedelta(days=1)


def percent(*, shop: Barbershop, name: str, discount: int, valid_days: int | None) -> Offer:
    """A new offer of so many per cent."""
    return Offer.objects.create(
        shop=shop, name=name[:120], kind=Offer.Kind.PERCENT, value=discount, valid_days=valid_days
    )


def make(*, shop: Barbershop, name: str, said: dict) -> Offer:
    """A new offer from one of ``WORTHS``, ``valid_days`` and ``code_prefix``."""
    kind = next(kind for word, kind in WORTHS.items() if word in said)
    worth = said[next(word for word in WORTHS if word in said)]
    is_service = kind == Offer.Kind.SERVICE
    return Offer.objects.create(
        shop=shop,
        name=name[:120],
        kind=kind,
        value=0 if is_service else worth,
        service=worth if is_service else None,
        valid_days=said.get("valid_days"),
        code_prefix=said.get("code_prefix", ""),
    )


def said_of(offer: Offer) -> dict:
    """The words that ``make`` takes, for what is there; a service by its id."""
    word = next(word for word, kind in WORTHS.items() if kind == offer.kind)
    is_service = offer.kind == Offer.Kind.SERVICE
    said = {word: offer.service_id if is_service else offer.value, "valid_days": offer.valid_days}
    return said | ({"code_prefix": offer.code_prefix} if offer.code_prefix else {})


def values_of(definition: CampaignDefinition, *, now: dt.datetime) -> dict[str, str]:
    """``offer_discount`` such as ``25%``; ``offer_in_words`` and ``offer_expires_on`` in the form
    that ``communications.offer_words`` puts into the reader's language."""
    offer = definition.offer
    if offer is None or not (said := worth(offer)):
        return {}
    values = {"offer_discount": offer_words.plain(said), "offer_in_words": _worth_in_words(offer)}
    if day := last_day(offer, zone=definition.shop.zone, since=now):
        values["offer_expires_on"] = day.isoformat()
    return values


def sample_values(definition: CampaignDefinition, *, now: dt.datetime) -> dict[str, str]:
    """A code and a link as ``issue`` gives them, of the same length and nobody's."""
    offer = definition.offer
    if offer is None:
        return {}
    code = codes.written(codes.prefix_of(offer.code_prefix), "7K2Q9A")
    return {"offer_code": code, "referral_link": referral_link(0, offer.pk)}


def with_tallies(rows: QuerySet[Offer]) -> QuerySet[Offer]:
    """Annotate ``issued`` and ``redeemed`` (codes), and ``given`` (discounts, in minor units)."""
    codes_of = OfferCode.objects.filter(offer=OuterRef("pk")).order_by().values("offer")

    def told(what):
        return Coalesce(Subquery(codes_of.annotate(n=what).values("n")), 0)

    return rows.annotate(
        issued=told(Count("pk")),
        redeemed=told(Count("pk", filter=Q(redeemed_at__isnull=False))),
        given=told(Sum("discount")),
    )


def worth(offer: Offer, language: str = "en") -> str:
    """``25%``, ``$10``, or the service that is free."""
    if offer.kind == Offer.Kind.PERCENT:
        return offer_words.percent(offer.value)
    if offer.kind == Offer.Kind.SERVICE:
        return offer.service.name if offer.service else ""
    return short_money(offer.value, offer.shop.currency, language)


def _worth_in_words(offer: Offer) -> str:
    if offer.kind == Offer.Kind.SERVICE:
        return f"{offer_words.SERVICE} {offer.service.name}"
    if offer.kind == Offer.Kind.PERCENT:
        return f"{offer_words.PERCENT} {offer.value}"
    return f"{offer_words.AMOUNT} {offer.value} {offer.shop.currency}"


def last_day(offer: Offer, *, zone: dt.tzinfo, since: dt.datetime) -> dt.date | None:
    """The last day in the shop's calendar on which a code from ``since`` counts; None: always."""
    if not offer.valid_days:
        return None
    return since.astimezone(zone).date() + offer.valid_days * DAY


def ends_at(offer: Offer, *, zone: dt.tzinfo, since: dt.datetime) -> dt.datetime | None:
    """The midnight after the last day: the first moment at which the code counts no more."""
    day = last_day(offer, zone=zone, since=since)
    return day and dt.datetime.combine(day + DAY, dt.time.min, tzinfo=zone).astimezone(dt.UTC)


def referral_link(customer_id: int, offer_id: int) -> str:
    """The address that one customer hands on to his friends."""
    return f"{settings.PUBLIC_BASE_URL}/r/{links.referral_token(customer_id, offer_id)}/"


def issue(
    execution: CampaignExecution,
    customer_ids: Collection[int],
    fields: Collection[str],
    *,
    now: dt.datetime | None = None,
) -> dict[int, dict[str, str]]:
    """What of an offer is one person's own, for these people of one run.

    A second call gives the same codes. Codes count from the run's beginning, as its messages say.

    Args:
        fields: names of merge fields; only ``PERSONAL_FIELDS`` among them are given.

    Returns:
        ``{customer id: {"offer_code": ..., "referral_link": ...}}``; nothing inside without an
        offer.
    """
    given: dict[int, dict[str, str]] = {pk: {} for pk in customer_ids}
    offer = execution.definition.offer
    if offer is None or not given:
        return given
    if "offer_code" in fields:
        for pk, code in _codes(execution, offer, list(given), now=now or timezone.now()).items():
            given[pk]["offer_code"] = code
    if "referral_link" in fields:
        for pk in given:
            given[pk]["referral_link"] = referral_link(pk, offer.pk)
    return given


def _codes(execution, offer: Offer, customer_ids: list[int], *, now) -> dict[int, str]:
    found = dict(
        OfferCode.objects.filter(AnyOf("customer", customer_ids), execution=execution)
        .order_by()
        .values_list("customer", "code")
    )
    missing = [(pk,) for pk in customer_ids if pk not in found]
    given = give(
        offer,
        fields=("customer",),
        to=missing,
        same={"execution": execution.pk},
        since=execution.started_at,
        now=now,
    )
    return found | {pk: code for (pk,), code in given.items()}


def give(
    offer: Offer,
    *,
    fields: Sequence[str],
    to: Iterable[tuple],
    same: dict,
    since: dt.datetime,
    now: dt.datetime,
) -> dict[tuple, str]:
    """Write a code for each, with these fields of ``OfferCode``; ``{values: code}``.

    Args:
        since: from when the offer's days are counted.

    Raises:
        IntegrityError: one of them has his code already.
    """
    holders = list(to)
    same = {
        "shop": offer.shop_id,
        "offer": offer.pk,
        "issued_at": now,
        "expires_at": ends_at(offer, zone=offer.shop.zone, since=since),
        **same,
    }
    for left in reversed(range(TRIES if holders else 0)):
        drawn = dict(zip(holders, _unused(offer, len(holders)), strict=True))
        try:
            with transaction.atomic():
                rows = ((*holder, code) for holder, code in drawn.items())
                bulk_insert(OfferCode, fields=(*fields, "code"), rows=rows, same=same)
        except IntegrityError:
            # Another run of this shop has drawn the same code in this very moment.
            if not left:
                raise
        else:
            return drawn
    return {}


def _unused(offer: Offer, count: int) -> list[str]:
    """So many codes that nobody in the shop has."""
    prefix, found = codes.prefix_of(offer.code_prefix), set()
    while len(found) < count:
        drawn = {codes.draw(prefix) for _ in range(count - len(found))}
        rows = OfferCode.objects.filter(AnyOf("code", list(drawn)), shop=offer.shop_id)
        found |= drawn - set(rows.values_list("code", flat=True))
    return list(found)
