"""Running campaigns through the API, and reading what came of them."""

import pytest
from django.utils import timezone

from barbershop.tests.api import person_client, token_client
from barbershop.tests.query_counts import assert_same_queries
from campaigns import materialising
from campaigns.models import CampaignDefinition, CampaignExecution, CampaignResponse
from campaigns.tests.factories import DefinitionFactory, ExecutionFactory
from communications.models import CustomerCommunication, Dispatch
from communications.tests.factories import CommunicationFactory
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db

COUNTS = (
    *("audience", "pending", "sent", "blocked", "rejected", "unknown", "cancelled"),
    *("held_out", "people"),
)


@pytest.fixture
def definition(shop):
    CustomerFactory.create_batch(2, shop=shop)
    CustomerFactory(shop=shop, email="")
    return DefinitionFactory(shop=shop)


def refused(response, status=400):
    assert response.status_code == status, response.content
    return response.json()["error"]


def counts(**given):
    return dict.fromkeys(COUNTS, 0) | given


@pytest.mark.parametrize("slash", ["", "/"])
def test_execute_answers_202_with_the_execution(api, definition, slash):
    response = api.post(f"/api/campaigns/{definition.pk}/execute{slash}")

    assert response.status_code == 202
    body = response.json()
    run = CampaignExecution.objects.get()
    assert (body["id"], body["campaign"]) == (run.pk, definition.pk)
    assert (body["status"], body["occurrence_key"]) == ("preparing", "manual")
    assert (body["finished_at"], body["counts"]) == (None, counts())


def test_prepared_campaign_shows_its_counts_everywhere(api, definition):
    api.post(f"/api/campaigns/{definition.pk}/execute")
    materialising.run_waiting()

    shown = api.get(f"/api/campaigns/{definition.pk}").json()
    listed = api.get("/api/campaigns/list").json()["results"][0]
    run = api.get(f"/api/executions/{shown['execution']['id']}").json()

    assert shown == listed
    assert shown["status"] == "active"
    assert shown["execution"] == run
    assert run["status"] == "running"
    assert run["counts"] == counts(audience=3, pending=2, blocked=1, people=3)


def test_executing_twice_is_a_conflict_that_says_clone(api, definition):
    api.post(f"/api/campaigns/{definition.pk}/execute")

    error = refused(api.post(f"/api/campaigns/{definition.pk}/execute"), 409)

    assert error["code"] == "already_executed"
    assert "clone" in error["message"]
    assert Dispatch.objects.count() == 1


def test_empty_audience_is_refused_and_leaves_a_draft(api, shop):
    definition = DefinitionFactory(shop=shop)
    CustomerFactory()

    error = refused(api.post(f"/api/campaigns/{definition.pk}/execute"))

    assert error["code"] == "empty_audience"
    assert CampaignDefinition.objects.get().status == "draft"


@pytest.mark.parametrize(
    "body", [{"undo": 5}, {"undo_seconds": -1}, {"undo_seconds": "soon"}, {"undo_seconds": 10**9}]
)
def test_execute_with_wrong_options_is_refused(api, definition, body):
    refused(api.post(f"/api/campaigns/{definition.pk}/execute", body))

    assert CampaignExecution.objects.count() == 0


def test_pause_resume_and_cancel_answer_with_the_execution(api, definition):
    path = f"/api/campaigns/{definition.pk}"
    api.post(f"{path}/execute")
    materialising.run_waiting()

    paused = api.post(f"{path}/pause").json()
    assert (paused["status"], paused["counts"]["pending"]) == ("paused", 2)
    assert api.post(f"{path}/resume").json()["status"] == "running"
    cancelled = api.post(f"{path}/cancel").json()

    assert cancelled["status"] == "cancelled"
    assert cancelled["finished_at"] is not None
    assert cancelled["counts"] == counts(audience=3, blocked=1, cancelled=2, people=3)


def test_pausing_what_does_not_run_names_what_it_is(api, definition):
    path = f"/api/campaigns/{definition.pk}"
    assert "draft" in refused(api.post(f"{path}/pause"), 409)["message"]

    api.post(f"{path}/execute")
    api.post(f"{path}/cancel")

    for verb in ("pause", "resume", "cancel"):
        assert "cancelled" in refused(api.post(f"{path}/{verb}"), 409)["message"]


