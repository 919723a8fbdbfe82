"""Reports about what we held for not sent: the ledger is corrected, and a person is told."""

import pytest
from django.utils import timezone

from communications import events
from communications.delivery import retry
from communications.models import AttemptDeparture, CustomerCommunication, DeliveryAttempt, Incident
from communications.tests.factories import CommunicationFactory
from communications.tests.reports import (
    email_event,
    fold_email,
    in_call,
    post_twilio,
    status_form,
    status_path,
)
from communications.tests.waiting import state_of

pytestmark = pytest.mark.django_db


def with_company(message, count=2):
    """The message and others of the same call."""
    others = [
        CommunicationFactory(
            dispatch=message.dispatch,
            content=message.content,
            send_state="in_call",
            attempt=message.attempt,
        )
        for _ in range(count)
    ]
    return [message, *others]


def left(state, *, outcome="requeued", **kwargs):
    """A message that is in this state after it has left a released call, and that call."""
    message = in_call(state="released", **kwargs)
    call = message.attempt
    AttemptDeparture.objects.create(
        shop=message.shop,
        attempt=call,
        communication=message,
        outcome=outcome,
        at=timezone.now(),
    )
    reason = {"blocked": "suppressed", "rejected": "400"}.get(state, "")
    CustomerCommunication.objects.filter(pk=message.pk).update(
        send_state=state, reason=reason, attempt=None
    )
    message.refresh_from_db()
    return message, call


def told(message, call, event="delivered", **fields) -> dict:
    return {**email_event(message, event), "attempt": str(call.uuid), **fields}


@pytest.mark.parametrize("state", ["pending", "blocked", "rejected", "cancelled"])
def test_report_puts_a_message_back_into_the_call_it_names(state):
    message, call = left(state)
    intruder, _ = left(state)

    fold_email(told(message, call), told(message, call, "open"))
    fold_email(told(message, call, "click"))

    message.refresh_from_db()
    call.refresh_from_db()
    assert (state_of(message), message.attempt, message.reason) == ("accepted", call, "")
    assert call.state == "accepted"
    assert message.delivery == CustomerCommunication.Delivery.DELIVERED
    assert state_of(intruder) == state
    incident = Incident.objects.get()
    assert (incident.kind, incident.attempt) == (Incident.Kind.LATE_EVIDENCE, call)
    assert "1 message held for not sent had gone out after all" in incident.detail


def test_report_makes_a_whole_call_accepted_that_counted_as_not_sent():
    messages = with_company(in_call(state="not_sent"))

    fold_email(email_event(messages[1], "delivered"), email_event(messages[0], "open"))

    assert [state_of(message) for message in messages] == ["accepted"] * 3
    incident = Incident.objects.get()
    assert incident.attempt == messages[0].attempt
    assert "3 messages held for not sent" in incident.detail


@pytest.mark.parametrize("state", ["unknown", "not_sent"])
def test_one_report_brings_back_everybody_whom_a_person_had_freed(state):
    messages = with_company(in_call(state=state))
    call = messages[0].attempt
    retry.free(call, by=None)

    fold_email(told(messages[1], call, "processed"))

    assert [state_of(message) for message in messages] == ["accepted"] * 3
    assert "3 messages held for not sent" in Incident.objects.get().detail


def test_report_about_a_message_that_was_tried_again_says_it_may_have_come_twice():
    messages = with_company(in_call(state="unknown"))
    call = messages[0].attempt
    retry.free(call, by=None)
    again = in_call(dispatch=messages[0].dispatch, content=messages[0].content).attempt
    CustomerCommunication.objects.filter(pk=messages[2].pk).update(
        send_state="in_call", attempt=again
    )

    fold_email(told(messages[0], call, "processed"))
    fold_email(told(messages[2], call, "open"))

    assert [state_of(message) for message in messages] == ["accepted"] * 3
    messages[2].refresh_from_db()
    assert messages[2].attempt == again
    detail = Incident.objects.get().detail
    assert "2 messages held for not sent had gone out after all" in detail
    assert "this person may have got it twice" in detail


def test_settled_incident_is_not_raised_again_by_the_next_report():
    message, call = left("pending")
    again = in_call(dispatch=message.dispatch, content=message.content).attempt
    CustomerCommunication.objects.filter(pk=message.pk).update(send_state="in_call", attempt=again)
    fold_email(told(message, call))
    Incident.objects.update(resolved_at=timezone.now())

    fold_email(told(message, call, "open"))

    assert Incident.objects.count() == 1


def test_report_to_an_address_that_another_message_has_changes_nothing():
    blocked, call = left("blocked")
    CustomerCommunication.objects.filter(pk=blocked.pk).update(reason="duplicate_address")
    other = CommunicationFactory(
        dispatch=blocked.dispatch, content=blocked.content, address=blocked.address
    )

    fold_email(told(blocked, call))

    assert [state_of(blocked), state_of(other)] == ["blocked", "pending"]
    assert Incident.objects.filter(communication=blocked).exists()


def test_two_blocked_messages_with_one_address_do_not_both_come_back():
    first, call = left("blocked")
    second, other_call = left("blocked", dispatch=first.dispatch, content=first.content)
    CustomerCommunication.objects.filter(pk=second.pk).update(address=first.address)

    fold_email(told(first, call), told(second, other_call))

    assert [state_of(first), state_of(second)] == ["accepted", "blocked"]
    assert events.fold() == 0


def test_call_that_never_began_is_not_accepted_by_a_report():
    message, call = left("pending")
    DeliveryAttempt.objects.filter(pk=call.pk).update(sending_at=None, call_deadline=None)

    fold_email(told(message, call))

    call.refresh_from_db()
    assert (call.state, state_of(message)) == ("released", "pending")
    assert Incident.objects.get().communication == message


def test_report_that_names_a_call_the_message_was_never_in_moves_no_message():
    message = CommunicationFactory(send_state="rejected", reason="400")
    stranger = in_call(state="accepted")

    fold_email(told(message, stranger.attempt))

    assert state_of(message) == "rejected"
    assert Incident.objects.get().communication == message


def test_report_about_one_brings_back_nobody_who_left_its_call_for_sure():
    """Refused in a batch that went again without him: the batch proves nothing about him."""
    message, call = left("rejected", outcome="rejected")
    other = in_call(dispatch=message.dispatch, content=message.content)
    CustomerCommunication.objects.filter(pk=other.pk).update(attempt=call)

    fold_email(told(other, call))

    assert state_of(message) == "rejected"


def test_late_report_about_a_text_keeps_the_providers_id():
    message = in_call(state="not_sent", channel="sms")

    post_twilio(status_path(message), status_form("delivered", sid="SM1"))
    events.fold()

    message.attempt.refresh_from_db()
    assert (message.attempt.state, message.attempt.provider_id) == ("accepted", "SM1")


def test_report_leaves_the_id_that_the_answer_gave():
    message = in_call(channel="sms")
    DeliveryAttempt.objects.update(provider_id="SM-answer")

    post_twilio(status_path(message), status_form("delivered", sid="SM-report"))
    events.fold()

    assert DeliveryAttempt.objects.get().provider_id == "SM-answer"


def test_reports_of_two_calls_in_one_batch_are_not_mixed_up():
    """Somebody else's report proves the call that he left for sure; his own names another."""
    message, call = left("rejected", outcome="rejected")
    other = in_call(dispatch=message.dispatch, content=message.content)
    stranger = other.attempt
    CustomerCommunication.objects.filter(pk=other.pk).update(attempt=call)

    fold_email(told(other, call), told(message, stranger))

    assert state_of(message) == "rejected"
