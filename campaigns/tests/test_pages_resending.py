"""Second chances: what their pages promise, whom they let in, and that they act once."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from barbershop.models import AuditEntry, Membership
from barbershop.tests.factories import MembershipFactory
from campaigns.tests.calls import call, refused
from campaigns.tests.factories import DefinitionFactory, ExecutionFactory
from communications.delivery import resolve
from communications.models import CustomerCommunication

pytestmark = pytest.mark.django_db
Role = Membership.Role


@pytest.fixture
def run(shop):
    now = timezone.now()
    return ExecutionFactory(
        definition__shop=shop,
        dispatch__state="done",
        dispatch__prepared_at=now,
        dispatch__starts_at=now,
        dispatch__finished_at=now,
    )


@pytest.fixture
def lost(run):
    return call(run.dispatch, "unknown", messages=2, ago=dt.timedelta(minutes=12))


@pytest.fixture
def sign_in(client, shop):
    def as_(role=Role.MANAGER):
        client.force_login(MembershipFactory(shop=shop, role=role).user)
        return client

    return as_


def release_of(attempt, run) -> str:
    return reverse("campaign-release", args=[run.definition_id, attempt.pk])


def retry_of(run) -> str:
    return reverse("campaign-retry", args=[run.definition_id])


def states(run) -> list[str]:
    rows = CustomerCommunication.objects.filter(dispatch=run.dispatch).with_state()
    return sorted(rows.values_list("state", flat=True))


def said(answer) -> list[str]:
    return [str(message) for message in answer.context["messages"]]


def test_release_page_says_how_many_may_get_it_twice_and_what_happens_without(sign_in, run, lost):
    context = sign_in().get(release_of(lost, run)).context

    assert context["consequences"] == [
        ("2", "people may get it twice, if the provider did take it")
    ]
    assert context["confirm_label"] == "Release 2 messages"
    assert resolve.what_next(lost, now=timezone.now()) in context["text"]
    assert states(run) == ["unknown", "unknown"]


def test_release_puts_the_messages_back_and_opens_the_run_again(sign_in, run, lost):
    kept = call(run.dispatch, "unknown")

    answer = sign_in().post(release_of(lost, run), follow=True)

    run.dispatch.refresh_from_db()
    kept.refresh_from_db()
    assert said(answer) == ["2 messages wait to be sent again."]
    assert answer.redirect_chain[-1][0] == reverse("campaign-delivery", args=[run.definition_id])
    assert (states(run), run.dispatch.state) == (["pending", "pending", "unknown"], "running")
    assert kept.state == "unknown"


def test_releasing_twice_acts_once(sign_in, run, lost):
    client = sign_in()
    client.post(release_of(lost, run))

    again = client.post(release_of(lost, run))

    assert again.status_code == 409
    assert again.context["blockers"] == ["This call is released."]
    assert AuditEntry.objects.for_shop(run.shop).filter(action="call.free").count() == 1
    assert states(run) == ["pending", "pending"]


def test_release_that_comes_too_late_says_so(sign_in, run, lost, monkeypatch):
    """The page was read while it was unknown; a report came before the button."""
    monkeypatch.setattr("campaigns.views_resending.retry.free", lambda *_, **__: 0)

    answer = sign_in().post(release_of(lost, run))

    assert answer.status_code == 409
    assert answer.context["blockers"] == [
        "Somebody or something was faster: it is resolved already."
    ]


@pytest.mark.parametrize("state", ["claimed", "sending", "accepted"])
def test_only_a_call_without_an_outcome_is_released(sign_in, run, state):
    attempt = call(run.dispatch, state)
    client = sign_in()

    page, answer = client.get(release_of(attempt, run)), client.post(release_of(attempt, run))

    assert (page.status_code, answer.status_code) == (200, 409)
    assert b'type="submit" class="button button-danger"' not in page.content
    assert states(run) == [state]


def test_call_of_a_cancelled_run_is_not_released(sign_in, run, lost):
    run.dispatch.state = "cancelled"
    run.dispatch.save()

    assert sign_in().post(release_of(lost, run)).status_code == 409
    assert states(run) == ["unknown", "unknown"]


def test_call_is_found_by_its_own_campaign_only(sign_in, shop, run, lost):
    another = ExecutionFactory(definition__shop=shop)

    assert sign_in().post(release_of(lost, another)).status_code == 404
    assert states(run) == ["unknown", "unknown"]


def test_retry_page_lists_the_reasons_and_retry_sends_them_again(sign_in, run):
    refused(run.dispatch, reason="21211", messages=2)
    refused(run.dispatch, state="blocked", reason="render_error")
    refused(run.dispatch, state="blocked", reason="no_consent")
    call(run.dispatch, "not_sent")
    call(run.dispatch, "unknown")
    call(run.dispatch, "accepted")
    client = sign_in()

    page = client.get(retry_of(run))
    answer = client.post(retry_of(run), follow=True)

    run.dispatch.refresh_from_db()
    promised = [int(number) for number, _ in page.context["consequences"]]
    assert page.context["consequences"][0] == ("2", "Refused by the provider: 21211")
    assert said(answer) == ["The failed messages wait to be sent again."]
    assert states(run) == ["accepted", "blocked", *["pending"] * sum(promised), "unknown"]
    assert run.dispatch.state == "running"


def test_retrying_twice_acts_once(sign_in, run):
    refused(run.dispatch, reason="21211")
    client = sign_in()
    client.post(retry_of(run))

    again = client.post(retry_of(run))

    assert again.status_code == 409
    assert again.context["blockers"] == ["No message of it has failed."]
    assert AuditEntry.objects.for_shop(run.shop).filter(action="campaign.retry").count() == 1


def test_retry_of_a_cancelled_run_is_refused(sign_in, run):
    refused(run.dispatch, reason="21211")
    run.dispatch.state = "cancelled"
    run.dispatch.save()

    answer = sign_in().post(retry_of(run))

    assert answer.status_code == 409
    assert answer.context["blockers"] == ["This campaign is cancelled: duplicate it."]
    assert states(run) == ["rejected"]


def test_retry_of_a_draft_is_refused(sign_in, shop):
    draft = DefinitionFactory(shop=shop)

    answer = sign_in().post(reverse("campaign-retry", args=[draft.pk]))

    assert answer.context["blockers"] == ["The campaign has not been executed yet."]


@pytest.mark.parametrize("role", [Role.READ_ONLY, Role.STAFF])
def test_second_chances_need_the_right_to_send(sign_in, run, lost, role):
    refused(run.dispatch, reason="21211")
    client = sign_in(role)

    for page in (release_of(lost, run), retry_of(run)):
        assert client.get(page).status_code == 403
        assert client.post(page).status_code == 403
    assert states(run) == ["rejected", "unknown", "unknown"]


def test_anothers_call_and_campaign_are_not_there(sign_in):
    theirs = ExecutionFactory()
    attempt = call(theirs.dispatch, "unknown")
    refused(theirs.dispatch, reason="21211")
    client = sign_in()

    for page in (release_of(attempt, theirs), retry_of(theirs)):
        assert client.get(page).status_code == 404
        assert client.post(page).status_code == 404
    assert states(theirs) == ["rejected", "unknown"]


def test_stranger_is_asked_to_sign_in_and_comes_back(client, run, lost):
    for page in (release_of(lost, run), retry_of(run)):
        assert client.post(page).url == f"{reverse('login')}?next={page}"
