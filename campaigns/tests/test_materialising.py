import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from campaigns import execution, materialising, offers
from campaigns.models import CampaignDefinition, CampaignResponse, CampaignVariant
from campaigns.tests.factories import EMAIL, DefinitionFactory
from communications import outbox
from communications.models import CustomerCommunication, Dispatch, Suppression
from customers.models import Customer
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db

SMS = {"sms": {"message": "Hi", "personalization": True}}


def rows(execution):
    found = CustomerCommunication.objects.filter(dispatch=execution.dispatch_id).order_by("pk")
    return list(found.values_list("customer", "channel", "send_state", "reason"))


def suppress(customer, channel):
    hmac = customer.email_hmac if channel == "email" else customer.phone_hmac
    Suppression.objects.create(
        shop=customer.shop, channel=channel, address_hmac=hmac, cause="manual"
    )


def test_everybody_considered_gets_one_response_and_one_row(monkeypatch):
    definition = DefinitionFactory()
    people = CustomerFactory.create_batch(5, shop=definition.shop)
    CustomerFactory()  # another shop's
    monkeypatch.setattr(materialising, "CHUNK", 2)
    run = execution.start(definition)

    assert materialising.run(run.pk) == 5

    assert rows(run) == [(person.pk, "email", "pending", "") for person in people]
    assert CampaignResponse.objects.filter(execution=run, variant__label="A").count() == 5
    run.refresh_from_db()
    assert run.audience_complete_at is not None
    assert Dispatch.objects.get(pk=run.dispatch_id).state == "running"


def test_running_again_writes_nobody_twice():
    definition = DefinitionFactory()
    CustomerFactory.create_batch(3, shop=definition.shop)
    run = execution.start(definition)
    materialising.run(run.pk)
    before = rows(run)

    assert materialising.run(run.pk) == 0
    assert rows(run) == before


@pytest.mark.parametrize("dies_at", [1, 2, 3])
def test_killed_in_any_chunk_and_run_again_nobody_is_missed_or_doubled(monkeypatch, dies_at):
    definition = DefinitionFactory()
    people = CustomerFactory.create_batch(5, shop=definition.shop)
    monkeypatch.setattr(materialising, "CHUNK", 2)
    run = execution.start(definition)
    queue, calls = outbox.queue, []

    def dies(**kwargs):
        calls.append(1)
        written = queue(**kwargs)
        if len(calls) == dies_at:
            raise KeyboardInterrupt  # after the rows, before the commit
        return written

    monkeypatch.setattr(outbox, "queue", dies)
    with pytest.raises(KeyboardInterrupt):
        materialising.run(run.pk)
    assert len(rows(run)) == 2 * (dies_at - 1)
    assert Dispatch.objects.get(pk=run.dispatch_id).state == "preparing"

    assert materialising.run_waiting() == 5 - 2 * (dies_at - 1)
    assert [row[0] for row in rows(run)] == [person.pk for person in people]
    assert CampaignResponse.objects.filter(execution=run).count() == 5
    assert Dispatch.objects.get(pk=run.dispatch_id).state == "running"


def test_blocked_people_have_a_row_with_the_reason():
    definition = DefinitionFactory()
    fine, suppressed = CustomerFactory.create_batch(2, shop=definition.shop)
    without = CustomerFactory(shop=definition.shop, email="")
    twin = CustomerFactory(shop=definition.shop, email=fine.email)
    suppress(suppressed, "email")
    run = execution.start(definition)

    materialising.run(run.pk)

    assert rows(run) == [
        (fine.pk, "email", "pending", ""),
        (suppressed.pk, "email", "blocked", "suppressed"),
        (without.pk, "email", "blocked", "no_address"),
        (twin.pk, "email", "blocked", "duplicate_address"),
    ]


def test_every_channel_has_its_row_when_the_policy_is_all():
    definition = DefinitionFactory(campaign_type="multi", channels=EMAIL | SMS)
    person = CustomerFactory(shop=definition.shop)
    run = execution.start(definition)

    materialising.run(run.pk)

    assert rows(run) == [
        (person.pk, "email", "pending", ""),
        (person.pk, "sms", "blocked", "no_consent"),
    ]


def test_first_available_writes_only_the_first_channel_that_may_be_used():
    definition = DefinitionFactory(
        campaign_type="multi", channel_policy="first_available", channels=EMAIL | SMS
    )
    reachable, unreachable = CustomerFactory.create_batch(2, shop=definition.shop)
    suppress(unreachable, "email")
    run = execution.start(definition)

    materialising.run(run.pk)

    assert rows(run) == [
        (reachable.pk, "email", "pending", ""),
        (unreachable.pk, "email", "blocked", "suppressed"),
        (unreachable.pk, "sms", "blocked", "no_consent"),
    ]


@pytest.mark.parametrize("chunk", [1, 2_000])  # with 1, nobody of some chunks is messaged
def test_held_out_people_have_a_response_and_no_message(monkeypatch, chunk):
    monkeypatch.setattr(materialising, "CHUNK", chunk)
    definition = DefinitionFactory(holdout_percent=50)
    CustomerFactory.create_batch(40, shop=definition.shop)
    run = execution.start(definition)

    materialising.run(run.pk)

    held = set(
        CampaignResponse.objects.filter(execution=run, is_holdout=True).values_list(
            "customer", flat=True
        )
    )
    assert 0 < len(held) < 40
    assert held.isdisjoint(row[0] for row in rows(run))
    assert len(rows(run)) == 40 - len(held)


