"""From who matches to who is written to: foreseen, and counted from what was written."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from barbershop.tests.factories import ShopFactory
from campaigns import execution, waterfall
from campaigns.tests.factories import EMAIL, DefinitionFactory
from communications import delivery, outbox
from communications.models import CustomerCommunication, SenderIdentity
from customers.models import Customer
from customers.tests.consents import opt_in
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db

SMS = {"sms": {"message": "Hi {{customer_first_name}}, a chair is free."}}
NEW_YORK = ZoneInfo("America/New_York")


def at(hour):
    """In New York, on Friday the first of June 2035."""
    return dt.datetime(2035, 6, 1, hour, tzinfo=NEW_YORK).astimezone(dt.UTC)


def texted(shop, **fields):
    customer = CustomerFactory(shop=shop, **fields)
    opt_in(customer, "sms")
    return customer


def frozen(definition, *, now):
    run = execution.start(definition, now=now)
    execution.run(run.pk, now=now)
    return run


def buckets(found):
    channels = [
        (c.channel, c.considered, c.blocked, c.failed, c.now, c.later) for c in found.channels
    ]
    return found.matched, found.held_out, channels


def test_each_reason_is_counted_once_and_the_sum_is_everybody(shop):
    first = texted(shop)
    texted(shop, phone=first.phone)
    CustomerFactory(shop=shop)
    CustomerFactory(shop=shop, phone="")
    texted(ShopFactory())
    definition = DefinitionFactory(shop=shop, campaign_type="multi", channels=EMAIL | SMS)
    now = timezone.now()

    forecast = waterfall.forecast(definition, now=now)
    run = frozen(definition, now=now)
    fact = waterfall.fact(run, now=now)

    email, sms = forecast.channels
    assert (forecast.kind, fact.kind) == ("forecast", "fact")
    assert (email.considered, email.now, email.blocked) == (4, 4, {})
    # In the order in which the rules are asked.
    assert list(sms.blocked.items()) == [
        ("no_address", 1),
        ("no_consent", 1),
        ("duplicate_address", 1),
    ]
    assert (sms.considered, sms.now) == (4, 1)
    assert buckets(forecast) == buckets(fact)


def test_held_out_are_drawn_before_anything_else_is_asked(shop):
    CustomerFactory.create_batch(40, shop=shop, email="")
    definition = DefinitionFactory(shop=shop, holdout_percent=50)
    now = timezone.now()

    forecast = waterfall.forecast(definition, now=now)
    fact = waterfall.fact(frozen(definition, now=now), now=now)

    (email,) = forecast.channels
    assert 5 < forecast.held_out < 35
    assert email.blocked == {"no_address": 40 - forecast.held_out}
    assert buckets(forecast) == buckets(fact)


@pytest.mark.quiet_hours
def test_forecast_foresees_what_a_slow_number_cannot_pass_on_in_time(
    shop, providers, transactional_db
):
    """An ordinary number passes on one part a second; of the 40 seconds that are left the provider
    has five. Somebody further west has three hours more."""
    SenderIdentity.objects.create(
        shop=shop,
        channel="sms",
        address="+12125560100",
        registration="CTEST01",
        is_default=True,
    )
    for _ in range(9):
        texted(shop)
    texted(shop, phone="+12132340100")
    Customer.objects.update(created_at=at(0))
    definition = DefinitionFactory(shop=shop, campaign_type="sms", channels=SMS)
    shop.refresh_from_db()
    end = dt.datetime.combine(at(12).date(), shop.sms_window_end, NEW_YORK)
    now = end.astimezone(dt.UTC) - dt.timedelta(seconds=40)

    forecast = waterfall.forecast(definition, now=now)
    run = frozen(definition, now=now)
    before = waterfall.fact(run, now=now)
    while delivery.send_due(now=now):
        pass
    fact = waterfall.fact(run, now=now)

    (sms,) = forecast.channels
    assert (sms.now, sms.later, sms.blocked) == (6, 4, {})
    assert before.channels[0].later == 0
    assert buckets(forecast) == buckets(fact)
    assert forecast.next_at == fact.next_at
    assert fact.channels[0].cost_micros > 0


def test_cancelled_and_rejected_messages_are_no_receivers(shop):
    CustomerFactory.create_batch(3, shop=shop)
    run = frozen(DefinitionFactory(shop=shop), now=timezone.now())
    rejected = CustomerCommunication.objects.filter(dispatch=run.dispatch).first()
    CustomerCommunication.objects.filter(pk=rejected.pk).update(send_state="rejected", reason="550")
    outbox.cancel(run.dispatch)

    (email,) = waterfall.fact(run, now=timezone.now()).channels

    assert email.failed == {"rejected": 1, "cancelled": 2}
    assert (email.considered, email.now, email.later) == (3, 0, 0)


def test_fact_is_three_queries_however_many_there_are(shop, django_assert_num_queries):
    CustomerFactory.create_batch(3, shop=shop)
    run = frozen(DefinitionFactory(shop=shop), now=timezone.now())

    with django_assert_num_queries(3):
        waterfall.fact(run, now=timezone.now())


@pytest.mark.parametrize("policy", ["all", "first_available"])
def test_room_for_one_message_is_used_by_the_first_channel_and_foreseen(
    shop, providers, transactional_db, policy
):
    shop.cap_messages = 1
    shop.save()
    texted(shop)
    texted(shop, email="")
    definition = DefinitionFactory(
        shop=shop, campaign_type="multi", channels=EMAIL | SMS, channel_policy=policy
    )
    now = timezone.now()

    forecast = waterfall.forecast(definition, now=now)
    run = frozen(definition, now=now)
    before = waterfall.fact(run, now=now)
    while delivery.send_due(now=now):
        pass
    fact = waterfall.fact(run, now=now)

    email, sms = forecast.channels
    assert email.now == 1
    assert (sms.now, sms.blocked) == (1, {"frequency_cap": 1} if policy == "all" else {})
    assert buckets(forecast) == buckets(before) == buckets(fact)
