import datetime as dt

import factory
from factory.django import DjangoModelFactory

from analytics.models import Alert
from barbershop.tests.factories import ShopFactory
from campaigns.models import CampaignResponse
from communications.models import CustomerCommunication, DeliveryAttempt
from communications.tests.factories import CommunicationFactory, ContentFactory
from customers.tests.factories import AppointmentFactory

Delivery = CustomerCommunication.Delivery


class AlertFactory(DjangoModelFactory):
    class Meta:
        model = Alert

    shop = factory.SubFactory(ShopFactory)
    kind = "bounces"
    key = factory.Sequence(lambda n: f"campaign:{n}")
    severity = Alert.Severity.WARNING
    title = "Many messages bounced"


def content_of(dispatch, channel="email"):
    found = dispatch.contents.filter(channel=channel).first()
    return found or ContentFactory(dispatch=dispatch, channel=channel)


def message(execution, *, channel="email", **fields):
    """A ledger row of a run; waiting, unless the fields say otherwise."""
    dispatch = execution.dispatch
    content = content_of(dispatch, channel)
    return CommunicationFactory(dispatch=dispatch, channel=channel, content=content, **fields)


def in_call(execution, *, state, at, channel="email", **fields):
    """A ledger row inside a provider call that is in the given state."""
    attempt = DeliveryAttempt.objects.create(
        shop=execution.shop,
        dispatch=execution.dispatch,
        channel=channel,
        state=state,
        message_count=1,
        claimed_at=at,
        lease_until=at + dt.timedelta(minutes=1),
        sending_at=at,
        call_deadline=at + dt.timedelta(seconds=35),
        answered_at=at,
    )
    fields = {"send_state": "in_call", "attempt": attempt, "attempt_count": 1, **fields}
    return message(execution, channel=channel, **fields)


def sent(execution, *, at, channel="email", **fields):
    """A ledger row that the provider accepted."""
    return in_call(execution, state="accepted", at=at, channel=channel, **fields)


def delivered(execution, *, at, channel="email", **fields):
    """A ledger row that arrived a minute after it was accepted."""
    arrived = {"delivery": Delivery.DELIVERED, "delivered_at": at + dt.timedelta(minutes=1)}
    return sent(execution, at=at, channel=channel, **arrived | fields)


def booking(execution, communication, *, at, revenue=3500, confirmed=False):
    """A booking credited to a message."""
    appointment = AppointmentFactory(
        customer=communication.customer,
        status="booked",
        booked_at=at,
        starts_at=at + dt.timedelta(days=3),
        price=revenue,
    )
    return CampaignResponse.objects.create(
        shop=execution.shop,
        execution=execution,
        customer=communication.customer,
        communication=communication,
        appointment=appointment,
        converted_at=at,
        credited_at=at,
        confirmed_at=at if confirmed else None,
        revenue=revenue,
    )
