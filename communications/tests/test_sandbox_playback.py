import threading

import pytest
from anymail.exceptions import AnymailWebhookValidationFailure
from anymail.webhooks.sendgrid import SendGridTrackingWebhookView
from django.test import RequestFactory
from twilio.base.exceptions import TwilioRestException
from twilio.request_validator import RequestValidator

from communications.sandbox import running_sandbox
from communications.tests.sandbox_clients import (
    CALLBACK,
    CUSTOMER,
    INBOUND_PATH,
    OUR_NUMBER,
    STATUS_PATH,
    mail,
    names,
    playing,
    post_mail,
    send_text,
    text_through,
)
from communications.tests.webhook_receiver import receiving

pytestmark = pytest.mark.filterwarnings("ignore::anymail.exceptions.AnymailNotSupportedWarning")


def test_events_carry_what_sendgrid_sends_and_our_ids_beside_it():
    with receiving() as receiver, playing(receiver) as sandbox:
        body = mail("ann+click@example.com", categories=["summer"])
        body["content"][0]["value"] = "See https://shop.example/c/token/ now"
        post_mail(sandbox, body)
        assert sandbox.settle()
        [line] = sandbox.accepted()
    events = receiver.events()
    by_name = {event["event"]: event for event in events}

    assert names(events) == ["processed", "delivered", "open", "click"]
    assert {event["communication"] for event in events} == {"c-0"}
    assert {event["email"] for event in events} == {"ann+click@example.com"}
    assert {event["sg_message_id"] for event in events} == {line["sg_message_id"]}
    assert {event["category"] for event in events} == {"summer"}
    assert len({event["sg_event_id"] for event in events}) == 4
    assert all(isinstance(event["timestamp"], int) for event in events)
    assert by_name["delivered"]["response"] == "250 OK"
    assert by_name["open"]["sg_machine_open"] is False
    assert by_name["click"]["url"] == "https://shop.example/c/token/"


def test_batch_is_signed_so_that_anymail_takes_it_and_nothing_else():
    with receiving() as receiver, playing(receiver) as sandbox:
        post_mail(sandbox, mail("ann+open@example.com"))
        sandbox.settle()
        view = SendGridTrackingWebhookView(tracking_webhook_verification_key=sandbox.public_key)
    received = receiver.requests[0]
    signature_headers = {k: v for k, v in received.headers.items() if k.startswith("X-Twilio")}

    def as_django(body):
        request = RequestFactory().post(
            "/", data=body, content_type="application/json", headers=signature_headers
        )
        view.validate_request(request)

    as_django(received.body)
    assert received.body.endswith(b"\r\n")
    for other in (received.body.strip(), received.body.replace(b"ann", b"bob")):
        with pytest.raises(AnymailWebhookValidationFailure):
            as_django(other)


def test_attempt_argument_is_lost_on_a_deferred_event_as_sendgrids_own_field_wins():
    with receiving() as receiver, playing(receiver) as sandbox:
        post_mail(sandbox, mail("ann+defer@example.com"))
        sandbox.settle()

    assert [(e["event"], e["attempt"]) for e in receiver.events()] == [
        ("processed", "a-1"),
        ("deferred", "1"),
        ("delivered", "a-1"),
    ]


def test_status_callbacks_come_in_order_and_are_signed_for_the_public_address():
    with receiving() as receiver, playing(receiver, outcomes={CUSTOMER: "delivered"}) as sandbox:
        sid = text_through(sandbox).sid
        assert sandbox.settle()
    forms = receiver.forms(STATUS_PATH)
    last = receiver.requests[-1]
    signature = last.headers["X-Twilio-Signature"]

    assert [form["MessageStatus"] for form in forms] == ["queued", "sent", "delivered"]
    assert {form["MessageSid"] for form in forms} == {sid}
    assert last.path == f"{STATUS_PATH}?communication=c-9"
    assert RequestValidator("secret").validate(CALLBACK, last.form, signature)
    assert not RequestValidator("other").validate(CALLBACK, last.form, signature)


def test_undelivered_callback_names_the_error():
    with receiving() as receiver, playing(receiver, outcomes={CUSTOMER: "undelivered"}) as sandbox:
        text_through(sandbox)
        sandbox.settle()

    form = receiver.forms(STATUS_PATH)[-1]
    assert (form["MessageStatus"], form["ErrorCode"]) == ("undelivered", "30003")


