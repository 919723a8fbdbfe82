import argparse
import datetime as dt
import re

import pytest
from django.core.management import ManagementUtility, call_command

from analytics.management.commands.tick import moment
from analytics.tests.factories import delivered
from campaigns.models import CampaignExecution, CampaignResponse, OfferCode, Referral
from campaigns.tests.factories import DefinitionFactory, ExecutionFactory, OfferFactory
from communications.models import CustomerCommunication
from communications.tests.reports import in_call
from customers.tests.factories import AppointmentFactory, CustomerFactory

pytestmark = pytest.mark.django_db

NINE = dt.datetime(2027, 5, 4, 13, 0, tzinfo=dt.UTC)


def tick(text):
    call_command("tick", f"--now={text}")


def test_tick_starts_what_is_due_and_writes_its_audience():
    due = DefinitionFactory(status="scheduled", scheduled_for=NINE)
    later = DefinitionFactory(status="scheduled", scheduled_for=NINE + dt.timedelta(hours=1))
    # Without an address, so that nothing is sent.
    nobody = CustomerFactory(shop=due.shop, email="")
    CustomerFactory(shop=later.shop, email="")

    tick("2027-05-04T13:00:00Z")

    run = CampaignExecution.objects.get()
    assert (run.definition, run.started_at) == (due, NINE)
    row = CustomerCommunication.objects.get()
    assert (row.customer, row.reason) == (nobody, "no_address")
    run.dispatch.refresh_from_db()
    assert run.dispatch.state == "done"


def test_tick_credits_bookings():
    run = ExecutionFactory(dispatch__state="done")
    mail = delivered(run, at=NINE, clicked_at=NINE + dt.timedelta(minutes=5))
    response = CampaignResponse.objects.create(shop=run.shop, execution=run, customer=mail.customer)
    visit = AppointmentFactory(
        customer=mail.customer,
        status="booked",
        booked_at=NINE + dt.timedelta(hours=1),
        starts_at=NINE + dt.timedelta(days=2),
    )

    tick("2027-05-04T16:00:00+01:00")

    response.refresh_from_db()
    assert response.appointment == visit


@pytest.mark.parametrize("text", ["yesterday", "2027-13-40T00:00:00Z", "2027-05-04T13:00:00"])
@pytest.mark.parametrize("command", ["tick", "explain --campaign=1 --customer=1"])
def test_moment_that_is_not_one_is_refused_in_one_sentence(command, text, capsys):
    with pytest.raises(SystemExit) as caught:
        ManagementUtility(["manage.py", *command.split(), f"--now={text}"]).execute()

    assert caught.value.code == 2
    assert f"argument --now: {text}" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["2026-11-22", "2026-11-22T09:30"])
def test_advice_about_a_missing_offset_can_be_followed(text):
    with pytest.raises(argparse.ArgumentTypeError) as caught:
        moment(text)

    advised = re.search(r"for example (\S+) or", str(caught.value))[1]
    assert moment(advised).date() == dt.date(2026, 11, 22)


def test_tick_resolves_calls_whose_outcome_is_unknown():
    message = in_call(state="unknown")
    late = message.attempt.call_deadline + dt.timedelta(hours=27)

    tick(late.isoformat())

    message.attempt.refresh_from_db()
    assert message.attempt.state == "not_sent"


def test_tick_rewards_friends():
    offer = OfferFactory()
    sam, friend = CustomerFactory.create_batch(2, shop=offer.shop)
    referral = Referral.objects.create(shop=offer.shop, referrer=sam, friend=friend, offer=offer)
    visited = referral.created_at + dt.timedelta(days=1)
    AppointmentFactory(customer=friend, starts_at=visited)

    tick((visited + dt.timedelta(hours=1)).isoformat())

    codes = OfferCode.objects.filter(referral=referral).order_by("customer")
    assert list(codes.values_list("customer", flat=True)) == [sam.pk, friend.pk]
