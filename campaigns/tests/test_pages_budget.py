"""The page of the budget: what it shows, who may change it, and what changing does."""

import pytest
from django.urls import reverse
from django.utils import timezone

from barbershop.models import Membership
from barbershop.tests.factories import ShopFactory
from barbershop.tests.query_counts import assert_same_queries
from campaigns.tests.factories import ExecutionFactory
from communications import budgets
from communications.models import Budget

pytestmark = pytest.mark.django_db
Role = Membership.Role
PAGE = "/budget/"
DOLLAR = 1_000_000


@pytest.fixture
def shop():
    other = ShopFactory()
    budgets.set_month(other, 99 * DOLLAR)
    paused(other, "Theirs")
    return ShopFactory()


def paused(shop, name, **dispatch):
    given = {f"dispatch__{key}": value for key, value in dispatch.items()}
    return ExecutionFactory(
        definition__shop=shop,
        definition__name=name,
        dispatch__state="paused",
        dispatch__pause_cause="budget",
        dispatch__paused_reason="This month's budget of $1.00 is spent.",
        dispatch__prepared_at=timezone.now(),
        **given,
    )


def test_page_shows_what_is_used_on_the_wire_and_left(sign_in, shop):
    budgets.set_month(shop, 50 * DOLLAR)
    Budget.objects.filter(shop=shop).update(
        spent_micros=12_340_000, reserved_micros=11_800, late_micros=10_000
    )

    page = sign_in().get(PAGE)

    assert page.context["figures"] == {
        "limit": "$50.00",
        "used": "$12.35",
        "reserved": "$0.0118",
        "left": "$37.64",
        "late": "$0.01",
    }
    assert "$0.01 of it found later to be sent" in page.content.decode()


def test_page_lists_what_is_paused_for_money_and_nothing_else(sign_in, shop):
    budgets.set_month(shop, DOLLAR)
    run = paused(shop, "Summer")
    ExecutionFactory(
        definition__shop=shop, dispatch__state="paused", dispatch__pause_cause="person"
    )

    page = sign_in().get(PAGE)

    assert list(page.context["paused"]) == [run]
    html = page.content.decode()
    assert f'href="/campaigns/{run.definition_id}/"' in html
    assert "1 campaign is paused for money: it goes on as soon as" in html
    assert "Theirs" not in html


def test_raising_lets_campaigns_go_on_and_says_so(sign_in, shop):
    budgets.set_month(shop, 0)
    runs = [paused(shop, "Summer"), paused(shop, "Autumn")]
    client = sign_in()

    answer = client.post(PAGE, {"limit": "$1,060.50"}, follow=True)

    assert answer.redirect_chain == [(PAGE, 302)]
    said = [str(message) for message in answer.context["messages"]]
    assert said == ["The limit is $1,060.50. 2 paused sends go on."]
    assert Budget.objects.get(shop=shop).limit_micros == 1_060_500_000
    for run in runs:
        run.dispatch.refresh_from_db()
        assert run.dispatch.state == "running"


def test_a_first_limit_is_set(sign_in, shop):
    client = sign_in(Role.MANAGER)
    assert "There is no limit" in client.get(PAGE).content.decode()

    client.post(PAGE, {"limit": "20"})

    assert Budget.objects.get(shop=shop).limit_micros == 20 * DOLLAR


@pytest.mark.parametrize("role", [Role.STAFF, Role.READ_ONLY])
def test_others_see_it_and_change_nothing(sign_in, shop, role):
    budgets.set_month(shop, DOLLAR)
    client = sign_in(role)

    page = client.get(PAGE)
    assert page.context["form"] is None
    assert "A manager or an owner sets the limit." in page.content.decode()

    assert client.post(PAGE, {"limit": "20"}).status_code == 403
    assert Budget.objects.get(shop=shop).limit_micros == DOLLAR


def test_a_limit_below_what_is_gone_names_the_lowest(sign_in, shop):
    budgets.set_month(shop, 50 * DOLLAR)
    Budget.objects.filter(shop=shop).update(spent_micros=12_340_001)
    client = sign_in()

    page = client.post(PAGE, {"limit": "12"})

    assert page.status_code == 400
    assert page.context["form"].errors == {
        "limit": ["The lowest possible limit is $12.340001: it is spent or on the wire."]
    }
    assert "At least $12.340001" in page.content.decode()


@pytest.mark.parametrize("typed", ["", "much", "1,5", "-3", "1e99", "$", "0.0000001", "9" * 26])
def test_what_is_no_amount_changes_nothing(sign_in, shop, typed):
    budgets.set_month(shop, DOLLAR)

    page = sign_in().post(PAGE, {"limit": typed})

    assert page.status_code == 400
    assert Budget.objects.get(shop=shop).limit_micros == DOLLAR


def test_a_campaigns_own_budget_has_its_page(sign_in, shop):
    own = budgets.open_for(shop=shop, limit_micros=0)
    run = paused(shop, "Summer", budget=own)
    client = sign_in()
    path = reverse("campaign-budget", args=[run.definition_id])
    assert f'href="{path}"' in client.get(PAGE).content.decode()

    answer = client.post(path, {"limit": "3"})

    assert (answer.status_code, answer.url) == (302, path)
    own.refresh_from_db()
    run.dispatch.refresh_from_db()
    assert (own.limit_micros, run.dispatch.state) == (3 * DOLLAR, "running")


def test_a_campaign_without_a_budget_and_another_shops_have_no_page(sign_in, shop):
    theirs = budgets.open_for(shop=ShopFactory(), limit_micros=0)
    client = sign_in()

    for run in (paused(shop, "Summer"), paused(theirs.shop, "Theirs", budget=theirs)):
        path = reverse("campaign-budget", args=[run.definition_id])
        assert client.get(path).status_code == 404
        assert client.post(path, {"limit": "3"}).status_code == 404


def test_page_asks_as_often_for_three_campaigns_as_for_one(sign_in, shop):
    budgets.set_month(shop, DOLLAR)

    def make():
        paused(shop, "Summer", budget=budgets.open_for(shop=shop, limit_micros=DOLLAR))
        month = Budget.objects.filter(shop=shop, month__isnull=False).count()
        Budget.objects.create(shop=shop, month=f"2020-0{month}-01", limit_micros=1)

    assert_same_queries(sign_in(), PAGE, make=make)


def test_navigation_leads_to_the_page(sign_in):
    html = sign_in().get(PAGE).content.decode()

    assert html.count('href="/budget/" aria-current="page"') == 2
