"""Campaigns set in motion in admin: asked first, confirmed by a token that counts once."""

import pytest
from django.urls import reverse
from django.utils import timezone

from barbershop.models import IdempotencyKey, Membership
from barbershop.tests.factories import MembershipFactory
from campaigns.models import (
    CampaignExecution,
)
from campaigns.tests.factories import DefinitionFactory, ExecutionFactory
from communications import outbox
from communications.models import Dispatch
from communications.tests.factories import CommunicationFactory, ContentFactory
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db
Role = Membership.Role
LIST = reverse("admin:campaigns_campaigndefinition_changelist")


@pytest.fixture
def sign_in(client, shop):
    def _sign_in(role=Role.MANAGER):
        client.force_login(MembershipFactory(shop=shop, role=role, user__is_staff=True).user)
        return client

    return _sign_in


@pytest.fixture
def draft(shop):
    CustomerFactory.create_batch(2, shop=shop)
    CustomerFactory(shop=shop, email="", phone="")
    return DefinitionFactory(shop=shop, name="Summer")


def chosen(action, *rows, **more) -> dict:
    return {"action": action, "_selected_action": [row.pk for row in rows], **more}


def confirm(client, action, *rows, url=LIST):
    """Ask, and say yes."""
    question = client.post(url, chosen(action, *rows))
    token = question.context["token"]
    return client.post(url, chosen(action, *rows, confirm_token=token), follow=True)


def texts(answer) -> list[str]:
    return [str(message) for message in answer.context["messages"]]


def test_the_question_tells_the_numbers_and_does_nothing(sign_in, draft):
    question = sign_in().post(LIST, chosen("execute", draft))

    facts = question.context["foreseen"][0][1].facts
    assert ("3", "customers match") in facts
    assert ("2", "will receive the email") in facts
    assert ("1", "will not: no address") in facts
    assert facts[-1][1] == "cost"
    assert not CampaignExecution.objects.exists()


def test_confirming_starts_the_campaign(sign_in, draft):
    client = sign_in()

    answer = confirm(client, "execute", draft)

    draft.refresh_from_db()
    run = CampaignExecution.objects.get()
    assert (draft.status, run.definition, run.started_by) == (
        "active",
        draft,
        answer.wsgi_request.user,
    )
    assert texts(answer) == ["Summer has been started; the first message goes in 30 seconds."]


def test_submitting_twice_acts_once(sign_in, shop):
    run = ExecutionFactory(definition__shop=shop)
    client = sign_in()
    token = client.post(LIST, chosen("pause", run.definition)).context["token"]
    yes = chosen("pause", run.definition, confirm_token=token)
    client.post(LIST, yes, follow=True)
    outbox.resume(run.dispatch)  # somebody else resumes it

    answer = client.post(LIST, yes, follow=True)

    assert texts(answer) == ["You confirmed this already: it was done once."]
    assert Dispatch.objects.get().state == "preparing"
    assert IdempotencyKey.objects.count() == 1


def test_a_token_counts_for_the_rows_the_action_and_the_person_it_was_shown_to(
    sign_in, client, shop
):
    run, other = ExecutionFactory.create_batch(2, definition__shop=shop)
    sign_in()
    token = client.post(LIST, chosen("pause", run.definition)).context["token"]

    for form_ in (
        chosen("pause", other.definition, confirm_token=token),
        chosen("cancel", run.definition, confirm_token=token),
        chosen("pause", run.definition, confirm_token="made-up"),
    ):
        assert "nothing was done" in texts(client.post(LIST, form_, follow=True))[0]
    sign_in()
    yes = chosen("pause", run.definition, confirm_token=token)
    assert "nothing was done" in texts(client.post(LIST, yes, follow=True))[0]
    assert set(Dispatch.objects.values_list("state", flat=True)) == {"running"}


def test_pause_resume_and_cancel_reach_the_run(sign_in, shop):
    run = ExecutionFactory(definition__shop=shop, dispatch__prepared_at=timezone.now())
    client = sign_in()

    for action, state in (("pause", "paused"), ("resume", "running"), ("cancel", "cancelled")):
        confirm(client, action, run.definition)
        run.dispatch.refresh_from_db()
        assert run.dispatch.state == state


def test_runs_have_the_same_controls(sign_in, shop):
    run = ExecutionFactory(definition__shop=shop)
    url = reverse("admin:campaigns_campaignexecution_changelist")

    confirm(sign_in(), "pause", run, url=url)

    run.dispatch.refresh_from_db()
    assert run.dispatch.state == "paused"


def test_what_is_not_possible_is_said_and_offers_no_button(sign_in, draft):
    question = sign_in().post(LIST, chosen("resume", draft))

    assert question.context["possible"] is False
    assert "It has not been executed yet." in question.content.decode()
    assert "Resume now" not in question.content.decode()


def test_a_refusal_in_the_last_moment_is_a_message(sign_in, draft, shop):
    client = sign_in()
    token = client.post(LIST, chosen("execute", draft)).context["token"]
    shop.postal_address = ""
    shop.save()

    answer = client.post(LIST, chosen("execute", draft, confirm_token=token), follow=True)

    assert "postal address" in texts(answer)[0]
    assert not CampaignExecution.objects.exists()


def test_staff_may_stop_but_not_send(sign_in, draft, shop):
    run = ExecutionFactory(definition__shop=shop)
    client = sign_in(Role.STAFF)

    page = client.get(LIST)
    client.post(LIST, chosen("execute", draft, confirm_token="x"))
    confirm(client, "pause", run.definition)

    offered = [value for value, _ in page.context["action_form"].fields["action"].choices]
    assert offered == ["", "delete_selected", "pause", "cancel", "duplicate"]
    assert CampaignExecution.objects.get() == run
    run.dispatch.refresh_from_db()
    assert run.dispatch.state == "paused"


def test_a_member_cannot_act_on_another_shops_campaign(sign_in):
    theirs = ExecutionFactory()
    client = sign_in(Role.OWNER)

    question = client.post(LIST, chosen("pause", theirs.definition))

    assert "foreseen" not in (question.context or {}) or question.context["foreseen"] == []
    theirs.dispatch.refresh_from_db()
    assert theirs.dispatch.state == "running"


def test_the_list_shows_how_far_each_has_come(sign_in, shop):
    run = ExecutionFactory(definition__shop=shop)
    content = ContentFactory(dispatch=run.dispatch)
    CommunicationFactory.create_batch(3, dispatch=run.dispatch, content=content)

    page = sign_in().get(LIST)

    assert '<progress max="3" value="0"></progress> 0 of 3' in page.content.decode()


def test_too_many_campaigns_are_not_confirmed_in_one_go(sign_in, shop):
    drafts = [DefinitionFactory(shop=shop) for _ in range(21)]

    answer = sign_in().post(LIST, chosen("execute", *drafts), follow=True)

    assert texts(answer) == ["Choose at most 20 at a time, so that each can be looked at."]
