"""People of the demonstration who react while somebody watches.

Whether and when somebody books after a click follows from his message's id alone, so that any
number of passes, at any times, end in the same bookings.
"""

import datetime as dt
import hashlib

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from analytics.seed import openings
from analytics.seed.build import ORGANIZATION
from analytics.seed.visits import CLOSED, CLOSES, OPENS
from barbershop.models import Barber, Barbershop, Opening, Service
from campaigns import attribution
from campaigns.models import CampaignExecution
from communications.models import CustomerCommunication
from customers.models import Appointment, Payment

SOURCE = "demo life"
BOOKS = 0.45  # of those who clicked
BOOKS_AFTER = (15, 90)  # seconds
PAYS = 0.7  # of those who booked, ahead of the visit
PAYS_AFTER = 45
RECENT = dt.timedelta(days=1)


def live(*, now: dt.datetime | None = None) -> int:
    """Let the demonstration's customers book and pay; returns how many did something. Free times
    are added as the days go by.

    Does nothing outside the demonstration.
    """
    if not settings.DEMO:
        return 0
    now = now or timezone.now()
    done = 0
    for shop in Barbershop.objects.filter(organization__slug=ORGANIZATION):
        with transaction.atomic():
            openings.keep(shop, now=now)
            moved = {*_book(shop, now=now), *_pay(shop, now=now)}
            if moved:
                attribution.credit(shop=shop, customer_ids=sorted(moved), now=now)
        done += len(moved)
    return done


def _book(shop: Barbershop, *, now) -> list[int]:
    """Ids of customers who clicked some moments ago and have now booked."""
    since = Appointment.objects.filter(
        shop=shop, customer=OuterRef("customer"), booked_at__gte=OuterRef("clicked_at")
    )
    campaigns = CampaignExecution.objects.for_shop(shop).values("dispatch")
    clicks = (
        CustomerCommunication.objects.for_shop(shop)
        .counted()
        .filter(~Exists(since), dispatch__in=campaigns, customer__erased_at=None)
        .filter(clicked_at__gt=now - RECENT, clicked_at__lte=now)
        .order_by("pk")
    )
    booked: set[int] = set()
    for click in clicks:
        will, when, which = _draws(click.uuid)
        quickest, slowest = BOOKS_AFTER
        due = click.clicked_at + dt.timedelta(seconds=quickest + when * (slowest - quickest))
        if will < BOOKS and due <= now and click.customer_id not in booked:
            _take_seat(shop, click.customer_id, which, booked_at=due, now=now)
            booked.add(click.customer_id)
    return list(booked)


def _take_seat(shop: Barbershop, customer_id: int, draw: float, *, booked_at, now) -> None:
    services = list(Service.objects.for_shop(shop).filter(is_active=True))
    service = services[int(draw * len(services))] if services else None
    seat = _free_seat(shop, draw, now=now)
    Opening.objects.for_shop(shop).filter(**seat).delete()  # it is free no more
    Appointment.objects.create(
        shop=shop,
        customer_id=customer_id,
        service=service,
        price=service.price if service else 0,
        booked_at=booked_at,
        source=SOURCE,
        **seat,
    )


def _free_seat(shop: Barbershop, draw: float, *, now) -> dict:
    """A free half hour within the next days."""
    barbers = list(Barber.objects.for_shop(shop).filter(is_active=True)) or [None]
    half_hours = (CLOSES - OPENS) * 2
    start = int(draw * half_hours * 7)
    for n in range(start, start + half_hours * 30):
        day = now.astimezone(shop.zone).date() + dt.timedelta(days=1 + n // half_hours)
        local = dt.datetime.combine(day, dt.time(OPENS), shop.zone)
        starts = local + dt.timedelta(minutes=30 * (n % half_hours))
        barber = barbers[n % len(barbers)]
        taken = Appointment.objects.for_shop(shop).filter(barber=barber, starts_at=starts)
        if day.weekday() not in CLOSED and not taken.exists():
            return {"barber": barber, "starts_at": starts}
    return {"barber": None, "starts_at": now + dt.timedelta(days=1)}


def _pay(shop: Barbershop, *, now) -> list[int]:
    """Ids of customers who paid online for what they have booked."""
    paid = Payment.objects.filter(appointment=OuterRef("pk"))
    waiting = Appointment.objects.for_shop(shop).filter(
        ~Exists(paid),
        source=SOURCE,
        status=Appointment.Status.BOOKED,
        booked_at__lte=now - dt.timedelta(seconds=PAYS_AFTER),
    )
    paying = [row for row in waiting if _draws(row.pk)[0] < PAYS]
    Payment.objects.bulk_create(
        Payment(
            shop=shop,
            customer_id=row.customer_id,
            appointment=row,
            amount=row.price,
            paid_at=row.booked_at + dt.timedelta(seconds=PAYS_AFTER),
        )
        for row in paying
    )
    return [row.customer_id for row in paying]


def _draws(key) -> tuple[float, float, float]:
    """Three numbers from 0 to 1 that the key decides."""
    digest = hashlib.sha256(str(key).encode()).digest()
    return tuple(int.from_bytes(digest[n : n + 8]) / 2**64 for n in (0, 8, 16))
