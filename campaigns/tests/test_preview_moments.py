"""The forecast of hours, caps and exclusions: what is promised is what the ledger then says."""

import datetime as dt
from collections import Counter
from zoneinfo import ZoneInfo

import pytest

from campaigns import execution, waterfall
from campaigns.models import CampaignDefinition
from campaigns.tests.factories import EMAIL, DefinitionFactory
from communications.models import CustomerCommunication, DeliveryAttempt, Dispatch
from communications.tests.reports import in_call
from customers.models import Customer
from customers.tests.consents import opt_in
from customers.tests.factories import AppointmentFactory, CustomerFactory

pytestmark = [pytest.mark.django_db, pytest.mark.quiet_hours]

SMS = {"sms": {"message": "Hi {{customer_first_name}}, a chair is free."}}
DAY = dt.timedelta(days=1)
NEW_YORK, LOS_ANGELES, NOWHERE = "+12122340100", "+12132340100", "+18002340100"


def at(hour, *, day=1):
    """In New York, in the week of June 2035 that begins on Friday the first."""
    zone = ZoneInfo("America/New_York")
    return dt.datetime(2035, 6, day, hour, tzinfo=zone).astimezone(dt.UTC)


def person(shop, **fields):
    customer = CustomerFactory(shop=shop, **fields)
    opt_in(customer, "sms")
    return customer


def had(customer, *, at, channel):
    message = in_call(
        channel=channel, customer=customer, dispatch__shop=customer.shop, queued_at=at
    )
    DeliveryAttempt.objects.filter(pk=message.attempt_id).update(sending_at=at)


@pytest.fixture
def crowd(shop):
    """Somebody for every rule, and families of whom only one is stopped by it."""
    person(shop, phone=NEW_YORK)
    person(shop, phone=NEW_YORK, zip="90001")
    person(shop, phone=LOS_ANGELES)
    person(shop, phone=NOWHERE)
    person(shop, phone=NOWHERE, zip="10001")
    for channel in ("sms", "email"):
        had(person(shop), at=at(12) - DAY, channel=channel)
    AppointmentFactory(customer=person(shop), status="booked", starts_at=at(12) + 2 * DAY)
    AppointmentFactory(customer=person(shop), status="completed", starts_at=at(12) - 3 * DAY)
    Customer.objects.update(created_at=at(0) - DAY)


def ledger(definition, *, now) -> dict:
    run = execution.start(definition, now=now)
    execution.run(run.pk, now=now)
    found: dict = {}
    for row in CustomerCommunication.objects.filter(dispatch=run.dispatch):
        counts = found.setdefault(row.channel, Counter())
        counts[row.reason or ("later" if row.not_before else "now")] += 1
    return found


@pytest.mark.parametrize("now", [at(12), at(10), at(3), at(20, day=2)])
@pytest.mark.parametrize("policy", ["all", "first_available"])
@pytest.mark.parametrize(("kind", "channels"), [("sms", SMS), ("multi", EMAIL | SMS)])
def test_forecast_is_what_the_freeze_writes_at_any_hour(shop, crowd, kind, channels, policy, now):
    definition = DefinitionFactory(
        shop=shop,
        campaign_type=kind,
        channels=channels,
        channel_policy=policy,
        excludes_booked=True,
        excludes_visited_days=7,
    )

    forecast = waterfall.forecast(definition, now=now)

    promised = {
        each.channel: +Counter(each.blocked | {"later": each.later, "now": each.now})
        for each in forecast.channels
        if each.considered
    }
    assert promised == ledger(definition, now=now)


def test_forecast_says_how_many_wait_and_until_when(shop, crowd):
    definition = DefinitionFactory(shop=shop, campaign_type="sms", channels=SMS)

    forecast = waterfall.forecast(definition, now=at(10))

    assert forecast.blocked == {"unknown_zone": 1, "frequency_cap": 1, "duplicate_address": 1}
    # The one in Los Angeles, and whoever shares his number with somebody there.
    assert (forecast.will_receive, forecast.later, forecast.next_at) == (6, 2, at(12))


def test_rows_wait_until_their_hours_and_are_not_claimed_in_vain(shop):
    near, far = person(shop, phone=NEW_YORK), person(shop, phone=LOS_ANGELES)
    Customer.objects.update(created_at=at(0) - DAY)
    definition = DefinitionFactory(shop=shop, campaign_type="sms", channels=SMS)

    run = execution.start(definition, now=at(10))
    execution.run(run.pk, now=at(10))

    rows = CustomerCommunication.objects.filter(dispatch=run.dispatch)
    assert dict(rows.values_list("customer", "not_before")) == {near.pk: None, far.pk: at(12)}


@pytest.mark.parametrize(
    ("category", "is_exempt"), [("birthday", True), ("welcome", True), ("promotional", False)]
)
def test_run_carries_the_campaigns_own_rules(shop, category, is_exempt):
    person(shop)
    Customer.objects.update(created_at=at(0) - DAY)
    definition = DefinitionFactory(
        shop=shop, category=category, excludes_booked=True, excludes_visited_days=7
    )

    run = execution.start(definition, now=at(10))

    dispatch = Dispatch.objects.get(pk=run.dispatch_id)
    assert dispatch.is_cap_exempt == is_exempt
    assert (dispatch.excludes_booked, dispatch.excludes_visited_days) == (True, 7)


def test_birthday_goes_to_somebody_who_has_had_enough(shop):
    lucky = person(shop)
    for _ in range(2):
        had(lucky, at=at(12) - DAY, channel="email")
    Customer.objects.update(created_at=at(0) - DAY)
    category = CampaignDefinition.Category

    usual = waterfall.forecast(DefinitionFactory(shop=shop), now=at(12))
    birthday = waterfall.forecast(
        DefinitionFactory(shop=shop, category=category.BIRTHDAY), now=at(12)
    )

    assert usual.blocked == {"frequency_cap": 1}
    assert birthday.will_receive == 1
