import datetime as dt

import pytest
from django.utils import timezone

from campaigns import engagement, progress
from campaigns.models import CampaignDefinition, CampaignResponse
from campaigns.tests.factories import DefinitionFactory, ExecutionFactory
from communications.models import DeliveryAttempt
from communications.tests.factories import CommunicationFactory
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db


def message(run, *, call="", **values):
    """A ledger row; ``call`` is the state of the call that it is in."""
    if call:
        now = timezone.now()
        begun = {} if call in {"claimed", "released"} else {"sending_at": now, "call_deadline": now}
        values["send_state"] = "in_call"
        values["attempt"] = DeliveryAttempt.objects.create(
            shop=run.shop,
            dispatch=run.dispatch,
            channel="email",
            state=call,
            claimed_at=now,
            lease_until=now,
            **begun,
        )
    return CommunicationFactory(dispatch=run.dispatch, **values)


def test_every_row_is_counted_once_under_the_right_word():
    run, other = ExecutionFactory(), ExecutionFactory()
    content = message(run).content
    for call in ("claimed", "sending", "accepted", "unknown", "not_sent"):
        message(run, call=call, content=content)
    message(run, send_state="blocked", reason="suppressed", content=content)
    message(run, send_state="rejected", reason="550", content=content)
    message(run, send_state="cancelled", content=content)
    CampaignResponse.objects.create(
        shop=run.shop, execution=run, customer=CustomerFactory(shop=run.shop), is_holdout=True
    )
    message(other)

    counts = progress.count([run])

    assert counts[run.pk].as_dict() == {
        "audience": 9,
        "pending": 3,
        "sent": 1,
        "blocked": 1,
        "rejected": 1,
        "unknown": 2,
        "cancelled": 1,
        "held_out": 1,
        "people": 1,
    }


def test_every_state_of_a_message_has_a_word():
    states = {*progress.SendState.values, *progress.InCall.values} - {"in_call"}

    assert states == set(progress.COUNTED_AS)


def test_current_execution_is_the_newest():
    definition = DefinitionFactory()
    ExecutionFactory(definition=definition, occurrence_key="one")
    newest = ExecutionFactory(definition=definition, occurrence_key="two")
    DefinitionFactory()

    found = progress.attach_executions(
        progress.with_current_execution(CampaignDefinition.objects.order_by("pk"))
    )

    assert [each.current_execution for each in found] == [newest, None]
    assert progress.current_execution(definition) == newest


def test_engagement_is_the_first_time_over_all_channels():
    run = ExecutionFactory()
    response = CampaignResponse.objects.create(
        shop=run.shop, execution=run, customer=CustomerFactory(shop=run.shop)
    )
    first = timezone.now()
    later = first + dt.timedelta(hours=1)
    email = message(run, customer=response.customer, clicked_at=later)
    message(run, customer=response.customer, channel="sms", clicked_at=first, replied_at=later)
    message(run, content=email.content, opened_at=first)  # somebody else's

    (found,) = engagement.attach([response])

    assert found.engagement == {
        "delivered_at": None,
        "bounced_at": None,
        "opened_at": None,
        "clicked_at": first,
        "replied_at": later,
        "unsubscribed_at": None,
        "complained_at": None,
    }
