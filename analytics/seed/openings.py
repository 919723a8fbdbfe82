"""Free times of the demonstration's barbers in the coming days.

Each day gets its times once, so that what somebody changes in admin stays; as days go by, later
ones are added. Past ones mean nothing and go.
"""

import datetime as dt
import random

from django.db.models import Max

from analytics.seed.visits import CLOSED, CLOSES, OPENS
from barbershop.models import Barber, Barbershop, Opening
from customers.models import Appointment

AHEAD = 7  # days, today among them
A_DAY = 3  # half hours of each barber
OWN = "demo-o"  # how the identifiers of these begin
HALF_HOUR = dt.timedelta(minutes=30)


def keep(shop: Barbershop, *, now: dt.datetime) -> None:
    """Have free times on every open day of the coming week. Harmless to repeat."""
    ours = Opening.objects.for_shop(shop).filter(external_id__startswith=OWN)
    latest = ours.aggregate(at=Max("starts_at"))["at"]
    known_to = latest.astimezone(shop.zone).date() if latest else dt.date.min
    today = now.astimezone(shop.zone).date()
    coming = [today + dt.timedelta(days=n) for n in range(AHEAD)]
    days = [day for day in coming if day > known_to and day.weekday() not in CLOSED]
    if not days:
        return
    ours.filter(starts_at__lte=now).delete()
    barbers = list(Barber.objects.for_shop(shop).filter(is_active=True).order_by("pk"))
    taken = set(
        Appointment.objects.for_shop(shop)
        .filter(starts_at__gt=now, status=Appointment.Status.BOOKED)
        .values_list("barber", "starts_at")
    )
    Opening.objects.bulk_create(
        (
            Opening(
                shop=shop,
                barber=barber,
                starts_at=starts_at,
                external_id=f"{OWN}-{barber.pk}-{starts_at:%Y%m%d%H%M}",
            )
            for day in days
            for barber in barbers
            for starts_at in _free(barber, day, shop=shop, taken=taken)
            if starts_at > now
        ),
        ignore_conflicts=True,
    )


def _free(barber: Barber, day: dt.date, *, shop: Barbershop, taken) -> list[dt.datetime]:
    """Some half hours of one barber's day that nobody has booked, the same whenever asked."""
    opens = dt.datetime.combine(day, dt.time(OPENS), shop.zone)
    day_long = [opens + n * HALF_HOUR for n in range((CLOSES - OPENS) * 2)]
    free = [at for each in day_long if (barber.pk, at := each.astimezone(dt.UTC)) not in taken]
    drawn = random.Random(f"{barber.external_id}:{day}")
    return sorted(drawn.sample(free, min(A_DAY, len(free))))
