"""Journeys and chaos text real processes' customers at any hour: where those live it is noon."""

import datetime as dt

import pytest

from barbershop.tests.factories import ShopFactory
from benchmarks.chaos.shop import phone_of, zone_at_noon
from communications import quiet_hours
from customers import zones

pytestmark = pytest.mark.quiet_hours

LONG_ENOUGH = dt.timedelta(hours=6, minutes=59)
WEEK = [dt.datetime(2026, 6, 1, tzinfo=dt.UTC) + dt.timedelta(hours=n) for n in range(7 * 24)]


@pytest.mark.parametrize("now", WEEK, ids=str)
def test_nobody_waits_for_his_hours_where_it_is_noon(now):
    shop = ShopFactory.build(sends_on_closed_days=True)
    zone = zone_at_noon(now)
    place = zones.place(phone=phone_of(7), timezone=zone, zip="", shop=shop)

    found = quiet_hours.window(place, hours=quiet_hours.hours_of(shop), now=now)

    assert place.zones == {zone}
    assert found.is_open
    assert found.until - now > LONG_ENOUGH
