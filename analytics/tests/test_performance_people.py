"""Who is counted, and of what an opening can be seen."""

import datetime as dt

import pytest

from analytics import performance
from analytics.tests.factories import delivered
from campaigns.models import CampaignResponse
from campaigns.tests.factories import ExecutionFactory
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db

NINE = dt.datetime(2026, 5, 4, 13, 0, tzinfo=dt.UTC)
LATER = NINE + dt.timedelta(days=2)


@pytest.fixture
def execution():
    return ExecutionFactory(started_at=NINE, dispatch__state="done", dispatch__finished_at=LATER)


def test_open_rate_divides_by_delivered_emails_because_texts_cannot_be_opened(execution):
    both = CustomerFactory.create_batch(4, shop=execution.shop)
    for person in both:
        delivered(execution, at=NINE, customer=person, channel="sms")
    delivered(execution, at=NINE, customer=both[0], opened_at=NINE + dt.timedelta(hours=1))
    delivered(execution, at=NINE, customer=both[1])

    found = performance.of(execution.definition, now=LATER)

    assert (found.rates.open, found.channels["email"].rates.open) == (0.5, 0.5)
    assert found.channels["sms"].rates.open is None
    assert found.rates.click == 0.0


def test_open_rate_of_a_campaign_of_texts_is_not_known(execution):
    delivered(execution, at=NINE, channel="sms")

    found = performance.of(execution.definition, now=LATER)

    assert (found.rates.delivery, found.rates.open) == (1.0, None)


def test_people_are_counted_once_on_two_channels_and_in_two_runs(execution):
    ana, ben, held = CustomerFactory.create_batch(3, shop=execution.shop)
    again = ExecutionFactory(
        definition=execution.definition,
        occurrence_key="again",
        started_at=LATER,
        dispatch__state="done",
    )
    stranger = ExecutionFactory(definition__shop=execution.shop)
    for run, customer in ((execution, ana), (execution, ben), (again, ana), (stranger, held)):
        CampaignResponse.objects.create(shop=run.shop, execution=run, customer=customer)
        for channel in ("email", "sms"):
            delivered(run, at=NINE, customer=customer, channel=channel)
    CampaignResponse.objects.create(
        shop=again.shop, execution=again, customer=held, is_holdout=True
    )

    found = performance.of(execution.definition, now=LATER)

    assert (found.totals.targeted, found.totals.people) == (6, 3)
    assert (found.execution.counts.audience, found.execution.counts.people) == (2, 2)
