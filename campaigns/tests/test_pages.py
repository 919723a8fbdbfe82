"""The confirmation pages: what they promise, whom they let in, and what their button does."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from barbershop.models import Membership
from campaigns import execution
from campaigns.models import CampaignDefinition, CampaignExecution
from campaigns.tests.factories import DefinitionFactory, ExecutionFactory
from communications.models import CustomerCommunication
from communications.tests.factories import CommunicationFactory
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db
Role = Membership.Role
VERBS = ("execute", "pause", "resume", "cancel", "clone", "delete")


@pytest.fixture
def draft(shop):
    CustomerFactory.create_batch(2, shop=shop)
    CustomerFactory(shop=shop, email="")
    CustomerFactory()  # another shop's
    return DefinitionFactory(shop=shop, name="Summer")


@pytest.fixture
def running(shop):
    run = ExecutionFactory(
        definition__shop=shop, definition__status="active", dispatch__prepared_at=timezone.now()
    )
    CommunicationFactory(dispatch=run.dispatch)
    return run


def page(verb, definition) -> str:
    return reverse(f"campaign-{verb}", args=[definition.pk])


def test_execute_page_promises_what_the_send_then_does(sign_in, draft):
    client = sign_in()
    promised = client.get(page("execute", draft)).context["consequences"]

    answer = client.post(page("execute", draft))

    run = CampaignExecution.objects.get(definition=draft)
    execution.run(run.pk)
    rows = CustomerCommunication.objects.filter(dispatch=run.dispatch)
    assert answer.url == reverse("campaign", args=[draft.pk])
    assert promised[:3] == [
        (str(rows.count()), "customers match"),
        (str(rows.filter(send_state="pending").count()), "will receive the email"),
        (str(rows.filter(reason="no_address").count()), "will not: no address"),
    ]


def test_execute_leaves_thirty_seconds_to_change_ones_mind(sign_in, draft):
    before = timezone.now()

    sign_in().post(page("execute", draft))

    starts_at = CampaignExecution.objects.get(definition=draft).dispatch.starts_at
    assert starts_at >= before + dt.timedelta(seconds=30)


def test_execute_page_of_what_was_sent_has_no_button(sign_in, running):
    answer = sign_in().get(page("execute", running.definition))

    assert answer.context["blockers"] != []
    assert b'type="submit" class="button button-primary"' not in answer.content


def test_executing_twice_is_refused_and_starts_nothing(sign_in, draft):
    client = sign_in()
    client.post(page("execute", draft))

    again = client.post(page("execute", draft))

    assert again.status_code == 409
    assert CampaignExecution.objects.filter(definition=draft).count() == 1


def test_execute_asks_again_when_the_number_has_changed(sign_in, draft):
    client = sign_in()
    seen = client.get(page("execute", draft)).context["token"]
    CustomerFactory(shop=draft.shop)

    answer = client.post(page("execute", draft), {"token": seen})

    draft.refresh_from_db()
    assert (answer.status_code, draft.status) == (200, "draft")
    assert answer.context["token"] == "3"


def test_large_send_wants_the_number_typed(sign_in, draft, monkeypatch):
    monkeypatch.setattr("campaigns.views.TYPED_ABOVE", 1)
    client = sign_in()

    wrong = client.post(page("execute", draft), {"typed": "20"})
    draft.refresh_from_db()
    still = draft.status
    right = client.post(page("execute", draft), {"typed": " 2 "})

    assert (wrong.status_code, still, right.status_code) == (200, "draft", 302)


def test_campaign_that_reaches_nobody_cannot_be_sent(sign_in, shop):
    CustomerFactory(shop=shop, email="")
    draft = DefinitionFactory(shop=shop)

    answer = sign_in().post(page("execute", draft))

    assert answer.status_code == 400
    assert answer.context["blockers"] == ["Nobody who matches may be written to."]


def test_missing_postal_address_is_said_before_the_send(sign_in, draft):
    draft.shop.postal_address = ""
    draft.shop.save()

    answer = sign_in().get(page("execute", draft))

    assert "postal address" in answer.context["blockers"][0]


def test_pause_resume_and_cancel_follow_each_other(sign_in, running):
    client = sign_in()
    states = []
    for verb in ("pause", "resume", "cancel"):
        client.post(page(verb, running.definition))
        running.dispatch.refresh_from_db()
        states.append(running.dispatch.state)

    assert states == ["paused", "running", "cancelled"]


def test_cancel_page_counts_what_will_never_be_sent(sign_in, running):
    answer = sign_in().get(page("cancel", running.definition))

    assert answer.context["consequences"][0] == ("1", "messages will never be sent")


@pytest.mark.parametrize("verb", ["pause", "resume", "cancel"])
def test_verb_on_a_draft_is_refused_with_its_reason(sign_in, draft, verb):
    answer = sign_in().post(page(verb, draft))

    assert answer.status_code == 409
    assert answer.context["blockers"] == ["The campaign has not been executed yet."]


def test_clone_makes_a_draft_and_shows_it(sign_in, running):
    answer = sign_in().post(page("clone", running.definition))

    copy = CampaignDefinition.objects.get(status="draft")
    assert answer.url == reverse("campaign", args=[copy.pk])


def test_delete_takes_a_draft_and_leaves_what_was_sent(sign_in, draft, running):
    client = sign_in()

    gone = client.post(page("delete", draft))
    kept = client.post(page("delete", running.definition))

    assert (gone.status_code, kept.status_code) == (302, 409)
    assert list(CampaignDefinition.objects.values_list("pk", flat=True)) == [running.definition_id]


@pytest.mark.parametrize("verb", VERBS)
def test_anothers_campaign_is_not_there(sign_in, verb):
    theirs = DefinitionFactory()
    client = sign_in()

    assert client.get(page(verb, theirs)).status_code == 404
    assert client.post(page(verb, theirs)).status_code == 404


@pytest.mark.parametrize("verb", VERBS)
def test_who_only_reads_is_refused_with_a_sentence(sign_in, draft, verb):
    answer = sign_in(Role.READ_ONLY).post(page(verb, draft))

    draft.refresh_from_db()
    assert (answer.status_code, draft.status) == (403, "draft")
    assert b"Your role in this shop" in answer.content


@pytest.mark.parametrize(("verb", "status"), [("execute", 403), ("resume", 403), ("pause", 302)])
def test_staff_stop_but_do_not_send(sign_in, draft, running, verb, status):
    definition = draft if verb == "execute" else running.definition

    assert sign_in(Role.STAFF).post(page(verb, definition)).status_code == status


@pytest.mark.parametrize("verb", VERBS)
def test_stranger_is_asked_to_sign_in_and_comes_back(client, draft, verb):
    answer = client.post(page(verb, draft))

    assert answer.url == f"{reverse('login')}?next={page(verb, draft)}"


def test_person_without_a_shop_is_told_so(client, django_user_model):
    client.force_login(django_user_model.objects.create_user("new@example.test"))

    answer = client.get("/campaigns/")

    assert answer.status_code == 403
    assert b"You do not belong to any shop" in answer.content