def test_each_arm_sends_its_own_content():
    definition = DefinitionFactory()
    other = {"email": {**EMAIL["email"], "subject": "The other one"}}
    CampaignVariant.objects.create(
        shop=definition.shop, definition=definition, label="B", channels=other
    )
    CustomerFactory.create_batch(30, shop=definition.shop)
    run = execution.start(definition)

    materialising.run(run.pk)

    arms = dict(
        CampaignResponse.objects.filter(execution=run).values_list("customer", "variant__label")
    )
    said = dict(
        CustomerCommunication.objects.filter(dispatch=run.dispatch_id).values_list(
            "customer", "content__variant_label"
        )
    )
    assert said == arms
    assert set(arms.values()) == {"A", "B"}


def test_audience_is_that_of_the_start():
    definition = DefinitionFactory()
    person = CustomerFactory(shop=definition.shop)
    run = execution.start(definition)
    late = CustomerFactory(shop=definition.shop)
    Customer.objects.filter(pk=late.pk).update(created_at=timezone.now() + dt.timedelta(days=1))

    materialising.run(run.pk)

    assert [row[0] for row in rows(run)] == [person.pk]


def test_cancelled_while_preparing_gets_no_further_rows(monkeypatch):
    definition = DefinitionFactory()
    CustomerFactory.create_batch(4, shop=definition.shop)
    monkeypatch.setattr(materialising, "CHUNK", 2)
    run = execution.start(definition)
    write = materialising._write

    def write_and_cancel(plan, ids, **kwargs):
        write(plan, ids, **kwargs)
        execution.cancel(run)

    monkeypatch.setattr(materialising, "_write", write_and_cancel)

    assert materialising.run(run.pk) == 2
    assert [row[2] for row in rows(run)] == ["cancelled", "cancelled"]


def test_paused_while_preparing_is_completed_and_stays_paused():
    definition = DefinitionFactory()
    CustomerFactory(shop=definition.shop)
    run = execution.start(definition)
    execution.pause(run)

    assert materialising.run_waiting() == 1
    assert Dispatch.objects.get(pk=run.dispatch_id).state == "paused"
    execution.resume(run)
    assert Dispatch.objects.get(pk=run.dispatch_id).state == "running"


def test_criteria_that_cannot_be_read_any_more_fail_the_execution():
    definition = DefinitionFactory()
    CustomerFactory(shop=definition.shop)
    run = execution.start(definition)
    CampaignDefinition.objects.filter(pk=definition.pk).update(target_criteria={"gone": 1})

    assert materialising.run(run.pk) == 0

    run.refresh_from_db()
    assert "gone" in run.failure
    assert Dispatch.objects.get(pk=run.dispatch_id).state == "failed"
    assert materialising.run_waiting() == 0


def test_offer_reaches_every_message_as_flat_strings():
    definition = DefinitionFactory()
    definition.offer = offers.percent(
        shop=definition.shop, name="Summer", discount=25, valid_days=30
    )
    definition.save()
    CustomerFactory(shop=definition.shop)
    run = execution.start(definition, now=dt.datetime(2099, 6, 1, 12, tzinfo=dt.UTC))

    materialising.run(run.pk)

    values = CustomerCommunication.objects.get(dispatch=run.dispatch_id).values
    assert values == {
        "offer_discount": "25%",
        "offer_in_words": "percent 25",
        "offer_expires_on": "2099-07-01",
    }


def test_addresses_are_asked_once_for_a_whole_chunk(django_assert_max_num_queries):
    definition = DefinitionFactory()
    CustomerFactory.create_batch(30, shop=definition.shop)
    run = execution.start(definition)

    with django_assert_max_num_queries(40):
        materialising.run(run.pk)


@pytest.mark.services
def test_database_counts_its_rows_anew_whenever_the_audience_has_doubled(monkeypatch):
    definition = DefinitionFactory()
    CustomerFactory.create_batch(12, shop=definition.shop)
    monkeypatch.setattr(materialising, "ASKED_AT_ONCE", 2)
    run = execution.start(definition)

    with CaptureQueriesContext(connection) as asked:
        materialising.run(run.pk)

    counted = [query["sql"] for query in asked if query["sql"].startswith("ANALYZE")]
    assert counted == ['ANALYZE "campaign_responses"', 'ANALYZE "customer_communications"'] * 3


def test_stale_answer_to_who_is_missing_writes_nobody_twice(monkeypatch):
    definition = DefinitionFactory()
    people = CustomerFactory.create_batch(3, shop=definition.shop)
    run = execution.start(definition)
    ids = [person.pk for person in people]
    plan = materialising._plan(run)
    materialising._write(plan, ids[:2], now=None)
    answers = iter([ids, []])
    monkeypatch.setattr(materialising, "_missing", lambda *args, **kwargs: next(answers))

    assert materialising.run(run.pk) == 1
    assert [row[0] for row in rows(run)] == ids
