"""Everything of the demonstration, in one transaction: all of it, or nothing."""

import datetime as dt
import random
from dataclasses import dataclass

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F

from analytics.seed import (
    consents,
    drafts,
    history,
    openings,
    people,
    segments,
    shops,
    tags,
    visits,
)
from analytics.seed.names import BARBERS
from analytics.seed.shops import ShopPlan
from barbershop.models import Barbershop, Organization, User
from campaigns import attribution, automations
from customers.models import Appointment, Customer

ORGANIZATION = "demo"
SEED = 20_240_820

CEDAR = ShopPlan(
    slug="cedar-street",
    name="Cedar Street Barbers",
    timezone="America/New_York",
    address="12 Cedar Street, Springfield, NY 10001",
    phone="+12125550100",
    customers=1_200,
    barbers=BARBERS[:5],
    area_codes=(212, 315, 347, 516, 518, 585, 607, 631, 646, 716, 718, 845, 914),
    zip_prefix="100",
)
HARBOR = ShopPlan(
    slug="harbor",
    name="Harbor Barbers",
    timezone="America/Los_Angeles",
    address="3 Harbor Walk, Bayview, CA 94101",
    phone="+14155550100",
    customers=300,
    barbers=BARBERS[5:],
    area_codes=(415, 510, 650),
    zip_prefix="941",
)
HISTORY = {CEDAR: (history.FRESH_CUT, history.SAVED_CHAIR), HARBOR: (history.FRESH_CUT,)}
RULES = [
    automations.Rule(kind="welcome", schedule=(0, 3, 7)),
    automations.Rule(kind="birthday", discount_percent=25, valid_days=30),
    automations.Rule(kind="win_back", trigger_days=60, discount_percent=20),
]


@dataclass(frozen=True)
class Built:
    """What there is, and whether this call made it."""

    shops: tuple[Barbershop, ...]
    is_new: bool


def build(*, now: dt.datetime) -> Built:
    """Invent the demonstration once; called again it only adds free times for the days to come.

    The same people with the same habits on every run; days are counted from ``now``.
    """
    with transaction.atomic():
        if Organization.objects.filter(slug=ORGANIZATION).exists():
            found = Barbershop.objects.filter(organization__slug=ORGANIZATION).order_by("pk")
            for shop in found:
                openings.keep(shop, now=now)
            return Built(shops=tuple(found), is_new=False)
        organization = shops.open_organization(ORGANIZATION)
        opened = [
            shops.open_shop(plan, organization, links=f"{settings.PUBLIC_BASE_URL}/")
            for plan in HISTORY
        ]
        shops.open_accounts(organization, opened[0].shop)
        owner = User.objects.get(email=shops.OWNER)
        for (plan, stories), staffed in zip(HISTORY.items(), opened, strict=True):
            _fill(plan, staffed, stories, owner=owner, now=now)
        _measure()
        return Built(shops=tuple(staffed.shop for staffed in opened), is_new=True)


def _fill(plan: ShopPlan, staffed, stories, *, owner: User, now: dt.datetime) -> None:
    rng = random.Random(f"{SEED}:{plan.slug}")
    shop = staffed.shop
    persons = people.invent(plan, staffed, rng=rng, now=now)
    appointments = visits.invent(persons, staffed, rng=rng, now=now)
    book = consents.invent(persons, rng=rng, now=now)
    consents.save(book)
    tags.give(persons, appointments, book, rng=rng, now=now)
    _date_back(shop)
    diary = history.Diary(appointments)
    for story in stories:
        at = history.moment_of(story, staffed, now)
        history.tell(
            story,
            staffed=staffed,
            people=persons,
            diary=diary,
            refusals=book.refusals(persons, story.channel, at),
            rng=rng,
            now=now,
            by=owner,
        )
    attribution.credit(shop=shop, now=now)
    automations.setup(shop=shop, rules=RULES, by=owner, now=now)
    drafts.prepare(shop, by=owner)
    segments.keep(shop, by=owner, now=now)
    openings.keep(shop, now=now)


def _measure() -> None:
    """Let the planner know the new tables: SQLite never looks by itself, PostgreSQL later."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _date_back(shop: Barbershop) -> None:
    """Rows that stamp themselves with today were made when the person came or booked."""
    Customer.objects.for_shop(shop).update(created_at=F("joined_at"))
    Appointment.objects.for_shop(shop).update(created_at=F("booked_at"))
