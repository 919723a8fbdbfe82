"""What the pages of segments show of a rule and of its history, already in words."""

import datetime as dt

from django.db.models import Count
from django.utils.formats import date_format

from barbershop.charts import LineChart, Series, line_chart
from barbershop.templatetags.ui import counted
from campaigns.segment_reach import reach
from customers import criteria
from customers.models import Customer, CustomerSegment, SegmentSize
from customers.segments import nearby, watching
from customers.segments.ready import READY, Ready

MOST_SIZES = 90
NEWEST = 10  # people who entered, and people who left


def who(raw: dict, *, shop, now: dt.datetime) -> dict:
    """``sentence``, ``reach``, ``inside`` and ``outside`` of criteria, saved or not.

    Or ``broken``: why stored criteria cannot be read any more.
    """
    try:
        parsed, names = criteria.parse(raw), criteria.Names(shop)
        return {
            "sentence": parsed.sentence(names),
            "reach": reach(parsed.select(shop=shop, now=now), shop=shop),
            "inside": nearby.inside(parsed, shop=shop, now=now, names=names),
            "outside": nearby.just_outside(parsed, shop=shop, now=now, names=names),
        }
    except criteria.CriteriaError as error:
        return {"broken": f"The rules cannot be read any more: {error}"}


def sentence_of(raw: dict, names: criteria.Names) -> str:
    """Stored criteria in words, or why they cannot be read any more."""
    try:
        return criteria.parse(raw).sentence(names)
    except criteria.CriteriaError as error:
        return f"The rules cannot be read any more: {error}"


def count_ready(on_shelf: list[Ready], *, shop, now: dt.datetime) -> list[int]:
    """How many customers each ready segment means now.

    Each is a question of its own, for which the database finds its own quick way; those of the
    barbers, of whom there may be many, look at the customer alone and are asked together.
    """
    people = Customer.objects.for_shop(shop).present()
    rules = {each.key: criteria.parse(each.criteria) for each in on_shelf}
    together = {
        each.key: Count("pk", filter=rules[each.key].q(shop=shop, now=now))
        for each in on_shelf
        if each not in READY
    }
    counts = people.order_by().aggregate(**together) if together else {}
    for each in on_shelf:
        if each.key not in counts:
            counts[each.key] = rules[each.key].select(shop=shop, now=now).count()
    return [counts[each.key] for each in on_shelf]


def history(segment: CustomerSegment) -> dict:
    """``figure`` of the sizes, the newest who ``entered`` and who ``left``, ``is_too_large``."""
    sizes = list(
        SegmentSize.objects.for_shop(segment.shop)
        .filter(segment=segment)
        .order_by("-counted_at")[:MOST_SIZES]
    )[::-1]
    stays = watching.stays(segment)
    return {
        "figure": _figure(segment, sizes),
        "entered": list(stays.order_by("-entered_at", "-pk")[:NEWEST]),
        "left": list(stays.exclude(left_at=None).order_by("-left_at", "-pk")[:NEWEST]),
        "is_too_large": bool(sizes) and sizes[-1].size > watching.MOST_MEMBERS,
        "most_members": watching.MOST_MEMBERS,
    }


def _figure(segment: CustomerSegment, sizes: list[SegmentSize]):
    zone = segment.shop.zone
    days = tuple(date_format(row.counted_at.astimezone(zone), "j M") for row in sizes)
    return line_chart(
        LineChart(
            title="Size",
            summary=_summary(sizes, days),
            axis="Day",
            points=days,
            series=(Series("Customers", tuple(row.size for row in sizes)),),
        )
    )


def _summary(sizes: list[SegmentSize], days: tuple[str, ...]) -> str:
    if not sizes:
        return "Not counted yet: it is looked at once a day."
    newest = counted(sizes[-1].size)
    if len(sizes) == 1:
        return f"{newest} on {days[-1]}. It is looked at once a day."
    return f"From {counted(sizes[0].size)} on {days[0]} to {newest} on {days[-1]}."
