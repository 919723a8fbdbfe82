"""Trying the failed messages of a run again: the verb, and its door in the API."""

import pytest

from barbershop.models import AuditEntry
from barbershop.tests.api import person_client, token_client
from barbershop.tests.factories import ShopFactory, UserFactory
from campaigns import execution
from campaigns.refusals import Conflict
from campaigns.tests.factories import DefinitionFactory, ExecutionFactory
from communications.models import CustomerCommunication, Dispatch
from communications.tests.factories import CommunicationFactory, ContentFactory
from communications.tests.reports import in_call

pytestmark = pytest.mark.django_db


@pytest.fixture
def run():
    definition = DefinitionFactory(shop=ShopFactory(), status="active")
    return ExecutionFactory(definition=definition, dispatch__state="done")


@pytest.fixture
def rejected(run):
    return CommunicationFactory(dispatch=run.dispatch, send_state="rejected", reason="400")


@pytest.fixture
def client(run):
    return token_client(run.shop)


def path(run) -> str:
    return f"/api/campaigns/{run.definition_id}/retry"


def state_of(message) -> str:
    return CustomerCommunication.objects.with_state().get(pk=message.pk).state


def test_retry_reopens_the_run_and_leaves_an_audit_entry(run, rejected):
    person = UserFactory()

    again = execution.retry_failed(run, by=person)

    assert again.current_status == "running"
    assert again.finished_at is None
    assert state_of(rejected) == "pending"
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor) == ("campaign.retry", person)
    assert entry.detail.after == {"execution": run.pk, "status": "running", "messages": 1}


@pytest.mark.parametrize(
    ("state", "code"), [("done", "nothing_failed"), ("cancelled", "cancelled")]
)
def test_retry_of_what_cannot_be_retried_changes_nothing(run, state, code):
    Dispatch.objects.update(state=state)
    same = {"dispatch": run.dispatch, "content": ContentFactory(dispatch=run.dispatch)}
    kept = [in_call(state=call, **same) for call in ("accepted", "unknown", "sending")]
    if state == "cancelled":
        kept.append(CommunicationFactory(send_state="rejected", reason="400", **same))
    before = [state_of(message) for message in kept]

    with pytest.raises(Conflict) as caught:
        execution.retry_failed(run)

    assert caught.value.code == code
    assert [state_of(message) for message in kept] == before
    assert Dispatch.objects.get(pk=run.dispatch_id).state == state
    assert AuditEntry.objects.count() == 0


def test_retry_hints_at_the_workers_after_commit(run, rejected, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as callbacks:
        execution.retry_failed(run)

    assert len(callbacks) == 1


@pytest.mark.parametrize("slash", ["", "/"])
def test_api_answers_with_the_execution(client, run, rejected, slash):
    intruder = CommunicationFactory(send_state="rejected", reason="400")

    response = client.post(path(run) + slash)

    assert response.status_code == 200
    body = response.json()
    assert (body["id"], body["status"], body["counts"]["pending"]) == (run.pk, "running", 1)
    assert state_of(intruder) == "rejected"


def test_api_says_409_when_nothing_failed_and_when_cancelled(client, run):
    assert client.post(path(run)).json()["error"]["code"] == "nothing_failed"
    Dispatch.objects.update(state="cancelled")

    response = client.post(path(run))

    assert (response.status_code, response.json()["error"]["code"]) == (409, "cancelled")


def test_api_refuses_a_body_and_a_campaign_that_was_never_executed(client, run, rejected):
    assert client.post(path(run), {"only": "sms"}).status_code == 400
    draft = DefinitionFactory(shop=run.shop)

    assert client.post(f"/api/campaigns/{draft.pk}/retry").status_code == 409
    assert state_of(rejected) == "rejected"


def test_same_key_retries_once(client, run, rejected):
    first = client.post(path(run), HTTP_IDEMPOTENCY_KEY="once")
    CustomerCommunication.objects.update(send_state="rejected", reason="400")

    again = client.post(path(run), HTTP_IDEMPOTENCY_KEY="once")

    assert (first.status_code, again.json()) == (200, first.json())
    assert state_of(rejected) == "rejected"


def test_retry_needs_the_right_to_send_and_the_own_shop(run, rejected):
    for client in (token_client(run.shop, ["read", "write"]), person_client(run.shop, "staff")):
        assert client.post(path(run)).status_code == 403
    assert token_client(ShopFactory()).post(path(run)).status_code == 404
    assert state_of(rejected) == "rejected"


def test_retry_stands_in_the_document(client):
    paths = client.get("/api/schema/?format=json").json()["paths"]

    assert list(paths["/api/campaigns/{id}/retry"]) == ["post"]
