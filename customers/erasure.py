"""Erasing a person: everything personal goes, for good; a keyed hash of each address stays.

One transaction, a handful of statements for every table (``barbershop.personal_data``). Visits and
money stay as numbers about nobody. The hash keeps the shop from writing to him, also when an old
list brings him back. What comes in later about what had happened before, a provider's report say,
is emptied by ``sweep``.
"""

import datetime as dt
from collections import Counter
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from barbershop import audit, personal_data
from barbershop.models import Barbershop, Membership
from barbershop.tenancy import reaches, roles_of
from customers import identity, quoted_sign_ups
from customers.models import Customer

LATE = dt.timedelta(days=30)  # providers report for days, a held answer may wait for weeks
LONGEST_REASON = 200
LEAST_ROLE = Membership.Role.MANAGER


@dataclass(frozen=True)
class Erased:
    """``is_new``: this call did it. ``rows``: how many of each table it emptied or deleted."""

    customer: Customer
    is_new: bool
    rows: dict[str, int]


def erase(
    customer: Customer,
    *,
    by=None,
    token=None,
    reason: str,
    request=None,
    now: dt.datetime | None = None,
) -> Erased:
    """Erase one customer of one shop. Cannot be undone; repeated, it does nothing.

    No call to a provider begins for him after this returns. One that had begun is answered on
    ids; the message may still arrive.

    Args:
        reason: why, for the audit log; his names and addresses are struck out of it.
    """
    now = now or timezone.now()
    with transaction.atomic():
        # Not the key: messages that are just being written point to the row.
        held = Customer.objects.select_for_update(no_key=True).get(pk=customer.pk)
        if held.erased_at is not None:
            return Erased(held, is_new=False, rows={})
        person = identity.of(held, until=now)
        why = personal_data.strike_out(reason, identity.words_of(held, person))
        personal_data.prepare_erasure(person, by=by, now=now)
        elsewhere_too = quoted_sign_ups.forget(held)
        rows = Counter(personal_data.empty(person))
        rows.update(elsewhere_too)
        Customer.objects.filter(pk=held.pk).update(erased_at=now, updated_at=now)
        audit.record(
            shop=held.shop,
            action="customer.erase",
            by=by,
            token=token,
            target=held,
            after={"reason": why[:LONGEST_REASON], "rows": dict(rows)},
            request=request,
            now=now,
        )
    return Erased(Customer.objects.get(pk=held.pk), is_new=True, rows=dict(rows))


def sweep(*, now: dt.datetime | None = None) -> int:
    """Empty what came in after an erasure about what was before it; how many people were swept."""
    now = now or timezone.now()
    people = list(Customer.objects.filter(erased_at__gt=now - LATE).order_by("pk"))
    for customer in people:
        with transaction.atomic():
            personal_data.empty(identity.of(customer, until=customer.erased_at))
    return len(people)


def foresee(customer: Customer, *, now: dt.datetime | None = None) -> list[tuple[int, str]]:
    """What an erasure would do, as numbers with their meaning."""
    person = identity.of(customer, until=now or timezone.now())
    shown, traces = [], quoted_sign_ups.count(customer)
    for table in personal_data.holders():
        number = table.rows(person).count() if table.emptied or table.is_deleted else 0
        if table.is_trace:
            traces += number
        elif number:
            shown.append((number, f"{_small(table.title)}: {table.effect}"))
    if traces:
        shown.append((traces, "rows of logs, reports and answers about him: emptied"))
    if number := len(person.addresses):
        what = "address" if number == 1 else "addresses"
        shown.append((number, f"{what} kept as a keyed hash only, and never written to again"))
    if number := identity.same_addresses(customer, person).count():
        who = "other customer has" if number == 1 else "other customers have"
        shown.append(
            (
                number,
                f"{who} one of these addresses: nothing is sent there for them either, and no "
                "offer elsewhere",
            )
        )
    return shown


def elsewhere(customer: Customer, *, by) -> QuerySet[Customer]:
    """Further records that may be the same person, where this person may erase.

    A customer belongs to one shop. In the other shops of the organisation, and in this one, whoever
    has one of his present addresses may be he, or his family: a person decides.
    """
    shops = [shop for shop, role in roles_of(by).items() if reaches(role, LEAST_ROLE)]
    mine = Barbershop.objects.filter(pk__in=shops, organization=customer.shop.organization_id)
    others = Customer.objects.filter(shop__in=mine).present().exclude(pk=customer.pk)
    found = others.none()
    for name in ("email_hmac", "phone_hmac"):
        if value := getattr(customer, name):
            found = found | others.filter(**{name: value})
    return found.select_related("shop").order_by("shop__name", "pk")


def _small(title: str) -> str:
    return title[:1].lower() + title[1:]
