import datetime as dt

import pytest

from analytics.seed import life
from analytics.seed.openings import A_DAY
from analytics.seed.visits import OPENS
from analytics.tests.factories import booking, delivered
from barbershop.models import Barber, Opening
from barbershop.tests.factories import BarberFactory, ServiceFactory, ShopFactory
from campaigns.models import CampaignResponse
from campaigns.tests.factories import ExecutionFactory
from customers.models import Appointment, Payment

pytestmark = pytest.mark.django_db

NINE = dt.datetime(2026, 5, 5, 13, 0, tzinfo=dt.UTC)
CLICK = NINE + dt.timedelta(minutes=5)
LATER = CLICK + dt.timedelta(minutes=10)
CLICKS = 30


@pytest.fixture(autouse=True)
def _is_demo(settings):
    settings.DEMO = True


def clicked_in(shop):
    BarberFactory(shop=shop)
    ServiceFactory(shop=shop)
    execution = ExecutionFactory(definition__shop=shop)
    for _ in range(CLICKS):
        mail = delivered(execution, at=NINE, clicked_at=CLICK)
        CampaignResponse.objects.create(shop=shop, execution=execution, customer=mail.customer)
    return execution


@pytest.fixture
def shop():
    return ShopFactory(organization__slug="demo")


def test_life_lets_some_of_those_who_clicked_book(shop):
    execution = clicked_in(shop)

    life.live(now=LATER)

    booked = Appointment.objects.for_shop(shop)
    assert 0 < booked.count() < CLICKS
    seats = booked.values_list("barber", "starts_at")
    assert len(set(seats)) == len(seats)
    assert booked.filter(starts_at__lte=LATER).count() == 0
    credited = CampaignResponse.objects.filter(execution=execution, appointment__isnull=False)
    assert credited.count() == booked.count()


def test_life_books_nobody_twice_however_often_it_passes(shop):
    clicked_in(shop)
    for minutes in range(0, 10, 2):
        life.live(now=CLICK + dt.timedelta(minutes=minutes))
    found = Appointment.objects.count(), Payment.objects.count()

    assert life.live(now=LATER) == 0

    assert (Appointment.objects.count(), Payment.objects.count()) == found
    customers = Appointment.objects.values_list("customer", flat=True)
    assert len(set(customers)) == len(customers)


def test_life_adds_free_times_as_the_days_go_by(shop):
    barber = BarberFactory(shop=shop)
    theirs = BarberFactory()

    for day in range(0, 30, 5):
        now = NINE + day * dt.timedelta(days=1)
        life.live(now=now)
        life.live(now=now)

        free = Opening.objects.filter(starts_at__gt=now)
        assert {opening.barber for opening in free} == {barber}
        assert len(free) <= 7 * A_DAY
    assert Opening.objects.filter(barber=theirs).count() == 0


def test_time_that_is_booked_is_free_no_more(shop):
    clicked_in(shop)
    barber = Barber.objects.for_shop(shop).get()
    local = dt.datetime.combine(NINE.date(), dt.time(OPENS), shop.zone)
    every = (local + n * dt.timedelta(minutes=30) for n in range(48 * 40))
    Opening.objects.bulk_create(Opening(shop=shop, barber=barber, starts_at=at) for at in every)

    life.live(now=LATER)

    booked = Appointment.objects.for_shop(shop).values_list("starts_at", flat=True)
    assert len(booked) > 0
    assert Opening.objects.filter(starts_at__in=list(booked)).count() == 0
    assert Opening.objects.count() == 48 * 40 - len(booked)


def test_life_lets_people_pay_what_they_booked(shop):
    execution = clicked_in(shop)

    life.live(now=LATER)
    life.live(now=LATER + dt.timedelta(minutes=2))

    paid = CampaignResponse.objects.filter(execution=execution, confirmed_at__isnull=False)
    assert paid.count() == Payment.objects.count() > 0
    assert {response.revenue for response in paid} == {3_500}


def test_life_leaves_alone_who_has_booked_already(shop):
    execution = ExecutionFactory(definition__shop=shop)
    BarberFactory(shop=shop)
    ServiceFactory(shop=shop)
    for _ in range(CLICKS):
        mail = delivered(execution, at=NINE, clicked_at=CLICK)
        booking(execution, mail, at=CLICK + dt.timedelta(seconds=5))

    assert life.live(now=LATER) == 0


def test_life_touches_no_shop_outside_the_demonstration(shop):
    clicked_in(ShopFactory())

    assert life.live(now=LATER) == 0
    assert not Appointment.objects.exists()


def test_life_does_nothing_where_there_is_no_demonstration(shop, settings):
    clicked_in(shop)
    settings.DEMO = False

    assert life.live(now=LATER) == 0
    assert not Appointment.objects.exists()
