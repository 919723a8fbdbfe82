"""Who counts as brought: somebody new, whom nobody has brought before, and who is another person.

A person may have several records. Whoever has one of his addresses is taken for him, though it may
be his family: else a second record beside a known address would make anybody new.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db.models import Min, Q

from barbershop.any_of import AnyOf
from campaigns.models import Referral
from customers.channels import ADDRESS_FIELDS
from customers.models import Appointment, Customer

# Who signs up in the chair comes to the till after it: his visit began before the friendship.
IN_THE_CHAIR = dt.timedelta(days=1)
OWN, ALREADY, NOT_NEW = "own_link", "already_referred", "not_new"
WORDS = {
    OWN: "Nobody brings himself: this is the referrer, or somebody with his address.",
    ALREADY: "These two are friends already, or somebody else brought the new one.",
    NOT_NEW: "He has been here before, or somebody with his address has: only a new customer is "
    "brought.",
}
ADDRESSES = tuple(hmac for _, hmac in ADDRESS_FIELDS.values())


@dataclass(frozen=True)
class Claim:
    """That somebody was brought.

    Attributes:
        friends: he, and other records that are known to be his.
        made: the friendship, where it is written down already; then only what was before it, and
            whom somebody was rewarded for, stands against it.
    """

    referrer: Customer
    friends: Sequence[Customer]
    made: Referral | None = None


def refusals(claims: Sequence[Claim]) -> list[str]:
    """By claim one of ``WORDS``, or "" where nothing stands against it; three queries for all.

    Of two claims in one call for the same person the first one counts.
    """
    people = _everybody(claims)
    ids = sorted({each.pk for known in people for each in known})
    visited, brought = _first_visits(ids), _brought_by(ids)
    found, taken = [], set()
    for claim, known in zip(claims, people, strict=True):
        wrong = _wrong(claim, known, visited=visited, brought=brought, taken=taken)
        found.append(wrong)
        if not wrong:
            taken |= {each.pk for each in known}
    return found


def _wrong(claim: Claim, known: list[Customer], *, visited, brought, taken) -> str:
    referrer, made = claim.referrer, claim.made
    if any(each.pk == referrer.pk or _addresses(each) & _addresses(referrer) for each in known):
        return OWN
    for each in known:
        if each.pk in taken:
            return ALREADY
        for other in brought[each.pk]:
            is_mutual = other.friend_id == referrer.pk
            if other.friend_id != each.pk and not is_mutual:
                continue
            if made is None or (other.pk != made.pk and other.rewarded_at is not None):
                return ALREADY
    since = made and made.created_at - IN_THE_CHAIR
    visits = [visited[each.pk] for each in known if each.pk in visited]
    return NOT_NEW if any(since is None or at < since for at in visits) else ""


def _everybody(claims: Sequence[Claim]) -> list[list[Customer]]:
    """By claim the friends, and whoever of their shop has one of their addresses."""
    friends = [each for claim in claims for each in claim.friends]
    same = Q()
    for name in ADDRESSES:
        hmacs = {getattr(each, name) for each in friends} - {""}
        same |= Q(AnyOf(name, sorted(hmacs)))
    holders = defaultdict(list)
    shops = {each.shop_id for each in friends}
    for each in Customer.objects.present().filter(same, shop__in=shops).order_by("pk"):
        for address in _addresses(each):
            holders[address].append(each)
    return [_with_holders(claim.friends, holders) for claim in claims]


def _with_holders(friends: Sequence[Customer], holders: dict) -> list[Customer]:
    known = {each.pk: each for each in friends}
    for friend in friends:
        for address in _addresses(friend):
            known |= {each.pk: each for each in holders[address]}
    return list(known.values())


def _addresses(customer: Customer) -> set[tuple]:
    """Where he is reached, as keys; the shop is a part of each: customers belong to one."""
    return {(customer.shop_id, name, v) for name in ADDRESSES if (v := getattr(customer, name))}


def _first_visits(ids: Collection[int]) -> dict[int, dt.datetime]:
    completed = Appointment.objects.filter(
        AnyOf("customer", list(ids)), status=Appointment.Status.COMPLETED
    )
    rows = completed.order_by().values("customer").annotate(first=Min("starts_at"))
    return dict(rows.values_list("customer", "first"))


def _brought_by(ids: Collection[int]) -> dict[int, list[Referral]]:
    """By customer the friendships that he is a side of."""
    found = defaultdict(list)
    either = Q(AnyOf("friend", list(ids))) | Q(AnyOf("referrer", list(ids)))
    for each in Referral.objects.filter(either).only("referrer", "friend", "rewarded_at"):
        found[each.friend_id].append(each)
        found[each.referrer_id].append(each)
    return found
