"""The page of one campaign: its figures, its rows, its polling."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from analytics import performance
from analytics.tests.factories import delivered, message
from analytics.tests.pages import HTMX, results_of, run_of, url
from barbershop.models import Membership
from barbershop.tests.factories import MembershipFactory, ShopFactory
from campaigns.tests.factories import DefinitionFactory
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
    message(run, send_state="rejected", reason="550 5.1.1 no & user")

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


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, ["", ""]),
        (1, [f"1 {what} by a mail scanner is left out." for what in ("open", "click")]),
        (2, [f"2 {what}s by mail scanners are left out." for what in ("open", "click")]),
    ],
)
def test_one_scanned_mail_is_said_in_the_singular(owner, shop, number, said):
    run, at = run_of(shop), timezone.now()
    for _ in range(number):
        delivered(run, at=at, machine_opened_at=at, machine_clicked_at=at)

    steps = owner.get(url("campaign", run)).context["steps"]

    notes = [step.note for step in steps if step.label in ("Opened", "Clicked")]
    assert [note.partition(" · ")[2] for note in notes] == said
