"""Stopping everything that a shop sends, whoever has started it, and letting it go on.

It is for those above the shop: who run the installation, and who run its organisation. Campaigns
wait while it lasts and go on afterwards; what is of use only at once (reminders, confirmations,
trials) is refused with the reason ``shop_suspended``.
"""

import datetime as dt

from django.db import connection, transaction
from django.utils import timezone

from barbershop import audit
from barbershop.models import Barbershop, Membership
from barbershop.tenancy import reaches

MAX_REASON = Barbershop._meta.get_field("suspended_reason").max_length
LOCK = 7_302_114_000_000_000  # with a shop's id a key among PostgreSQL's advisory locks


class NotPossible(Exception):
    """Refused; nothing was changed. Its text is for people."""


def may_suspend(user, shop: Barbershop) -> bool:
    """Who runs the installation, and managers and owners of the whole organisation."""
    if user.is_superuser:
        return True
    memberships = Membership.objects.filter(
        user=user, shop=None, organization=shop.organization_id, user__is_active=True
    )
    return any(
        reaches(Membership.Role(role), Membership.Role.MANAGER)
        for role in memberships.values_list("role", flat=True)
    )


def may_lift(user, shop: Barbershop) -> bool:
    """As ``may_suspend``; what those who run the installation have stopped, only they let go on.

    Where it is not known any more who it was, it may have been one of them.
    """
    if user.is_superuser:
        return True
    by = shop.suspended_by
    return by is not None and not by.is_superuser and may_suspend(user, shop)


def suspend(shop: Barbershop, *, by, reason: str, now: dt.datetime | None = None) -> None:
    """No call for this shop begins after this returns; those already begun are answered.

    Raises:
        NotPossible: without a reason, by somebody who may not, or when it is suspended already.
    """
    reason = reason.strip()
    if not reason:
        raise NotPossible("Say why: the people of the shop read it.")
    if len(reason) > MAX_REASON:
        raise NotPossible(f"Say it in at most {MAX_REASON} characters.")
    if not may_suspend(by, shop):
        raise NotPossible("Only its organisation or who runs the installation may suspend a shop.")
    now = now or timezone.now()
    with transaction.atomic():
        _wait_for_gates(shop.pk)
        won = Barbershop.objects.filter(pk=shop.pk, suspended_at=None).update(
            suspended_at=now, suspended_reason=reason, suspended_by=by, updated_at=now
        )
        if not won:
            raise NotPossible("It is suspended already.")
        audit.record(
            shop=shop, action="shop.suspend", by=by, target=shop, after={"reason": reason}, now=now
        )
    shop.refresh_from_db(fields=["suspended_at", "suspended_reason", "suspended_by"])


def lift(shop: Barbershop, *, by, reason: str, now: dt.datetime | None = None) -> None:
    """Whatever waits goes on.

    Raises:
        NotPossible: without a reason, by somebody who may not, or when it is not suspended.
    """
    if not reason.strip():
        raise NotPossible("Say why: it is kept with who did it.")
    now = now or timezone.now()
    with transaction.atomic():
        # Read again under the lock: who has suspended it decides who may lift it.
        held = Barbershop.objects.select_for_update(no_key=True).get(pk=shop.pk)
        if held.suspended_at is None:
            raise NotPossible("It is not suspended.")
        if not may_lift(by, held):
            raise NotPossible("Only who runs the installation may lift this suspension.")
        before = {"since": held.suspended_at.isoformat(), "reason": held.suspended_reason}
        held.suspended_at, held.suspended_reason, held.suspended_by = None, "", None
        held.save(update_fields=["suspended_at", "suspended_reason", "suspended_by", "updated_at"])
        audit.record(
            shop=shop,
            action="shop.lift_suspension",
            by=by,
            target=shop,
            before=before,
            after={"reason": reason.strip()[:MAX_REASON]},
            now=now,
        )
    shop.refresh_from_db(fields=["suspended_at", "suspended_reason", "suspended_by"])


def _wait_for_gates(shop_id: int) -> None:
    """Until every gate that has found the shop free has committed; later ones see it suspended.

    An advisory lock, which gates share (``communications.delivery.hold``): they must not wait for
    everybody else who writes the shop's row, such as a sign-up. SQLite has one writer anyway.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK + shop_id])
