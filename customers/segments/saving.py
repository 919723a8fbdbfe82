"""Making, changing and deleting a saved segment."""

import datetime as dt

from django.db import transaction
from django.utils import timezone

from barbershop import audit, edited
from barbershop.models import Barbershop
from customers import criteria
from customers.models import CustomerSegment
from customers.segments import meaning, uses, watching


def create(
    *,
    shop: Barbershop,
    name: str,
    rule: dict,
    description: str = "",
    ready_key: str = "",
    by=None,
    token=None,
    now: dt.datetime | None = None,
) -> CustomerSegment:
    """Save a segment and write down who is in it.

    Raises:
        customers.criteria.CriteriaError: when the rule is not understood.
        django.db.IntegrityError: when the name or the ready key is taken in this shop.
    """
    now = now or timezone.now()
    understood(rule, shop=shop)
    with transaction.atomic():
        segment = CustomerSegment.objects.create(
            shop=shop,
            name=name,
            description=description,
            criteria=rule,
            ready_key=ready_key,
            criteria_changed_at=now,
            created_by=by,
        )
        watching.look(segment, now=now)
        _record("segment.create", segment, by=by, token=token, now=now)
    segment.refresh_from_db()
    return segment


def change(
    segment: CustomerSegment,
    *,
    fields: dict,
    seen: str = "",
    by=None,
    token=None,
    now: dt.datetime | None = None,
) -> CustomerSegment:
    """Change ``name``, ``description`` or ``criteria``.

    A new rule is looked at again at once; where that fails, within an hour.

    Args:
        seen: what the editor's form was made from (``barbershop.edited``); empty: never mind.

    Raises:
        customers.criteria.CriteriaError: when the rule is not understood, or contains itself.
        barbershop.edited.EditedMeanwhile: when somebody else has changed it since.
    """
    now = now or timezone.now()
    with transaction.atomic():
        segment = CustomerSegment.objects.select_for_update(of=("self",)).get(pk=segment.pk)
        before = content(segment)
        edited.check(seen, before, wanted=fields)
        is_new_rule = False
        if "criteria" in fields:
            is_new_rule = not meaning.says_the_same(segment.criteria, fields["criteria"])
            understood(fields["criteria"], shop=segment.shop, segment=segment)
        if is_new_rule:
            segment.criteria_changed_at = now
        for name, value in fields.items():
            setattr(segment, name, value)
        if content(segment) == before:
            return segment  # nothing to record, nobody to tell
        segment.save()
        _record("segment.edit", segment, by=by, token=token, now=now, before=before)
    if is_new_rule and watching.try_look(segment, now=now):
        segment.refresh_from_db(fields=["watched_at"])
    return segment


def content(segment: CustomerSegment) -> dict:
    """All that people write in a segment."""
    return {name: getattr(segment, name) for name in ("name", "description", "criteria")}


def delete(segment: CustomerSegment, *, by=None, token=None, now=None) -> None:
    """Delete a segment that nothing uses, with its history.

    Raises:
        SegmentInUse: naming who does.
    """
    with transaction.atomic():
        segment = CustomerSegment.objects.select_for_update(of=("self",)).get(pk=segment.pk)
        if found := uses.of(segment):
            raise uses.SegmentInUse(segment, found)
        _record("segment.delete", segment, by=by, token=token, now=now or timezone.now())
        segment.delete()


def understood(rule: dict, *, shop, segment: CustomerSegment | None = None) -> criteria.Criteria:
    """A rule as it may be stored.

    Raises:
        customers.criteria.CriteriaError: with the path and the nearest known word.
    """
    parsed = criteria.parse(rule)
    criteria.check(
        parsed,
        shop=shop,
        segment=segment and segment.pk,
        stored=meaning.read(segment.criteria) if segment else None,
    )
    return parsed


def _record(action, segment, *, by, token, now, before=None) -> None:
    audit.record(
        shop=segment.shop,
        action=action,
        by=by,
        token=token,
        target=segment,
        before=before,
        after=content(segment),
        now=now,
    )
