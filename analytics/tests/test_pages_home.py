"""The home page: its numbers, their rows, the checklist."""

import datetime as dt

import pytest

from analytics.tests.factories import booking, delivered, sent
from analytics.tests.pages import HTMX, NOW, results_of, run_of
from barbershop.models import Membership
from barbershop.tests.factories import MembershipFactory, ShopFactory
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db
Role = Membership.Role


@pytest.fixture
def shop():
    return ShopFactory(name="Corner Cuts")


@pytest.fixture
def owner(client, shop):
    client.force_login(MembershipFactory(shop=shop, role=Role.OWNER).user)
    return client


def test_home_counts_this_shop_and_this_period(owner, shop):
    results_of(run_of(shop))
    old = run_of(shop)
    long_ago = NOW - dt.timedelta(days=20)
    booking(old, delivered(old, at=long_ago), at=long_ago)
    results_of(run_of(ShopFactory()))

    week = [kpi.value for kpi in owner.get("/?days=7").context["kpis"]]
    month = [kpi.value for kpi in owner.get("/").context["kpis"]]

    assert week == ["1", "$42.00", "2", "0\u00a0%"]
    assert month == ["2", "$77.00", "3", "0\u00a0%"]


def test_every_number_of_the_home_page_links_to_as_many_rows(owner, shop):
    run = run_of(shop)
    results_of(run)
    at = NOW - dt.timedelta(hours=3)
    sent(run, at=at, unsubscribed_at=at)

    bookings, _, reached, opted_out = owner.get("/?days=7").context["kpis"]

    rows = [
        owner.get(kpi.href).context["page_obj"].paginator.count
        for kpi in (bookings, reached, opted_out)
    ]
    assert (rows, bookings.value, reached.value) == ([1, 3, 1], "1", "3")
    assert opted_out.denominator == "3 customers reached."


def test_new_shop_sees_what_to_do_first(owner, shop):
    shop.postal_address = ""
    shop.save()

    context = owner.get("/").context

    assert [task.is_done for task in context["tasks"]] == [False, False, False, False]
    assert b"Bring in your customers" in owner.get("/").content


def test_shop_that_is_set_up_sees_no_checklist(owner, shop):
    CustomerFactory(shop=shop)
    run_of(shop)

    assert b"Bring in your customers" not in owner.get("/").content


def test_running_part_of_home_stops_asking_when_nothing_runs(owner, shop):
    assert owner.get("/running/", headers=HTMX).status_code == 286
    run_of(shop, state="running")
    assert owner.get("/running/", headers=HTMX).status_code == 200
