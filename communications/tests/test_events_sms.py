import pytest

from communications import events
from communications.models import CustomerCommunication, Suppression
from communications.tests.reports import in_call, post_twilio, status_form, status_path

pytestmark = pytest.mark.django_db

Delivery = CustomerCommunication.Delivery


@pytest.mark.parametrize(
    ("status", "fields", "delivery", "code"),
    [
        ("queued", {}, Delivery.QUEUED, ""),
        ("sending", {}, Delivery.QUEUED, ""),
        ("sent", {}, Delivery.SENT, ""),
        ("delivered", {"RawDlrDoneDate": "2607171206"}, Delivery.DELIVERED, ""),
        ("read", {}, Delivery.DELIVERED, ""),
        ("undelivered", {"ErrorCode": "30005"}, Delivery.FAILED, "30005"),
        ("failed", {"ErrorCode": "30003"}, Delivery.FAILED, "30003"),
        ("something new", {}, Delivery.NONE, ""),
    ],
)
def test_status_of_each_kind_has_its_effect(status, fields, delivery, code):
    message, intruder = in_call(channel="sms", state="unknown"), in_call(channel="sms")

    answer = post_twilio(status_path(message), status_form(status, **fields))
    events.fold()

    message.refresh_from_db()
    intruder.refresh_from_db()
    assert answer.status_code == 200
    assert (message.delivery, message.error_code) == (delivery, code)
    assert message.attempt.state == "accepted"
    assert (intruder.delivery, intruder.proven_at) == (Delivery.NONE, None)
    assert Suppression.objects.count() == 0


def test_status_says_that_the_receiver_stopped_before():
    message, intruder = in_call(channel="sms"), in_call(channel="sms")

    for _ in range(2):
        post_twilio(status_path(message), status_form("failed", ErrorCode="21610"))
        events.fold()

    suppression = Suppression.objects.get()
    assert (suppression.cause, suppression.channel) == (Suppression.Cause.STOP, "sms")
    assert suppression.address_hmac == message.address_hmac
    said = message.customer.consents.values_list("topic", "decision", "source")
    assert sorted(said) == [
        ("appointments", "opted_out", "sms_stop"),
        ("marketing", "opted_out", "sms_stop"),
    ]
    assert intruder.customer.consents.count() == 0


def test_delivery_after_a_failure_wins():
    message = in_call(channel="sms")
    post_twilio(status_path(message), status_form("failed", ErrorCode="30003"))
    post_twilio(status_path(message), status_form("delivered"))

    events.fold()

    message.refresh_from_db()
    assert (message.delivery, message.error_code) == (Delivery.DELIVERED, "")
