import datetime as dt

import pytest
from django.utils import timezone

from barbershop.models import AuditEntry
from barbershop.tests.factories import MembershipFactory, ShopFactory
from campaigns import automations, execution, materialising, offers, tasks
from campaigns.models import (
    Automation,
    CampaignDefinition,
    CampaignExecution,
    CampaignSegment,
    CampaignVariant,
)
from campaigns.refusals import Conflict, Refused
from campaigns.tests.factories import EMAIL, DefinitionFactory, ExecutionFactory
from communications.models import Dispatch, MessageContent
from customers.tests.factories import CustomerFactory, SegmentFactory

pytestmark = pytest.mark.django_db

SMS = {"sms": {"message": "Hi", "personalization": True}}


@pytest.fixture
def definition():
    found = DefinitionFactory()
    CustomerFactory(shop=found.shop)
    return found


def assert_untouched(definition):
    definition.refresh_from_db()
    assert definition.status == "draft"
    assert CampaignExecution.objects.count() == 0
    assert Dispatch.objects.count() == 0
    assert AuditEntry.objects.count() == 0


def test_start_freezes_the_content_and_prepares_one_run(definition):
    owner = MembershipFactory(shop=definition.shop).user
    now = timezone.now()

    run = execution.start(definition, by=owner, now=now)

    definition.refresh_from_db()
    assert definition.status == "active"
    assert (run.occurrence_key, run.started_by, run.started_at) == ("manual", owner, now)
    assert (run.dispatch.state, run.dispatch.kind) == ("preparing", "marketing")
    stored = MessageContent.objects.get(dispatch=run.dispatch)
    assert (stored.channel, stored.variant_label) == ("email", "A")
    assert stored.subject == EMAIL["email"]["subject"]
    assert AuditEntry.objects.get(action="campaign.start").actor == owner


def test_edited_variant_does_not_change_a_run_that_has_started(definition):
    run = execution.start(definition)

    CampaignVariant.objects.update(channels={"email": {"subject": "Later", "message": "Later"}})
    materialising.run(run.pk)

    assert MessageContent.objects.get(dispatch=run.dispatch).subject == EMAIL["email"]["subject"]


def test_second_start_is_refused_and_opens_nothing(definition):
    execution.start(definition)
    stale = CampaignDefinition.objects.get(pk=definition.pk)
    stale.status = "draft"  # as another process has read it

    with pytest.raises(Conflict) as caught:
        execution.start(stale)

    assert caught.value.code == "already_executed"
    assert "clone" in caught.value.message
    assert Dispatch.objects.count() == 1


def test_empty_audience_changes_nothing():
    definition = DefinitionFactory()
    CustomerFactory()  # another shop's

    with pytest.raises(Refused) as caught:
        execution.start(definition)

    assert caught.value.code == "empty_audience"
    assert_untouched(definition)


def test_campaign_without_content_cannot_start(definition):
    definition.variants.all().delete()

    with pytest.raises(Refused) as caught:
        execution.start(definition)

    assert caught.value.code == "no_content"
    assert_untouched(definition)


def test_email_without_a_postal_address_cannot_start(definition):
    definition.shop.postal_address = " "
    definition.shop.save()

    with pytest.raises(Refused) as caught:
        execution.start(definition)

    assert caught.value.code == "no_postal_address"
    assert_untouched(definition)


def test_text_without_a_sender_cannot_start(settings):
    settings.TWILIO_PHONE_NUMBER = ""
    definition = DefinitionFactory(campaign_type="sms", channels=SMS)
    CustomerFactory(shop=definition.shop)

    with pytest.raises(Refused) as caught:
        execution.start(definition)

    assert caught.value.code == "no_sms_sender"
    assert_untouched(definition)


def test_text_that_promises_a_discount_needs_an_offer(definition):
    said = {"email": {"subject": "{{ offer_discount }} off", "message": "Come in"}}
    definition.variants.update(channels=said)

    with pytest.raises(Refused) as caught:
        execution.start(definition)
    assert caught.value.code == "missing_value"
    assert_untouched(definition)

    definition.offer = offers.percent(
        shop=definition.shop, name="Summer", discount=20, valid_days=None
    )
    definition.save()
    assert execution.start(definition).pk


