"""Runs in admin: where each stands this moment, in the ledger's numbers."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from barbershop.models import Membership
from barbershop.tests.factories import MembershipFactory
from barbershop.tests.query_counts import assert_same_queries
from campaigns.tests.calls import call, refused
from campaigns.tests.factories import ExecutionFactory
from communications.models import Incident

pytestmark = pytest.mark.django_db
LIST = reverse("admin:campaigns_campaignexecution_changelist")


@pytest.fixture
def member(client, shop):
    role = Membership.Role.READ_ONLY
    client.force_login(MembershipFactory(shop=shop, role=role, user__is_staff=True).user)
    return client


def change(run) -> str:
    return reverse("admin:campaigns_campaignexecution_change", args=[run.pk])


def test_run_shows_where_it_stands(member, shop):
    run = ExecutionFactory(
        definition__shop=shop, dispatch__state="paused", dispatch__paused_reason="too dear"
    )
    call(run.dispatch, "sending", messages=2)
    call(run.dispatch, "unknown", messages=3, ago=dt.timedelta(minutes=5))
    call(run.dispatch, "accepted")
    refused(run.dispatch, state="blocked", reason="no_consent")
    Incident.objects.create(shop=shop, dispatch=run.dispatch, kind="late_evidence", detail="?")

    content = member.get(change(run)).content.decode()

    for part in (
        "too dear",
        "2 pending + 1 sent + 1 blocked + 0 rejected + 3 unknown + 0 cancelled = 7",
        "1 call with 2 messages",
        "1 call with 3 messages",
    ):
        assert part in content


def test_unknown_calls_of_a_run_are_one_link_away(member, shop):
    run = ExecutionFactory(definition__shop=shop)
    lost = [call(run.dispatch, state) for state in ("unknown", "not_sent")]
    call(run.dispatch, "accepted")
    call(ExecutionFactory(definition__shop=shop).dispatch, "unknown")
    content = member.get(change(run)).content.decode()
    calls = reverse("admin:communications_deliveryattempt_changelist")
    query = f"?dispatch__id__exact={run.dispatch_id}&amp;state__in=not_sent,unknown"

    page = member.get(calls + query.replace("&amp;", "&"))

    assert f'href="{calls}{query}"' in content
    assert {row.pk for row in page.context["cl"].result_list} == {each.pk for each in lost}


def test_list_counts_what_nobody_knows(member, shop):
    run = ExecutionFactory(definition__shop=shop)
    call(run.dispatch, "unknown", messages=3)
    call(run.dispatch, "accepted")

    assert "1 of 4, 3 not known" in member.get(LIST).content.decode()


def test_list_asks_as_often_for_three_runs_as_for_one(member, shop):
    def make():
        run = ExecutionFactory(
            definition__shop=shop,
            dispatch__state="paused",
            dispatch__paused_reason="lunch",
            started_at=timezone.now(),
        )
        call(run.dispatch, "unknown")

    assert_same_queries(member, LIST, make=make)