def test_reply_is_posted_signed_and_a_stop_is_kept_by_twilio_until_start():
    with receiving() as receiver, playing(receiver, outcomes={CUSTOMER: "stop"}) as sandbox:
        text_through(sandbox)
        sandbox.settle()
        with pytest.raises(TwilioRestException) as refused:
            text_through(sandbox)
        text_through(sandbox, from_="+12015550188")  # another number of ours is not affected
        sandbox.inbound(sender=CUSTOMER, to=OUR_NUMBER, body=" start ")
        sandbox.settle()
        text_through(sandbox)

    replies = [r for r in receiver.requests if r.path == INBOUND_PATH]
    first = replies[0].form
    url = f"https://shop.example{INBOUND_PATH}"
    assert refused.value.code == 21610
    assert (first["From"], first["To"], first["Body"]) == (CUSTOMER, OUR_NUMBER, "STOP")
    signature = replies[0].headers["X-Twilio-Signature"]
    assert RequestValidator("secret").validate(url, first, signature)
    assert "OptOutType" not in first


def test_messaging_service_says_that_it_has_acted_on_a_stop():
    with receiving() as receiver, playing(receiver, outcomes={CUSTOMER: "stop"}) as sandbox:
        text_through(sandbox, from_=None, messaging_service_sid="MG" + "2" * 32)
        sandbox.settle()

    assert receiver.forms(INBOUND_PATH)[0]["OptOutType"] == "STOP"


def test_followed_click_visits_the_tracked_link_instead_of_sending_an_event():
    with receiving() as receiver, playing(receiver, follow_links=True) as sandbox:
        body = mail("ann+click@example.com")
        body["content"] = [
            {"type": "text/html", "value": '<a href="https://other.example/">x</a>'},
            {"type": "text/html", "value": "unused"},
        ]
        body["content"][0]["value"] += '<a href="https://shop.example/c/tok-1/?a=1&amp;b=2">y</a>'
        post_mail(sandbox, body)
        sandbox.settle()

    [visit] = [r for r in receiver.requests if r.method == "GET"]
    assert visit.path == "/c/tok-1/?a=1&b=2"
    assert visit.headers["User-Agent"].startswith("Mozilla/5.0 (iPhone")
    assert names(receiver.events()) == ["processed", "delivered", "open"]


def test_followed_unsubscribe_uses_the_one_click_header():
    with receiving() as receiver, playing(receiver, follow_links=True) as sandbox:
        body = mail("ann+unsub@example.com")
        body["personalizations"][0]["headers"] = {
            "List-Unsubscribe": "<mailto:x@shop.example>, <https://shop.example/u/tok-1/>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
        post_mail(sandbox, body)
        sandbox.settle()

    [post] = [r for r in receiver.requests if r.path == "/u/tok-1/"]
    assert (post.method, post.form) == ("POST", {"List-Unsubscribe": "One-Click"})
    assert "unsubscribe" not in names(receiver.events())


def test_without_a_webhook_base_nothing_leaves_the_machine():
    with running_sandbox(speed=0, outcomes={CUSTOMER: "reply"}) as sandbox:
        post_mail(sandbox, mail("ann+click@example.com"))
        send_text(sandbox, status_callback=CALLBACK)
        assert sandbox.settle()

        assert sandbox.stats()["webhooks"] == {"pending": 0}


def test_without_a_webhook_base_a_loopback_callback_is_still_told():
    with receiving() as receiver, running_sandbox(speed=0) as sandbox:
        outcome = send_text(sandbox, status_callback=f"{receiver.url}/here/?communication=1")
        assert outcome.status == "queued"
        assert sandbox.settle()

    assert receiver.forms("/here/")[0]["MessageStatus"] == "queued"


def test_playback_is_bounded_and_says_what_it_left_out():
    with receiving() as receiver, playing(receiver, speed=3600, max_playing=5) as sandbox:
        people = [f"p{n}+open@example.com" for n in range(5)]
        post_mail(sandbox, mail(*people))
        post_mail(sandbox, mail(*people))
        stats = sandbox.stats()

    assert (stats["webhooks"]["pending"], stats["webhooks"]["unplayed"]) == (5, 5)
    assert stats["accepted"] == {"email": 10, "sms": 0}


def test_stop_leaves_pending_stories_and_returns(capfd):
    with receiving() as receiver, playing(receiver, speed=3600) as sandbox:
        post_mail(sandbox, mail(*(f"p{n}@example.com" for n in range(200))))
        text_through(sandbox)

    assert [t.name for t in threading.enumerate() if t.name.startswith("sandbox-")] == []
    assert capfd.readouterr().err == ""
