"""Home, the list and the performance page: their figures, their rows, their polling."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from analytics import performance
from analytics.tests.factories import booking, delivered, message, sent
from barbershop.models import Membership
from barbershop.tests.factories import MembershipFactory, ShopFactory
from barbershop.tests.query_counts import assert_same_queries
from campaigns.tests.factories import DefinitionFactory, ExecutionFactory
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db
NOW = timezone.now().replace(microsecond=0)
HTMX = {"HX-Request": "true"}
Role = Membership.Role


@pytest.fixture
def shop():
    return ShopFactory(name="Corner Cuts")


@pytest.fixture
def owner(client, shop):
    client.force_login(MembershipFactory(shop=shop, role=Role.OWNER).user)
    return client


def run_of(shop, *, state="done", name="Summer", **dispatch):
    fields = {f"dispatch__{key}": value for key, value in dispatch.items()}
    return ExecutionFactory(
        definition__shop=shop,
        definition__status="active",
        definition__name=name,
        dispatch__state=state,
        **fields,
    )


def results_of(run):
    """Two delivered, one of them clicked and booked; one blocked; one waits."""
    at = NOW - dt.timedelta(hours=2)
    first = delivered(run, at=at, opened_at=at, clicked_at=at)
    delivered(run, at=at)
    message(run, send_state="blocked", reason="no_consent")
    message(run)
    booking(run, first, at=NOW - dt.timedelta(hours=1), revenue=4200)
    return first


def url(name, run, query="") -> str:
    return reverse(name, args=[run.definition_id]) + query


# --- the list


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


# --- one campaign


def test_performance_page_shows_the_figures_of_the_api(owner, shop):
    run = run_of(shop)
    results_of(run)

    context = owner.get(url("campaign", run)).context

    shown = {step.label: step.value for step in context["steps"]}
    assert shown == {
        "Targeted": "4",
        "Sent": "2",
        "Delivered": "2",
        "Opened": "1",
        "Clicked": "1",
        "Booked": "1",
        "Revenue": "$42.00",
    }
    assert context["found"].totals == performance.of(run.definition).totals
    assert [(row.label, row.number) for row in context["reason_rows"]] == [
        ("Blocked: No consent", 1)
    ]


def test_every_step_of_the_funnel_links_to_as_many_rows(owner, shop):
    run = run_of(shop)
    results_of(run)
    steps = owner.get(url("campaign", run)).context["steps"]

    for step in steps[:-1]:
        rows = owner.get(step.href).context["page_obj"].paginator.count
        assert (step.label, str(rows)) == (step.label, step.value)


def test_every_reason_links_to_its_rows(owner, shop):
    run = run_of(shop)
    results_of(run)
    message(run, send_state="blocked", reason="suppressed")

    rows = owner.get(url("campaign", run)).context["reason_rows"]

    assert [owner.get(row.href).context["page_obj"].paginator.count for row in rows] == [1, 1]


def test_page_of_a_draft_says_what_sending_it_would_do(owner, shop):
    CustomerFactory.create_batch(2, shop=shop)
    CustomerFactory()
    draft = DefinitionFactory(shop=shop)

    forecast = owner.get(reverse("campaign", args=[draft.pk])).context["forecast"]

    assert forecast["will_receive"] == 2


def test_page_of_a_campaign_without_content_says_so(owner, shop):
    draft = DefinitionFactory(shop=shop)
    draft.variants.all().delete()

    answer = owner.get(reverse("campaign", args=[draft.pk]))

    assert b"The campaign has no content" in answer.content


def test_page_of_a_campaign_with_unreadable_criteria_says_so(owner, shop):
    draft = DefinitionFactory(shop=shop, target_criteria={"shoe_size": 44})

    answer = owner.get(reverse("campaign", args=[draft.pk]))

    assert b"The criteria cannot be read" in answer.content


@pytest.mark.parametrize(
    ("state", "status"),
    [("preparing", 200), ("running", 200), ("paused", 286), ("done", 286), ("cancelled", 286)],
)
def test_performance_page_polls_only_while_it_moves(owner, shop, state, status):
    run = run_of(shop, state=state)

    answer = owner.get(url("campaign-live", run), headers=HTMX)

    assert answer.status_code == status
    assert (b'hx-trigger="every 5s"' in answer.content) == (status == 200)


def test_poll_brings_every_part_of_the_page_that_moves(owner, shop):
    run = run_of(shop, state="running")
    results_of(run)

    page = owner.get(url("campaign", run)).content.decode()
    poll = owner.get(url("campaign-live", run), headers=HTMX).content.decode()

    for part in ("funnel", "time", "channels", "reasons", "newest", "rates"):
        assert f'id="{part}-panel"' in page
        assert f'id="{part}-panel" hx-swap-oob="true"' in poll


def test_undo_is_offered_until_the_sending_starts(owner, shop):
    run = run_of(shop, state="running", starts_at=timezone.now() + dt.timedelta(seconds=30))
    late = run_of(shop, state="running", starts_at=timezone.now() - dt.timedelta(seconds=1))

    soon = owner.get(url("campaign", run))
    begun = owner.get(url("campaign", late))

    assert soon.context["undo_seconds"] in {29, 30, 31}
    assert b"Cancel the send" in soon.content
    assert b"Cancel the send" not in begun.content


def test_times_are_those_of_the_shop(owner, shop):
    at = dt.datetime(2026, 7, 1, 16, 30, tzinfo=dt.UTC)
    run = run_of(shop)
    run.started_at = at
    run.save()

    answer = owner.get(url("campaign", run))

    assert b"1 Jul 2026, 12:30" in answer.content
    assert b"Times in America/New_York" in answer.content


def test_who_only_reads_is_offered_no_button(client, shop):
    client.force_login(MembershipFactory(shop=shop, role=Role.READ_ONLY).user)
    draft = DefinitionFactory(shop=shop)
    run = run_of(shop, state="running", starts_at=timezone.now() + dt.timedelta(seconds=30))

    for path in ("/", "/campaigns/", reverse("campaign", args=[draft.pk]), url("campaign", run)):
        content = client.get(path).content.decode()
        assert not [
            verb
            for verb in ("execute", "pause", "cancel", "clone", "delete")
            if f"/{verb}/" in content
        ]


@pytest.mark.parametrize("name", ["campaign", "campaign-live", "campaign-recipients"])
def test_anothers_campaign_is_not_there(owner, name):
    theirs = run_of(ShopFactory())

    assert owner.get(url(name, theirs)).status_code == 404


def test_poll_of_somebody_signed_out_reloads_the_page(client, shop):
    run = run_of(shop, state="running")

    answer = client.get(url("campaign-live", run), headers=HTMX)

    assert answer.headers["HX-Refresh"] == "true"


# --- home


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


# --- every page


def pages(run) -> list[str]:
    return [
        "/",
        "/running/",
        "/messages/",
        "/campaigns/",
        url("campaign", run),
        url("campaign-live", run),
        url("campaign-recipients", run),
        "/customers/",
        reverse("customer", args=[CustomerFactory(shop=run.shop).pk]),
    ]


@pytest.mark.parametrize(
    "query",
    [
        "page=abc&sort=x&state=&days=-1&outcome=%27",
        "page=99999999999999999999999&days=99999999999999999999",
        "page=-1&q=%00&reason=%00&tag=%00&type=%00&channel=%00&has=%00",
        "q=%FF%FE&outcome=%F0%9F%92%88&page=%D9%A3",
        "q=" + "x" * 5000,
    ],
)
def test_no_query_breaks_a_page(owner, shop, query):
    run = run_of(shop)
    results_of(run)

    for path in pages(run):
        assert owner.get(f"{path}?{query}").status_code in {200, 286}, path


def test_title_of_every_page_names_the_shop(owner, shop):
    run = run_of(shop)

    for path in pages(run):
        content = owner.get(path).content.decode()
        assert "<html" not in content or "· Corner Cuts</title>" in content, path


def test_stranger_is_asked_to_sign_in_on_every_page(client, shop):
    for path in pages(run_of(shop)):
        assert client.get(path).url == f"{reverse('login')}?next={path}"


@pytest.mark.parametrize("pk", [0, 10**30])
def test_impossible_id_is_not_found(owner, pk):
    assert owner.get(f"/campaigns/{pk}/").status_code == 404
    assert owner.get(f"/customers/{pk}/").status_code == 404
