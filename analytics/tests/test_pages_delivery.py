"""The delivery of a run on a page: the ledger's own numbers, what is open, and its polling."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from analytics.tests.pages import HTMX, run_of, url
from barbershop.models import Membership
from barbershop.tests.factories import MembershipFactory, ShopFactory
from barbershop.tests.query_counts import assert_same_queries
from campaigns import summary
from campaigns.tests.calls import call, refused
from campaigns.tests.factories import DefinitionFactory
from communications.delivery import resolve
from communications.models import Incident
from communications.tests.factories import CommunicationFactory
from communications.tests.waiting import waiting

pytestmark = pytest.mark.django_db
Role = Membership.Role
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def shop():
    return ShopFactory(name="Corner Cuts")


@pytest.fixture
def sign_in(client, shop):
    def as_(role=Role.OWNER):
        client.force_login(MembershipFactory(shop=shop, role=role).user)
        return client

    return as_


@pytest.fixture
def owner(sign_in):
    return sign_in()


@pytest.fixture
def run(shop):
    """Something in every state."""
    found = run_of(shop, state="running")
    dispatch = found.dispatch
    call(dispatch, "claimed", messages=2)
    call(dispatch, "sending", messages=3, ago=dt.timedelta(seconds=5))
    call(dispatch, "accepted", messages=4)
    call(dispatch, "unknown", messages=2, ago=12 * MINUTE, error="read timeout")
    call(dispatch, "not_sent", channel="sms", ago=180 * MINUTE)
    refused(dispatch, reason="550 5.1.1 no & user", messages=2)
    refused(dispatch, state="blocked", reason="render_error")
    refused(dispatch, state="blocked", reason="no_consent")
    return found


def test_counts_on_the_page_are_those_of_the_ledger(owner, run):
    call(run_of(run.shop).dispatch, "accepted")
    call(run_of(ShopFactory()).dispatch, "accepted")

    context = owner.get(url("campaign-delivery", run)).context

    books = summary.of(run, now=timezone.now())
    shown = {row.label: row.number for row in context["rows"]}
    assert shown == {
        "Waiting": books["counts"]["pending"],
        "Sent": books["counts"]["sent"],
        "Blocked": books["counts"]["blocked"],
        "Rejected": books["counts"]["rejected"],
        "Not known": books["counts"]["unknown"],
        "Cancelled": books["counts"]["cancelled"],
    }
    assert sum(shown.values()) == books["rows"] == 16
    assert books["adds_up"]


def test_page_says_until_when_messages_wait(owner, run):
    tomorrow = timezone.now() + dt.timedelta(days=1)
    first, second, _ = waiting(run.dispatch, 3)
    for message, at in ((first, tomorrow), (second, tomorrow + MINUTE)):
        message.not_before = at
        message.save()
    CommunicationFactory(not_before=tomorrow - MINUTE)

    later = owner.get(url("campaign-delivery", run)).context["found"].later

    assert (later.messages, later.first_at) == (2, tomorrow)


def test_every_number_of_the_page_links_to_as_many_rows(owner, run):
    definition = run.definition
    again = run_of(run.shop)
    again.definition, again.occurrence_key = definition, "again"
    again.started_at = run.started_at - dt.timedelta(days=1)  # an older run of the same campaign
    again.save()
    call(again.dispatch, "accepted", messages=5)
    context = owner.get(url("campaign-delivery", run)).context

    links = [(row.href, row.number) for row in context["rows"]]
    links += [(f.href, f.number) for f in context["failures"] if not f.href.startswith("#")]
    calls = [*context["found"].on_the_wire.oldest, *context["found"].unresolved.oldest]
    links += [(f"{context['rows_url']}&call={each.pk}", each.messages) for each in calls]

    assert len(links) == 11
    for href, number in links:
        assert (href, owner.get(href).context["page_obj"].paginator.count) == (href, number)


def test_open_calls_are_shown_with_their_age_and_what_settles_them(owner, run):
    page = owner.get(url("campaign-delivery", run))

    lost = page.context["found"].unresolved.oldest[1]
    content = page.content.decode()
    assert "1 call with 3 messages: begun, and not answered yet." in content
    assert "2 calls with 3 messages may or may not have reached the provider." in content
    assert "12\u00a0min ago" in content
    assert "read timeout" in content
    assert resolve.what_next(lost, now=timezone.now()) in content


def test_failed_messages_are_shown_by_reason(owner, run):
    failures = owner.get(url("campaign-delivery", run)).context["failures"]

    assert [(row.label, row.number) for row in failures] == [
        ("Refused by the provider: 550 5.1.1 no & user", 2),
        ("No sign from the provider: whoever has it all the same gets it twice", 1),
        ("The text could not be made", 1),
    ]


def test_quiet_run_says_so_in_every_part(owner, shop):
    content = owner.get(url("campaign-delivery", run_of(shop))).content.decode()

    for sentence in (
        "No call is open at a provider.",
        "Every call has been answered.",
        "No message has failed.",
        "Nothing of this run asks for a person.",
    ):
        assert sentence in content


def test_incidents_of_this_run_alone_are_shown(owner, run):
    mine = call(run.dispatch, "unknown")
    message = mine.communications.get()
    fields = {"shop": run.shop, "kind": "late_evidence"}
    shown = [
        Incident.objects.create(**fields, dispatch=run.dispatch, detail="of the run"),
        Incident.objects.create(**fields, attempt=mine, detail="of a call"),
        Incident.objects.create(**fields, communication=message, detail="of a message"),
    ]
    Incident.objects.create(**fields, dispatch=run_of(run.shop).dispatch, detail="another run")
    Incident.objects.create(
        **fields, dispatch=run.dispatch, detail="settled", resolved_at=timezone.now()
    )

    context = owner.get(url("campaign-delivery", run)).context

    assert {each.pk for each in context["incidents"]} == {each.pk for each in shown}


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        (Role.READ_ONLY, (0, 0, 0)),
        (Role.STAFF, (0, 0, 1)),
        (Role.MANAGER, (2, 1, 1)),
        (Role.OWNER, (2, 1, 1)),
    ],
)
def test_nobody_is_offered_what_he_may_not_do(sign_in, run, role, expected):
    Incident.objects.create(
        shop=run.shop, dispatch=run.dispatch, kind="late_evidence", detail="look"
    )

    content = sign_in(role).get(url("campaign-delivery", run)).content.decode()

    found = [content.count(part) for part in ("/release/", "/retry/", "/settle/")]
    assert tuple(found) == expected


def test_cancelled_run_offers_no_second_chance(owner, run):
    run.dispatch.state = "cancelled"
    run.dispatch.save()

    content = owner.get(url("campaign-delivery", run)).content.decode()

    assert "/release/" not in content
    assert "/retry/" not in content


@pytest.mark.parametrize(
    ("state", "on_the_wire", "status"),
    [
        ("preparing", 0, 200),
        ("running", 0, 200),
        ("paused", 0, 286),
        ("paused", 1, 200),  # what had begun is still answered
        ("done", 0, 286),
        ("cancelled", 0, 286),
    ],
)
def test_page_polls_only_while_something_moves(owner, shop, state, on_the_wire, status):
    run = run_of(shop, state=state)
    for _ in range(on_the_wire):
        call(run.dispatch, "sending")

    answer = owner.get(url("campaign-delivery-live", run), headers=HTMX)

    assert answer.status_code == status
    assert (b'hx-trigger="every 5s"' in answer.content) == (status == 200)


def test_undo_window_counts_down_by_the_second_with_a_form_to_cancel(owner, shop):
    run = run_of(shop, state="running", starts_at=timezone.now() + dt.timedelta(seconds=30))

    content = owner.get(url("campaign-delivery-live", run)).content.decode()

    assert 'hx-trigger="every 1s"' in content
    assert f'<form method="post" action="{url("campaign-cancel", run)}">' in content


def test_poll_brings_every_part_of_the_page_that_moves(owner, run):
    page = owner.get(url("campaign-delivery", run)).content.decode()
    poll = owner.get(url("campaign-delivery-live", run), headers=HTMX).content.decode()

    for part in ("counts", "wire", "unknown", "failed", "incidents"):
        assert f'id="{part}-panel" class="stack">' in page
        assert f'id="{part}-panel" class="stack" hx-swap-oob="true">' in poll


@pytest.mark.parametrize("state", ["sending", "unknown", "not_sent", "accepted"])
def test_page_asks_as_often_for_three_calls_as_for_one(owner, shop, state):
    run = run_of(shop, state="running")

    def make():
        made = call(run.dispatch, state, messages=2)
        refused(run.dispatch, reason=f"code {made.pk}")
        Incident.objects.create(shop=shop, attempt=made, kind="late_evidence", detail="look")
        Incident.objects.create(
            shop=shop,
            communication=made.communications.first(),
            kind="inbound_unclear",
            detail="no more?",
        )

    assert_same_queries(owner, url("campaign-delivery", run), make=make)


def test_campaign_page_leads_to_the_delivery_and_counts_the_unknown(owner, run):
    content = owner.get(url("campaign", run)).content.decode()

    assert f'href="{url("campaign-delivery", run)}"' in content
    assert "the outcome of 3 messages is not known" in content


def test_draft_has_no_delivery_yet(owner, shop):
    draft = DefinitionFactory(shop=shop)

    for name in ("campaign-delivery", "campaign-delivery-live"):
        answer = owner.get(reverse(name, args=[draft.pk]))
        assert answer.url == reverse("campaign", args=[draft.pk])


@pytest.mark.parametrize("name", ["campaign-delivery", "campaign-delivery-live"])
def test_anothers_delivery_is_not_there(owner, name):
    theirs = run_of(ShopFactory())

    assert owner.get(url(name, theirs)).status_code == 404


def test_home_tells_of_open_incidents_of_this_shop(owner, shop):
    Incident.objects.create(shop=ShopFactory(), kind="late_evidence", detail="theirs")
    before = owner.get("/").content.decode()
    Incident.objects.create(shop=shop, kind="late_evidence", detail="ours")

    after = owner.get("/").content.decode()

    assert "incident asks for a person" not in before
    assert "1 incident asks for a person" in after
