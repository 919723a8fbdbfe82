"""Pausing answers with the calls that had begun: they cannot be called back."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from barbershop.models import Membership
from barbershop.tests.api import token_client
from barbershop.tests.factories import MembershipFactory
from campaigns.tests.calls import call
from campaigns.tests.factories import ExecutionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(shop):
    return ExecutionFactory(definition__shop=shop, dispatch__prepared_at=timezone.now())


def test_pause_lists_the_calls_that_had_begun(shop, run):
    older = call(run.dispatch, "sending", messages=3, ago=dt.timedelta(seconds=9))
    text = call(run.dispatch, "sending", channel="sms")
    for state in ("claimed", "accepted", "unknown"):
        call(run.dispatch, state)
    call(ExecutionFactory(definition__shop=shop).dispatch, "sending")

    answer = token_client(shop).post(f"/api/campaigns/{run.definition_id}/pause").json()

    assert answer["begun"] == [
        {
            "attempt": str(each.uuid),
            "messages": messages,
            "channel": each.channel,
            "began_at": each.sending_at.isoformat().replace("+00:00", "Z"),
        }
        for each, messages in ((older, 3), (text, 1))
    ]
    assert (answer["status"], answer["counts"]["audience"]) == ("paused", 7)


def test_pause_with_nothing_begun_lists_nothing(shop, run):
    answer = token_client(shop).post(f"/api/campaigns/{run.definition_id}/pause").json()

    assert answer["begun"] == []


def test_only_the_pause_answers_with_begun(shop, run):
    client = token_client(shop)
    client.post(f"/api/campaigns/{run.definition_id}/pause")

    resumed = client.post(f"/api/campaigns/{run.definition_id}/resume").json()

    assert "begun" not in resumed


@pytest.mark.parametrize(
    ("calls", "said"),
    [
        ([], "Paused. Nothing new is sent until you resume."),
        ([1], "Paused. 1 call with 1 message had already begun and will be answered."),
        ([2, 1], "Paused. 2 calls with 3 messages had already begun and will be answered."),
    ],
)
def test_the_page_says_what_had_begun(client, shop, run, calls, said):
    for messages in calls:
        call(run.dispatch, "sending", messages=messages)
    client.force_login(MembershipFactory(shop=shop, role=Membership.Role.STAFF).user)

    page = client.post(reverse("campaign-pause", args=[run.definition_id]), follow=True)

    assert [str(message) for message in page.context["messages"]] == [said]
