"""Calls in admin: what is open, released by a question and once; incidents settled with a name."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from barbershop.models import AuditEntry, Membership
from barbershop.tests.factories import MembershipFactory, ShopFactory
from barbershop.tests.query_counts import assert_same_queries
from communications.delivery import resolve
from communications.models import CustomerCommunication, DeliveryAttempt, Dispatch, Incident
from communications.tests.factories import CommunicationFactory, ContentFactory, DispatchFactory

pytestmark = pytest.mark.django_db
Role = Membership.Role
CALLS = reverse("admin:communications_deliveryattempt_changelist")
INCIDENTS = reverse("admin:communications_incident_changelist")
DISPATCHES = reverse("admin:communications_dispatch_changelist")


@pytest.fixture
def sign_in(client, shop):
    def as_(role=Role.MANAGER):
        client.force_login(MembershipFactory(shop=shop, role=role, user__is_staff=True).user)
        return client

    return as_


def call(shop, state, *, messages=1, dispatch=None, ago=dt.timedelta(minutes=12)):
    dispatch = dispatch or DispatchFactory(shop=shop, starts_at=timezone.now())
    began = timezone.now() - ago
    attempt = DeliveryAttempt.objects.create(
        shop=dispatch.shop,
        dispatch=dispatch,
        channel="email",
        state=state,
        message_count=messages,
        claimed_at=began,
        lease_until=began + dt.timedelta(minutes=1),
        sending_at=began,
        call_deadline=began + dt.timedelta(seconds=35),
    )
    content = ContentFactory(dispatch=dispatch)
    CommunicationFactory.create_batch(
        messages, dispatch=dispatch, content=content, send_state="in_call", attempt=attempt
    )
    return attempt


def ask(client, *rows, url=CALLS, action="release", **more):
    chosen = {"action": action, "_selected_action": [row.pk for row in rows]}
    return client.post(url, chosen | more, follow=True)


def confirm(client, *rows):
    return ask(client, *rows, confirm_token=ask(client, *rows).context["token"])


def said(answer) -> list[str]:
    return [str(message) for message in answer.context["messages"]]


def states(attempt) -> list[str]:
    rows = CustomerCommunication.objects.filter(dispatch=attempt.dispatch_id).with_state()
    return list(rows.values_list("state", flat=True))


def test_list_says_how_old_a_call_is_and_what_settles_it(sign_in, shop):
    lost = call(shop, "unknown", messages=3)

    content = sign_in().get(CALLS).content.decode()

    assert "12\u00a0min ago" in content
    assert "11\u00a0min ago" in content  # its deadline
    assert resolve.what_next(lost, now=timezone.now()) in content
    rows = reverse("admin:communications_customercommunication_changelist")
    assert f'href="{rows}?attempt__id__exact={lost.pk}"' in content


def test_number_of_messages_leads_to_them(sign_in, shop):
    lost = call(shop, "unknown", messages=2)
    call(shop, "unknown")
    rows = reverse("admin:communications_customercommunication_changelist")

    page = sign_in().get(rows, {"attempt__id__exact": lost.pk})

    assert {row.attempt_id for row in page.context["cl"].result_list} == {lost.pk}


def test_deadline_of_a_call_on_the_wire_is_in_the_future(sign_in, shop):
    call(shop, "sending", ago=dt.timedelta(seconds=5))

    content = sign_in().get(CALLS).content.decode()

    assert "in 29 s" in content or "in 30 s" in content


def test_release_asks_first_and_says_who_may_get_it_twice(sign_in, shop):
    lost = call(shop, "unknown", messages=2)

    question = ask(sign_in(), lost)

    facts = question.context["foreseen"][0][1].facts
    assert facts[0] == ("2", "people may get it twice, if the provider did take it")
    assert facts[1][1] == resolve.what_next(lost, now=timezone.now())
    assert states(lost) == ["unknown", "unknown"]


@pytest.mark.parametrize("state", ["unknown", "not_sent"])
def test_release_puts_the_messages_back_and_is_on_record(sign_in, shop, state):
    lost = call(shop, state, messages=2)

    answer = confirm(sign_in(), lost)

    assert said(answer) == [
        f"attempt {lost.pk} ({state}) is released: its messages wait to be sent again."
    ]
    assert states(lost) == ["pending", "pending"]
    entry = AuditEntry.objects.for_shop(shop).get(action="call.free")
    assert (entry.actor, entry.object_id) == (answer.wsgi_request.user, str(lost.pk))


def test_releasing_twice_acts_once(sign_in, shop):
    lost = call(shop, "unknown")
    client = sign_in()
    first, second = (ask(client, lost).context["token"] for _ in range(2))
    ask(client, lost, confirm_token=first)

    repeated = ask(client, lost, confirm_token=first)
    another = ask(client, lost, confirm_token=second)

    assert said(repeated) == ["You confirmed this already: it was done once."]
    assert said(another) == [
        f"attempt {lost.pk} (released): it was resolved before; nothing was done."
    ]
    assert AuditEntry.objects.for_shop(shop).filter(action="call.free").count() == 1


@pytest.mark.parametrize("state", ["sending", "accepted", "released"])
def test_only_calls_without_an_outcome_can_be_released(sign_in, shop, state):
    attempt = call(shop, state)

    question = ask(sign_in(), attempt)

    assert question.context["foreseen"][0][1].blocker != ""
    assert question.context["possible"] is False


def test_call_of_a_cancelled_run_is_not_released(sign_in, shop):
    lost = call(shop, "unknown", dispatch=DispatchFactory(shop=shop, state="cancelled"))

    assert ask(sign_in(), lost).context["possible"] is False


@pytest.mark.parametrize("role", [Role.READ_ONLY, Role.STAFF])
def test_release_needs_the_role_that_sends(sign_in, shop, role):
    lost = call(shop, "unknown")
    client = sign_in(role)

    ask(client, lost, confirm_token="made-up")

    page = client.get(CALLS)
    assert page.status_code == 200
    assert 'value="release"' not in page.content.decode()
    assert states(lost) == ["unknown"]


def test_manager_here_releases_nothing_where_he_only_works(sign_in, client, shop):
    elsewhere = ShopFactory()
    lost = call(elsewhere, "unknown")
    sign_in()
    user = Membership.objects.get(shop=shop).user
    MembershipFactory(shop=elsewhere, user=user, role=Role.STAFF)

    answer = ask(client, lost)

    assert said(answer) == ["Your role does not allow this for every row you chose."]
    assert states(lost) == ["unknown"]


def test_anothers_call_cannot_be_chosen(sign_in):
    theirs = call(ShopFactory(), "unknown")

    ask(sign_in(), theirs, confirm_token="made-up")

    assert states(theirs) == ["unknown"]


@pytest.mark.parametrize("state", ["sending", "unknown", "not_sent", "accepted"])
def test_list_asks_as_often_for_three_calls_as_for_one(sign_in, shop, state):
    assert_same_queries(sign_in(), CALLS, make=lambda: call(shop, state))


def test_pause_is_shown_with_its_cause_and_words(sign_in, shop):
    DispatchFactory(
        shop=shop,
        state="paused",
        pause_cause=Dispatch.PauseCause.BUDGET,
        paused_reason="The budget of July is spent.",
    )
    DispatchFactory(shop=shop)
    client = sign_in()

    page = client.get(DISPATCHES)
    found = client.get(DISPATCHES, {"pause_cause__exact": "budget"})

    assert "The budget is spent: The budget of July is spent." in page.content.decode()
    assert len(found.context["cl"].result_list) == 1


def test_settling_incidents_is_on_record_once_each(sign_in, shop):
    rows = [
        Incident.objects.create(shop=shop, kind="late_evidence", detail=f"number {number}")
        for number in range(2)
    ]
    client = sign_in(Role.STAFF)

    first = ask(client, *rows, url=INCIDENTS, action="resolve")
    second = ask(client, *rows, url=INCIDENTS, action="resolve")

    entries = AuditEntry.objects.for_shop(shop).filter(action="incident.settle")
    assert (said(first), said(second)) == (["2 settled."], ["0 settled."])
    assert [entry.object_id for entry in entries.order_by("seq")] == [str(row.pk) for row in rows]
