"""What is scheduled: refused at once when it cannot start, and never started too late."""

import datetime as dt

import pytest
from django.utils import timezone

from barbershop.models import AuditEntry
from barbershop.tests.api import token_client
from barbershop.tests.factories import ShopFactory
from campaigns import execution, planning
from campaigns.models import CampaignDefinition, CampaignExecution
from campaigns.refusals import Conflict, Refused
from campaigns.tests.factories import EMAIL, DefinitionFactory, ExecutionFactory
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db

NOW = timezone.now().replace(microsecond=0)
HOUR = dt.timedelta(hours=1)
NO_OFFER = {"email": {"subject": "{{ offer_discount }} off", "message": "Come in"}}


@pytest.fixture
def shop():
    shop = ShopFactory()
    CustomerFactory(shop=shop)
    return shop


def body(**more):
    return {
        "campaign_name": "Autumn",
        "campaign_type": "email",
        "channels": EMAIL,
        "status": "scheduled",
        "scheduled_for": (NOW + 24 * HOUR).isoformat(),
    } | more


@pytest.mark.parametrize(("late", "starts"), [(2 * HOUR, True), (2.1 * HOUR, False)])
def test_scheduled_campaign_starts_at_most_two_hours_late(shop, late, starts):
    definition = DefinitionFactory(shop=shop, status="scheduled", scheduled_for=NOW)

    assert len(execution.start_due(now=NOW + late)) == starts

    definition.refresh_from_db()
    assert definition.status == ("active" if starts else "draft")
    assert definition.scheduled_for == NOW


def test_missed_campaign_is_on_record_with_its_reason(shop):
    definition = DefinitionFactory(shop=shop, status="scheduled", scheduled_for=NOW)

    execution.start_due(now=NOW + 72 * HOUR)
    execution.start_due(now=NOW + 73 * HOUR)

    entry = AuditEntry.objects.get()
    assert (entry.action, entry.object_id) == ("campaign.missed", str(definition.pk))
    assert entry.detail.after == {
        "status": "draft",
        "reason": "Its time had passed 72 hours before it could start; nothing was sent.",
        "scheduled_for": NOW.isoformat(),
    }
    assert CampaignExecution.objects.count() == 0


def test_campaign_that_cannot_start_is_on_record_with_its_reason():
    definition = DefinitionFactory(status="scheduled", scheduled_for=NOW)

    execution.start_due(now=NOW)

    entry = AuditEntry.objects.get()
    assert (entry.action, entry.object_id) == ("campaign.not_started", str(definition.pk))
    assert entry.detail.after["reason"].startswith("Nobody matches")


def test_what_cannot_start_cannot_be_scheduled(api, shop):
    definition = DefinitionFactory(shop=shop, channels=NO_OFFER)
    path = f"/api/campaigns/{definition.pk}"
    at = {"scheduled_for": (NOW + HOUR).isoformat()}

    answers = [
        api.post("/api/campaigns/create", body(channels=NO_OFFER)),
        api.post(f"{path}/schedule", at),
        api.patch(path, {"status": "scheduled", **at}),
    ]

    assert [answer.status_code for answer in answers] == [400, 400, 400]
    assert {answer.json()["error"]["code"] for answer in answers} == {"missing_value"}
    definition.refresh_from_db()
    assert (definition.status, definition.scheduled_for) == ("draft", None)
    assert CampaignDefinition.objects.count() == 1


def test_campaign_may_be_scheduled_before_anybody_matches():
    client = token_client(ShopFactory())

    assert client.post("/api/campaigns/create", body()).status_code == 201


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Asia/Tokyo"])
def test_time_without_an_offset_is_the_shops(zone):
    client = token_client(ShopFactory(timezone=zone))
    year = NOW.year + 2

    made = client.post("/api/campaigns/create", body(scheduled_for=f"{year}-01-01T09:00:00"))
    path = f"/api/campaigns/{made.json()['id']}/schedule"
    moved = client.post(path, {"scheduled_for": f"{year}-01-02T09:00:00"})

    assert (made.status_code, moved.status_code) == (201, 200)
    found = CampaignDefinition.objects.get().scheduled_for.astimezone(
        ShopFactory.build(timezone=zone).zone
    )
    assert (found.day, found.hour) == (2, 9)


def test_refusal_to_change_or_cancel_says_how_to_unschedule(api, shop):
    definition = DefinitionFactory(shop=shop, status="scheduled", scheduled_for=NOW + HOUR)
    path = f"/api/campaigns/{definition.pk}"

    for answer in (api.patch(path, {"campaign_name": "x"}), api.post(f"{path}/cancel", {})):
        assert answer.status_code == 409
        assert 'PATCH {"status": "draft"}' in answer.json()["error"]["message"]
    assert api.patch(path, {"status": "draft"}).json()["status"] == "draft"


@pytest.mark.parametrize(
    "verb",
    [
        execution.start,
        planning.delete,
        lambda gone: planning.edit(gone, fields={"name": "x"}),
        lambda gone: planning.schedule(gone, scheduled_for=NOW + HOUR),
    ],
)
def test_verb_on_a_campaign_that_was_just_deleted_is_a_conflict(verb):
    stale = DefinitionFactory()
    planning.delete(CampaignDefinition.objects.get())

    with pytest.raises(Conflict) as caught:
        verb(stale)

    assert caught.value.code == "deleted"


def test_run_cancelled_before_any_message_cannot_be_deleted_and_is_not_said_to_be_sent():
    run = ExecutionFactory(dispatch__state="cancelled")

    with pytest.raises(Conflict) as caught:
        planning.delete(run.definition)

    assert "even when nothing was sent" in caught.value.message


def test_offer_without_an_end_is_told_to_have_one(shop):
    definition = DefinitionFactory(
        shop=shop, channels={"email": {"subject": "Hi", "message": "Until {{ offer_expires_on }}"}}
    )
    planning.edit(definition, fields={"offer": {"discount_percentage": 20}})

    with pytest.raises(Refused) as caught:
        execution.start(CampaignDefinition.objects.get())

    assert "add valid_days" in caught.value.message
