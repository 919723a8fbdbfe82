import datetime as dt

import pytest
from django.utils import timezone

from campaigns import tasks
from communications.signals import communication_events
from communications.tests.factories import CommunicationFactory
from customers.tests.factories import AppointmentFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def hints(monkeypatch):
    seen = []
    monkeypatch.setattr(tasks.credit_customers, "delay", lambda *args: seen.append(args))
    return seen


def test_report_about_somebody_who_booked_hints_at_him_alone(
    hints, django_capture_on_commit_callbacks
):
    booked, not_booked, long_ago = (CommunicationFactory() for _ in range(3))
    test_message = CommunicationFactory(customer=None, address="me@example.test")
    AppointmentFactory(customer=booked.customer)
    AppointmentFactory(customer=long_ago.customer, days_ago=400)
    ids = [m.pk for m in (booked, not_booked, long_ago, test_message)]

    with django_capture_on_commit_callbacks(execute=True):
        communication_events.send(sender=None, communication_ids=ids, now=timezone.now())

    assert hints == [(booked.shop_id, [booked.customer_id])]


def test_report_without_bookings_hints_at_nobody(hints, django_capture_on_commit_callbacks):
    message = CommunicationFactory()

    with django_capture_on_commit_callbacks(execute=True):
        communication_events.send(
            sender=None, communication_ids=[message.pk], now=timezone.now() + dt.timedelta(1)
        )

    assert hints == []
