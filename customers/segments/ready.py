"""Segments that every shop can use, as data. Taking one saves a copy that is the shop's own."""

import datetime as dt
from dataclasses import dataclass, field

from django.db import transaction

from barbershop.models import Barber, Barbershop
from customers.models import CustomerSegment
from customers.segments import saving

MOST_NAME = 120


@dataclass(frozen=True)
class Ready:
    """A segment on the shelf. ``key`` stays the same for ever: it says what is taken already."""

    key: str
    name: str
    description: str
    criteria: dict = field(hash=False)


READY = (
    Ready(
        "new",
        "New",
        "Came for the first time within the last 30 days.",
        {"first_visit_days": {"max": 30}},
    ),
    Ready(
        "regular",
        "Regulars",
        "Four visits or more, the last one within 60 days.",
        {"visit_count": {"min": 4}, "last_visit_days": {"max": 60}},
    ),
    Ready(
        "vip",
        "VIP",
        "The third that spends most, five visits or more.",
        {"spending_tier": "high", "visit_count": {"min": 5}},
    ),
    Ready(
        "at-risk",
        "At risk",
        "Came at least twice, and is half as long again away as is usual for him, or longer.",
        {
            "visit_count": {"min": 2},
            "overdue_ratio": {"min": 1.5},
            "last_visit_days": {"max": 89},
        },
    ),
    Ready(
        "lapsed",
        "Lapsed",
        "No visit for 90 days or more.",
        {"last_visit_days": {"min": 90}},
    ),
    Ready(
        "birthday-this-month",
        "Birthday this month",
        "Has a birthday in the current month, whether it is over or to come.",
        {"birthday_this_month": True},
    ),
    Ready(
        "no-upcoming-booking",
        "No upcoming booking",
        "Has been here, and has not booked the next visit.",
        {"visit_count": {"min": 1}, "has_upcoming_booking": False},
    ),
    Ready(
        "first-visit-only",
        "First visit only",
        "Came once and has not come again.",
        {"visit_count": {"min": 1, "max": 1}, "has_upcoming_booking": False},
    ),
)


def of(shop: Barbershop) -> list[Ready]:
    """Every ready segment of a shop: those of all shops, and one per active barber."""
    return [*READY, *(_of_barber(barber) for barber in _barbers(shop))]


def find(shop: Barbershop, key: str) -> Ready | None:
    return next((ready for ready in of(shop) if ready.key == key), None)


def taken(shop: Barbershop) -> dict[str, int]:
    """The segments of a shop that were made from ready ones: key to id."""
    rows = CustomerSegment.objects.for_shop(shop).exclude(ready_key="")
    return dict(rows.values_list("ready_key", "pk"))


def take(
    ready: Ready, *, shop: Barbershop, by=None, token=None, now: dt.datetime | None = None
) -> tuple[CustomerSegment, bool]:
    """The shop's copy of a ready segment, and whether this call made it. Never a second one."""
    with transaction.atomic():
        # Two presses at once: the second one waits here and finds the copy of the first.
        Barbershop.objects.select_for_update(of=("self",), no_key=True).get(pk=shop.pk)
        found = CustomerSegment.objects.for_shop(shop).filter(ready_key=ready.key).first()
        if found is not None:
            return found, False
        made = saving.create(
            shop=shop,
            name=_free_name(shop, ready.name),
            description=ready.description,
            rule=ready.criteria,
            ready_key=ready.key,
            by=by,
            token=token,
            now=now,
        )
    return made, True


def _barbers(shop: Barbershop):
    return Barber.objects.for_shop(shop).filter(is_active=True).order_by("first_name", "pk")


def _of_barber(barber: Barber) -> Ready:
    return Ready(
        f"barber-{barber.pk}",
        f"Customers of {barber}",
        f"Prefer {barber}.",
        {"preferred_barber": [barber.pk]},
    )


def _free_name(shop: Barbershop, name: str) -> str:
    """The name, with a number behind it while somebody has used it."""
    used = set(CustomerSegment.objects.for_shop(shop).values_list("name", flat=True))
    name = name[: MOST_NAME - 5]
    numbered = (f"{name} ({number})" for number in range(2, len(used) + 3))
    return next(each for each in [name, *numbered] if each not in used)