def test_verb_without_parameters_refuses_some(api, definition):
    api.post(f"/api/campaigns/{definition.pk}/execute")

    error = refused(api.post(f"/api/campaigns/{definition.pk}/pause", {"minutes": 5}))

    assert list(error["fields"]) == ["minutes"]


def test_clone_of_an_executed_campaign_is_a_draft(api, definition):
    api.post(f"/api/campaigns/{definition.pk}/execute")

    response = api.post(f"/api/campaigns/{definition.pk}/clone")

    assert response.status_code == 201
    assert (response.json()["status"], response.json()["execution"]) == ("draft", None)


@pytest.mark.parametrize("verb", ["execute", "resume", "schedule"])
def test_what_sends_needs_the_right_to_send(definition, verb):
    path = f"/api/campaigns/{definition.pk}/{verb}"

    for client in (
        token_client(definition.shop, ["read", "write"]),
        person_client(definition.shop, "staff"),
    ):
        assert client.post(path).status_code == 403
    assert CampaignDefinition.objects.get().status == "draft"


def test_stopping_needs_only_the_right_to_write(definition):
    execute = token_client(definition.shop).post(f"/api/campaigns/{definition.pk}/execute")
    assert execute.status_code == 202

    staff = person_client(definition.shop, "staff")

    assert staff.post(f"/api/campaigns/{definition.pk}/pause").status_code == 200
    assert staff.post(f"/api/campaigns/{definition.pk}/cancel").status_code == 200


def test_repeated_execute_with_one_key_is_one_execution(api, definition):
    path = f"/api/campaigns/{definition.pk}/execute"

    first = api.post(path, HTTP_IDEMPOTENCY_KEY="once")
    second = api.post(path, HTTP_IDEMPOTENCY_KEY="once")

    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json() == second.json()


def test_executions_are_filtered_and_only_ones_own(api, shop):
    running = ExecutionFactory(definition=DefinitionFactory(shop=shop))
    ExecutionFactory(definition=DefinitionFactory(shop=shop), dispatch__state="done")
    theirs = ExecutionFactory()

    def found(query):
        return [each["id"] for each in api.get(f"/api/executions/?{query}").json()["results"]]

    assert found("status=running") == [running.pk]
    assert found(f"campaign={running.definition_id}") == [running.pk]
    assert found(f"campaign={theirs.definition_id}") == []
    assert api.get(f"/api/executions/{theirs.pk}").status_code == 404


def test_response_shows_the_person_the_arm_and_what_he_did(api, definition):
    api.post(f"/api/campaigns/{definition.pk}/execute")
    materialising.run_waiting()
    at = timezone.now().replace(microsecond=0)
    message = CustomerCommunication.objects.order_by("pk").first()
    CustomerCommunication.objects.filter(pk=message.pk).update(opened_at=at)
    CampaignResponse.objects.create(  # another shop's
        shop=(run := ExecutionFactory()).shop,
        execution=run,
        customer=CustomerFactory(shop=run.shop),
    )

    body = api.get("/api/responses/").json()
    (shown,) = (each for each in body["results"] if each["customer"] == message.customer_id)

    assert len(body["results"]) == 3
    assert shown["campaign"] == definition.pk
    assert (shown["variant"], shown["is_holdout"]) == ("A", False)
    assert shown["opened_at"] == at.isoformat().replace("+00:00", "Z")
    assert (shown["clicked_at"], shown["appointment"], shown["revenue"]) == (None, None, 0)
    assert api.get(f"/api/responses/{shown['id']}").json() == shown
    assert api.get("/api/responses/?converted=true").json()["results"] == []
    assert len(api.get("/api/responses/?converted=false").json()["results"]) == 3


def busy_campaign(shop):
    run = ExecutionFactory(definition=DefinitionFactory(shop=shop, status="active"))
    person = CustomerFactory(shop=shop)
    CampaignResponse.objects.create(shop=shop, execution=run, customer=person)
    CommunicationFactory(dispatch=run.dispatch, customer=person)


@pytest.mark.parametrize("noun", ["campaigns", "executions", "responses"])
def test_list_asks_as_often_for_many_busy_campaigns_as_for_one(api, shop, noun):
    assert_same_queries(api, f"/api/{noun}/", make=lambda: busy_campaign(shop))
