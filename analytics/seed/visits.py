"""Fourteen months of appointments and payments, each person at his own pace."""

import datetime as dt
import random
from collections.abc import Iterator

from analytics.seed.people import BULK, Person
from analytics.seed.shops import Staffed
from barbershop.models import Service
from customers.models import Appointment, Payment

CANCELLED, NO_SHOW, REFUNDED = 0.12, 0.035, 0.006
OPENS, CLOSES = 9, 19  # local hours
CLOSED = (6, 0)  # Sunday, Monday
# Weekday weights from Tuesday: the end of the week is full.
FULL = {1: 0.55, 2: 0.6, 3: 0.75, 4: 1.0, 5: 1.0}
LEAD_DAYS = 6.0  # between booking and visit, on average
AHEAD = dt.timedelta(days=35)
SOURCES = ("online", "online", "online", "phone", "walk-in")
Status = Appointment.Status


class Chairs:
    """Who is taken when: nobody is booked twice."""

    def __init__(self, staffed: Staffed, rng: random.Random):
        self._staffed, self._rng = staffed, rng
        self._taken: set[tuple[int, dt.datetime]] = set()

    def take(self, near: dt.datetime, barber):
        """A free half hour on or soon after that day, at best with that barber."""
        zone = self._staffed.shop.zone
        day = near.astimezone(zone).date()
        while True:
            open_day = day.weekday() not in CLOSED
            if open_day and self._rng.random() < FULL[day.weekday()]:
                for _ in range(12):
                    who = barber if self._rng.random() < 0.75 else self._any()
                    half_hours = self._rng.randrange((CLOSES - OPENS) * 2)
                    local = dt.datetime.combine(day, dt.time(OPENS), zone)
                    starts = (local + dt.timedelta(minutes=30 * half_hours)).astimezone(dt.UTC)
                    if (who.pk, starts) not in self._taken:
                        self._taken.add((who.pk, starts))
                        return who, starts
            day += dt.timedelta(days=1)

    def _any(self):
        return self._rng.choice(self._staffed.barbers)


def invent(people: list[Person], staffed: Staffed, *, rng: random.Random, now: dt.datetime):
    """All appointments, saved, with the payments of those who came."""
    chairs = Chairs(staffed, rng)
    rows = [
        appointment
        for person in people
        if person.starts_at
        for appointment in _of(person, staffed, chairs, rng=rng, now=now)
    ]
    rows.sort(key=lambda row: row.booked_at)
    for n, row in enumerate(rows, 1):
        row.external_id = f"demo-a{n}"
    Appointment.objects.bulk_create(rows, batch_size=BULK)
    Payment.objects.bulk_create(_payments(rows, rng), batch_size=BULK)
    return rows


def _of(person: Person, staffed: Staffed, chairs: Chairs, *, rng, now) -> Iterator[Appointment]:
    wanted, last = person.starts_at, person.customer.joined_at
    while wanted < min(person.drifts_at, now + AHEAD):
        barber, starts = chairs.take(wanted, person.barber)
        lead = dt.timedelta(hours=1, days=rng.expovariate(1 / LEAD_DAYS))
        booked = max(starts - lead, min(last, starts - dt.timedelta(hours=1)))
        if booked > now:
            return
        status = _status(starts, rng=rng, now=now)
        service = person.service if rng.random() < 0.8 else rng.choice(staffed.services)
        yield _appointment(person, barber, service, status, booked, starts, rng)
        if status == Status.BOOKED:
            return
        last = starts
        wanted = starts + _pause(person, status, rng)


def _status(starts, *, rng, now) -> str:
    draw = rng.random()
    if draw < CANCELLED:
        return Status.CANCELLED
    if starts > now:
        return Status.BOOKED
    return Status.NO_SHOW if draw < CANCELLED + NO_SHOW else Status.COMPLETED


def _pause(person: Person, status: str, rng) -> dt.timedelta:
    """Until the next visit: soon after one that failed, else his pace, or very long."""
    if status != Status.COMPLETED:
        return dt.timedelta(days=rng.uniform(2, 14))
    if rng.random() < person.leaves:
        return dt.timedelta(days=rng.uniform(60, 420))
    return dt.timedelta(days=max(10.0, person.cadence * rng.lognormvariate(0, 0.25)))


def _appointment(person, barber, service: Service, status, booked, starts, rng) -> Appointment:
    return Appointment(
        shop=person.customer.shop,
        customer=person.customer,
        barber=barber,
        service=service,
        status=status,
        booked_at=booked,
        starts_at=starts,
        price=service.price,
        source=rng.choice(SOURCES),
    )


def _payments(rows: list[Appointment], rng) -> Iterator[Payment]:
    for row in rows:
        if row.status != Status.COMPLETED:
            continue
        yield Payment(
            shop=row.shop,
            customer=row.customer,
            appointment=row,
            external_id=row.external_id.replace("-a", "-p"),
            amount=row.price,
            refunded_amount=row.price if rng.random() < REFUNDED else 0,
            paid_at=row.starts_at + dt.timedelta(minutes=row.service.duration_minutes),
        )
