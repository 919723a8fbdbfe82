"""Customers: who they are, how they like to come, what they are reachable by."""

import datetime as dt
import random
from dataclasses import dataclass

from analytics.seed.names import DOMAINS, FIRST, LAST
from analytics.seed.shops import SERVICES, ShopPlan, Staffed
from barbershop.models import Barber, Service
from customers.models import Customer

WITHOUT_EMAIL, WITHOUT_PHONE = 0.08, 0.12
FAMILY_EVERY = 40  # customers per pair that shares one phone
DRIFTED, DRIFTED_DAYS = 0.4, (26, 58)
FIRST_DAY = dt.timedelta(days=425)  # fourteen months
BULK = 500
NUMBERS_PER_AREA = 100


@dataclass
class Person:
    """A customer and his habits. The row is unsaved until ``save``."""

    customer: Customer
    cadence: float  # days between visits
    leaves: float  # chance after a visit that it was the last one for long
    barber: Barber
    service: Service
    starts_at: dt.datetime | None  # about when the first visit in our time is; none: never came
    drifts_at: dt.datetime  # no visit after this: whom a campaign could bring back


def invent(plan: ShopPlan, staffed: Staffed, *, rng: random.Random, now: dt.datetime):
    """Everybody of one shop, saved, in a stable order."""
    people = [_person(n, plan, staffed, rng=rng, now=now) for n in range(plan.customers)]
    for elder, younger in zip(people[::FAMILY_EVERY], people[1::FAMILY_EVERY], strict=False):
        younger.customer.last_name = elder.customer.last_name
        younger.customer.phone = elder.customer.phone
    Customer.objects.bulk_create([person.customer.prepare() for person in people], batch_size=BULK)
    return people


def _person(n, plan, staffed, *, rng, now) -> Person:
    barber = rng.choice(staffed.barbers)
    joined, starts = _beginning(rng, now)
    customer = Customer(
        shop=staffed.shop,
        external_id=f"demo-{n + 1:04d}",
        first_name=rng.choice(FIRST),
        last_name=rng.choice(LAST),
        source=Customer.Source.DEMO,
        language="es" if rng.random() < 0.06 else "en",
        zip=f"{plan.zip_prefix}{rng.randrange(100):02d}",
        preferred_barber=barber if rng.random() < 0.7 else None,
        joined_at=joined,
    )
    _give_addresses(customer, n, plan, rng)
    _give_birthday(customer, rng, now)
    return Person(
        customer=customer,
        cadence=min(80.0, max(16.0, rng.lognormvariate(3.58, 0.32))),
        leaves=rng.choice((0.04, 0.10, 0.22)),
        barber=barber,
        service=rng.choices(staffed.services, weights=[row[4] for row in SERVICES])[0],
        starts_at=starts,
        drifts_at=_drifting(rng, now),
    )


def _beginning(rng, now):
    """Since when he is known, and when he first comes in the time that is invented."""
    oldest = now - FIRST_DAY
    if rng.random() < 0.5:
        joined = oldest - dt.timedelta(days=rng.uniform(5, 900))
        starts = oldest + dt.timedelta(days=rng.uniform(0, 40))
    else:
        joined = oldest + dt.timedelta(days=rng.uniform(0, FIRST_DAY.days - 2))
        starts = joined + dt.timedelta(days=rng.uniform(1, 9))
    return joined, None if rng.random() < 0.03 else starts


def _drifting(rng, now) -> dt.datetime:
    if rng.random() < DRIFTED:
        return now - dt.timedelta(days=rng.uniform(*DRIFTED_DAYS))
    return now + FIRST_DAY


def _give_addresses(customer, n, plan, rng) -> None:
    if rng.random() >= WITHOUT_EMAIL:
        name = f"{customer.first_name}.{customer.last_name}".lower()
        customer.email = f"{name}.{n + 1}@{rng.choice(DOMAINS)}"
    if rng.random() >= WITHOUT_PHONE:
        area, line = plan.area_codes[n // NUMBERS_PER_AREA], n % NUMBERS_PER_AREA
        customer.phone = f"+1{area}55501{line:02d}"


def _give_birthday(customer, rng, now) -> None:
    if rng.random() < 0.68:
        born = dt.date(now.year - 17, 1, 1) - dt.timedelta(days=rng.randrange(58 * 365))
        customer.set_birthday(born, year_known=rng.random() < 0.6)
