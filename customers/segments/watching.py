"""Who entered and who left each saved segment, and why; once a day.

A pull: who is in by the rule, compared with who was written down as being in. One segment at a
time, each in a transaction of its own under the lock of its row. Killed anywhere, that segment is
as it was; repeated, the day's work is found done.
"""

import datetime as dt
import logging
from collections import defaultdict
from collections.abc import Iterator
from zoneinfo import ZoneInfo

from django.db import DatabaseError, transaction
from django.utils import timezone

from barbershop.bulk_insert import bulk_insert
from customers import criteria
from customers.models import CustomerSegment, SegmentMembership, SegmentSize
from customers.segments import why

logger = logging.getLogger(__name__)

MOST_MEMBERS = 50_000  # above it only sizes are kept
CHUNK = 1_000
FIRST_LOOK = "first look"


def watch(*, now: dt.datetime | None = None) -> int:
    """Look at every segment that was not looked at today, by its shop's calendar; how many."""
    now = now or timezone.now()
    segments = CustomerSegment.objects.select_related("shop").order_by("pk")
    return sum(try_look(segment, now=now) for segment in segments if is_due(segment, now))


def try_look(segment: CustomerSegment, *, now: dt.datetime) -> bool:
    """``look``, or False where the database does not answer."""
    try:
        return look(segment, now=now)
    except DatabaseError:
        # Too slow, or locked: asked again in an hour. The others must not wait for it.
        logger.warning("Segment %s could not be looked at", segment.pk, exc_info=True)
        return False


def is_due(segment: CustomerSegment, now: dt.datetime) -> bool:
    if segment.watched_at is None or is_behind(segment):
        return True
    zone = ZoneInfo(segment.shop.timezone)
    return segment.watched_at.astimezone(zone).date() < now.astimezone(zone).date()


def look(segment: CustomerSegment, *, now: dt.datetime) -> bool:
    """Write down the size of a segment, who entered and who left since the last look.

    Returns:
        Whether this call did it: not when somebody else has looked, or has deleted it, or when
        its rule cannot be read any more (a segment or barber it names is gone).
    """
    with transaction.atomic():
        rows = CustomerSegment.objects.select_for_update(of=("self",)).select_related("shop")
        segment = rows.filter(pk=segment.pk).first()
        if segment is None or (segment.watched_at and segment.watched_at >= now):
            return False
        try:
            rule = criteria.parse(segment.criteria)
            people = rule.select(shop=segment.shop, now=now)
            size = people.count()
        except criteria.CriteriaError:
            logger.warning("The rule of segment %s cannot be read", segment.pk, exc_info=True)
            return False
        if size > MOST_MEMBERS:
            _open(segment).delete()
        else:
            _compare(segment, rule, set(people.values_list("pk", flat=True)), now=now)
        SegmentSize.objects.create(shop=segment.shop, segment=segment, counted_at=now, size=size)
        CustomerSegment.objects.filter(pk=segment.pk).update(watched_at=now)
    return True


def _compare(segment: CustomerSegment, rule, inside: set[int], *, now: dt.datetime) -> None:
    written = dict(_open(segment).values_list("customer", "pk"))
    changed = why.Change(
        rule=rule,
        shop=segment.shop,
        then=_known_at(segment),
        now=now,
        is_new_rule=is_behind(segment),
    )
    left = sorted(written.keys() - inside)
    for people in _chunks(left, CHUNK):
        for reason, group in _by_reason(changed.left(people)).items():
            SegmentMembership.objects.filter(pk__in=[written[pk] for pk in group]).update(
                left_at=now, why_left=reason
            )
    bulk_insert(
        SegmentMembership,
        fields=("customer", "why_entered"),
        rows=list(_entered(changed, sorted(inside - written.keys()))),
        same={"shop": segment.shop_id, "segment": segment.pk, "entered_at": now},
    )


def _entered(changed: why.Change, people: list[int]) -> Iterator[tuple[int, str]]:
    for chunk in _chunks(people, CHUNK):
        if changed.then is None:
            yield from ((pk, FIRST_LOOK) for pk in chunk)
        else:
            yield from changed.entered(chunk).items()


def _chunks(people: list[int], size: int) -> Iterator[list[int]]:
    return (people[start : start + size] for start in range(0, len(people), size))


def _open(segment: CustomerSegment):
    return SegmentMembership.objects.for_shop(segment.shop).filter(segment=segment, left_at=None)


def _known_at(segment: CustomerSegment) -> dt.datetime | None:
    """The last look that wrote down who was in; None when there was none, or too many were in."""
    newest = SegmentSize.objects.filter(segment=segment).order_by("-counted_at").first()
    if newest is None or newest.size > MOST_MEMBERS:
        return None
    return segment.watched_at


def is_behind(segment: CustomerSegment) -> bool:
    """Whether the rule was changed since the last look, whose size is that of another rule."""
    changed_at, watched_at = segment.criteria_changed_at, segment.watched_at
    return bool(changed_at and watched_at and changed_at > watched_at)


def _by_reason(reasons: dict[int, str]) -> dict[str, list[int]]:
    grouped = defaultdict(list)
    for pk, reason in reasons.items():
        grouped[reason].append(pk)
    return grouped


def stays(segment: CustomerSegment):
    """Every stay in a segment that was written down, with its customer."""
    rows = SegmentMembership.objects.for_shop(segment.shop).filter(segment=segment)
    return rows.filter(customer__erased_at=None).select_related("customer")
