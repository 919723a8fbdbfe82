"""Times of the explainer and of the waterfall are in UTC, as all of the API's."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
import time_machine

from analytics.tests.factories import delivered
from barbershop.tests.api import token_client
from barbershop.tests.factories import ShopFactory
from campaigns import execution
from campaigns.tests.factories import DefinitionFactory, ExecutionFactory
from customers.models import Customer
from customers.tests.consents import opt_in
from customers.tests.factories import AppointmentFactory, CustomerFactory

pytestmark = [pytest.mark.django_db, pytest.mark.quiet_hours]
DAY = dt.timedelta(days=1)
NEW_YORK = ZoneInfo("America/New_York")
NIGHT = dt.datetime(2035, 6, 5, 3, tzinfo=NEW_YORK)
NINE = "2035-06-05T13:00:00Z"


@pytest.fixture(autouse=True)
def at_night():
    with time_machine.travel(NIGHT, tick=False):
        yield


@pytest.fixture
def customer():
    found = CustomerFactory(shop=ShopFactory(timezone="America/New_York"), phone="+12122340100")
    opt_in(found, "sms")
    Customer.objects.update(created_at=NIGHT - 90 * DAY)
    return found


def texts(shop, **fields):
    sms = {"sms": {"message": "A chair is free."}}
    return DefinitionFactory(shop=shop, campaign_type="sms", channels=sms, **fields)


def answer_of(definition, path):
    answer = token_client(definition.shop).get(f"/api/campaigns/{definition.pk}/{path}")
    assert answer.status_code == 200, answer.content
    return answer.json()


def moments_in(said):
    """Every text that is a moment."""
    if isinstance(said, dict | list):
        for each in said.values() if isinstance(said, dict) else said:
            yield from moments_in(each)
    elif isinstance(said, str) and "T" in said:
        try:
            yield said, dt.datetime.fromisoformat(said)
        except ValueError:
            return


def test_moments_of_what_waits_for_the_morning_are_in_utc(customer):
    definition = texts(customer.shop)

    said = answer_of(definition, f"explain?customer={customer.pk}")
    forecast = answer_of(definition, "waterfall")["forecast"]
    run = execution.start(definition)
    execution.run(run.pk)
    fact = answer_of(definition, "waterfall")["fact"]
    after = answer_of(definition, f"explain?customer={customer.pk}")

    (sms,) = said["channels"]
    (row,) = after["runs"][0]["messages"]
    assert (said["qualifies_at"], sms["not_before"], row["not_before"]) == (NINE, NINE, NINE)
    assert (forecast["next_at"], fact["next_at"]) == (NINE, NINE)
    found = list(moments_in([said, forecast, fact, after]))
    assert len(found) > 8
    assert {text[-1] for text, _ in found} == {"Z"}


def test_moments_of_events_and_of_criteria_are_in_utc(customer):
    AppointmentFactory(customer=customer, starts_at=NIGHT - 9 * DAY, booked_at=NIGHT - 9 * DAY)
    definition = DefinitionFactory(
        shop=customer.shop, target_criteria={"last_visit_days": {"min": 30}}
    )
    run = ExecutionFactory(definition=definition, dispatch__state="done", started_at=NIGHT - DAY)
    delivered(run, customer=customer, at=NIGHT - DAY, opened_at=NIGHT - DAY / 2)

    said = answer_of(definition, f"explain?customer={customer.pk}")

    assert said["qualifies_at"] == "2035-06-26T07:00:00Z"
    found = list(moments_in(said))
    assert len(found) > 4
    assert {text[-1] for text, _ in found} == {"Z"}