def test_campaign_of_an_automation_is_not_started_by_hand():
    shop = ShopFactory()
    CustomerFactory(shop=shop)
    automations.setup(shop=shop, rules=[automations.Rule(kind=Automation.Kind.BIRTHDAY)])

    with pytest.raises(Conflict) as caught:
        execution.start(CampaignDefinition.objects.get())

    assert caught.value.code == "run_by_automation"


def test_broker_that_is_away_does_not_stop_a_start(
    definition, monkeypatch, django_capture_on_commit_callbacks
):
    def away(*args):
        raise ConnectionError("no broker")

    monkeypatch.setattr(tasks.run_execution, "delay", away)

    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        run = execution.start(definition)

    assert len(callbacks) == 1
    assert materialising.run_waiting() == 1
    assert Dispatch.objects.get(pk=run.dispatch_id).state == "running"


def test_undo_window_holds_the_messages_back(definition):
    now = timezone.now()

    run = execution.start(definition, undo_seconds=60, now=now)
    materialising.run(run.pk, now=now)

    assert Dispatch.objects.get(pk=run.dispatch_id).starts_at == now + dt.timedelta(seconds=60)


@pytest.mark.parametrize("state", ["preparing", "running"])
def test_pause_and_resume_go_there_and_back(state):
    run = ExecutionFactory(
        dispatch__state=state,
        dispatch__prepared_at=timezone.now() if state == "running" else None,
    )

    assert execution.pause(run, reason="wrong price").current_status == "paused"
    assert Dispatch.objects.get(pk=run.dispatch_id).paused_reason == "wrong price"
    assert execution.resume(run).current_status == state
    assert list(AuditEntry.objects.order_by("seq").values_list("action", flat=True)) == [
        "campaign.pause",
        "campaign.resume",
    ]


@pytest.mark.parametrize(
    ("verb", "state", "code"),
    [
        (execution.pause, "paused", "not_running"),
        (execution.pause, "done", "not_running"),
        (execution.pause, "cancelled", "not_running"),
        (execution.resume, "running", "not_paused"),
        (execution.resume, "done", "not_paused"),
        (execution.cancel, "done", "already_over"),
        (execution.cancel, "cancelled", "already_over"),
    ],
)
def test_verb_that_does_not_fit_names_the_status_and_leaves_no_trace(verb, state, code):
    run = ExecutionFactory(dispatch__state=state)

    with pytest.raises(Conflict) as caught:
        verb(run)

    assert caught.value.code == code
    assert state in caught.value.message
    assert AuditEntry.objects.count() == 0


def test_scheduled_campaign_starts_when_its_time_has_come(definition):
    at = timezone.now() + dt.timedelta(hours=1)
    CampaignDefinition.objects.update(status="scheduled", scheduled_for=at)
    draft = DefinitionFactory(shop=definition.shop)

    assert execution.start_due(now=at - dt.timedelta(seconds=1)) == []
    (run,) = execution.start_due(now=at)
    assert execution.start_due(now=at) == []

    assert run.definition_id == definition.pk
    draft.refresh_from_db()
    assert draft.status == "draft"


def test_scheduled_campaign_that_cannot_start_becomes_a_draft_and_holds_nobody_up(definition):
    at = timezone.now()
    CampaignDefinition.objects.update(status="scheduled", scheduled_for=at)
    empty = DefinitionFactory(status="scheduled", scheduled_for=at)

    (run,) = execution.start_due(now=at)

    assert run.definition_id == definition.pk
    empty.refresh_from_db()
    assert empty.status == "draft"


def test_clone_is_a_draft_with_everything_but_the_past(definition):
    definition.target_criteria = {"spending_tier": "medium"}
    definition.save()
    CampaignSegment.objects.create(
        shop=definition.shop,
        definition=definition,
        segment=SegmentFactory(shop=definition.shop),
        mode="exclude",
    )

    copy = execution.clone(definition)

    assert (copy.status, copy.name) == ("draft", f"Copy of {definition.name}")
    assert copy.target_criteria == {"spending_tier": "medium"}
    assert copy.variants.get().channels == definition.variants.get().channels
    assert copy.campaign_segments.get().mode == "exclude"
    assert copy.executions.count() == 0
