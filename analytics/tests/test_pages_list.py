"""The list of campaigns: its tabs, its figures, its polling."""

import pytest

from analytics import performance
from analytics.tests.factories import delivered
from analytics.tests.pages import HTMX, NOW, results_of, run_of, url
from barbershop.models import Membership
from barbershop.tests.factories import MembershipFactory, ShopFactory
from barbershop.tests.query_counts import assert_same_queries
from campaigns.tests.factories import DefinitionFactory

pytestmark = pytest.mark.django_db
Role = Membership.Role


@pytest.fixture
def shop():
    return ShopFactory(name="Corner Cuts")


@pytest.fixture
def owner(client, shop):
    client.force_login(MembershipFactory(shop=shop, role=Role.OWNER).user)
    return client


def test_list_shows_each_campaigns_own_results(owner, shop):
    run = run_of(shop)
    results_of(run)
    results_of(run_of(ShopFactory()))  # another shop's

    (campaign,) = owner.get("/campaigns/").context["page_obj"].object_list

    figures = campaign.figures
    assert (figures.targeted, figures.sent, figures.delivered, figures.clicked) == (4, 2, 2, 1)
    assert (figures.converted, figures.revenue, campaign.state) == (1, 4200, "done")


def test_list_says_the_same_as_the_performance_page(owner, shop):
    run = run_of(shop)
    results_of(run)
    delivered(run, at=NOW, channel="sms", clicked_at=NOW)

    figures = owner.get("/campaigns/").context["page_obj"].object_list[0].figures
    totals = performance.of(run.definition).totals

    for name in ("targeted", "sent", "delivered", "clicked", "converted", "revenue"):
        assert getattr(figures, name) == getattr(totals, name), name


@pytest.mark.parametrize(
    ("tab", "names"),
    [
        ("draft", ["Draft"]),
        ("scheduled", ["Scheduled"]),
        ("running", ["Paused", "Preparing", "Running"]),
        ("done", ["Cancelled", "Done"]),
        ("archived", ["Archived"]),
        ("nonsense", ["Archived", "Cancelled", "Done", "Draft", "Paused", "Preparing", "Running"]),
    ],
)
def test_list_sorts_campaigns_under_their_state(owner, shop, tab, names):
    DefinitionFactory(shop=shop, name="Draft")
    DefinitionFactory(shop=shop, name="Archived", status="archived")
    if tab == "scheduled":
        DefinitionFactory(shop=shop, name="Scheduled", status="scheduled", scheduled_for=NOW)
    for state in ("preparing", "running", "paused", "done", "cancelled"):
        run_of(shop, state=state, name=state.capitalize())

    answer = owner.get(f"/campaigns/?state={tab}&sort=name")

    assert [each.name for each in answer.context["page_obj"].object_list] == names


def test_tab_counts_what_is_behind_it(owner, shop):
    DefinitionFactory.create_batch(2, shop=shop)
    run_of(shop)
    DefinitionFactory()

    tabs = owner.get("/campaigns/").context["tabs"]

    assert {tab["label"]: tab["count"] for tab in tabs} == {
        "All": 3,
        "Drafts": 2,
        "Scheduled": 0,
        "Running": 0,
        "Done": 1,
        "Archived": 0,
    }


def test_list_finds_by_name_and_by_channel(owner, shop):
    DefinitionFactory(shop=shop, name="Beard week")
    DefinitionFactory(shop=shop, name="Beard texts", campaign_type="sms")

    answer = owner.get("/campaigns/?q=BEARD&type=sms")

    assert [each.name for each in answer.context["page_obj"].object_list] == ["Beard texts"]


@pytest.mark.parametrize("path", ["/campaigns/", "/"])
def test_page_asks_the_same_of_the_database_with_one_row_and_with_three(owner, shop, path):
    def make():
        results_of(run_of(shop))
        results_of(run_of(shop, state="running"))
        DefinitionFactory(shop=shop)

    assert_same_queries(owner, path, make=make)


def test_recipients_ask_the_same_of_the_database_with_one_row_and_with_three(owner, shop):
    run = run_of(shop)

    assert_same_queries(owner, url("campaign-recipients", run), make=lambda: delivered(run, at=NOW))


@pytest.mark.parametrize(
    ("state", "status", "polls"),
    [
        ("running", 200, True),
        ("preparing", 200, True),
        ("paused", 286, False),
        ("done", 286, False),
    ],
)
def test_list_polls_only_while_something_moves(owner, shop, state, status, polls):
    run_of(shop, state=state)

    answer = owner.get("/campaigns/", headers=HTMX)

    assert answer.status_code == status
    assert (b'hx-trigger="every 5s"' in answer.content) == polls
    assert b"<html" not in answer.content
