import pytest
from django.utils import timezone

from communications.models import CustomerCommunication, Incident
from communications.tests.factories import CommunicationFactory
from communications.tests.reports import email_event, fold_email, in_call

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("state", ["sending", "unknown"])
def test_event_proves_the_whole_call(state):
    message = in_call(state=state)
    beside = CommunicationFactory(
        dispatch=message.dispatch,
        content=message.content,
        send_state="in_call",
        attempt=message.attempt,
    )
    now = timezone.now()

    fold_email(email_event(message, "processed"), now=now)

    message.attempt.refresh_from_db()
    assert message.attempt.state == "accepted"
    assert message.attempt.answered_at == now
    assert CustomerCommunication.objects.accepted().count() == 2
    beside.refresh_from_db()
    assert beside.proven_at is None


def test_event_leaves_other_calls_alone():
    intruder = in_call(state="unknown")

    fold_email(email_event(in_call(state="unknown"), "processed"))

    intruder.attempt.refresh_from_db()
    assert intruder.attempt.state == "unknown"


@pytest.mark.parametrize("state", ["pending", "blocked", "rejected", "cancelled"])
def test_report_about_a_message_never_sent_raises_one_incident(state):
    message = CommunicationFactory(send_state=state, reason="no_consent")

    fold_email(email_event(message, "delivered"), email_event(message, "open"))
    fold_email(email_event(message, "click"))

    incident = Incident.objects.get()
    message.refresh_from_db()
    assert incident.kind == Incident.Kind.LATE_EVIDENCE
    assert (incident.shop, incident.communication) == (message.shop, message)
    assert message.delivery == CustomerCommunication.Delivery.DELIVERED


@pytest.mark.parametrize("state", ["not_sent", "released"])
def test_report_about_a_call_held_for_unsent_raises_one_incident(state):
    message = in_call(state=state)

    fold_email(email_event(message, "delivered"))
    fold_email(email_event(message, "open"))

    incident = Incident.objects.get()
    assert (incident.kind, incident.attempt) == (Incident.Kind.LATE_EVIDENCE, message.attempt)


def test_ordinary_report_raises_no_incident():
    fold_email(email_event(in_call(), "delivered"))

    assert Incident.objects.count() == 0
