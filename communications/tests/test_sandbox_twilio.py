import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import pytest
import requests
from twilio.base.exceptions import TwilioRestException

from communications.sandbox import running_sandbox
from communications.tests.sandbox_clients import (
    ACCOUNT,
    CUSTOMER,
    OUR_NUMBER,
    send_text,
    twilio_client,
)

SERVICE = "MG" + "2" * 32
CALLBACK = "https://shop.example/webhooks/twilio/status/?communication=c-9&attempt=a-1"


@pytest.fixture
def sandbox():
    with running_sandbox(events=False, outcomes={CUSTOMER: "silent"}) as running:
        yield running


def messages_url(sandbox, tail="Messages.json"):
    return f"{sandbox.twilio_url}/2010-04-01/Accounts/{ACCOUNT}/{tail}"


def test_accepted_text_is_answered_as_a_queued_message(sandbox):
    message = send_text(sandbox, status_callback=CALLBACK)

    assert re.fullmatch(r"SM[0-9a-f]{32}", message.sid)
    assert (message.status, message.num_segments, message.price) == ("queued", "1", None)
    assert (message.to, message.from_, message.account_sid) == (CUSTOMER, OUR_NUMBER, ACCOUNT)
    assert message.uri == f"/2010-04-01/Accounts/{ACCOUNT}/Messages/{message.sid}.json"
    assert datetime.now(UTC) - message.date_created < timedelta(minutes=1)


def test_accepted_text_is_recorded_with_our_ids_and_its_price(sandbox):
    message = send_text(sandbox, body="a" * 161, status_callback=CALLBACK, validity_period=600)

    [line] = sandbox.accepted()
    assert (line["provider"], line["kind"], line["message_id"]) == ("twilio", "sms", message.sid)
    assert (line["communication"], line["attempt"]) == ("c-9", "a-1")
    assert (line["status_callback"], line["validity_period"]) == (CALLBACK, "600")
    assert (line["body"], line["segments"]) == ("a" * 161, 2)
    assert line["price_micros"] == 2 * (8_300 + 3_500)


def test_price_of_an_unlisted_country_is_not_guessed(sandbox):
    send_text(sandbox, to="+447700900123")

    assert sandbox.accepted()[0]["price_micros"] is None


def test_messaging_service_assigns_sender_and_segments_after_the_answer(sandbox):
    message = send_text(sandbox, from_=None, messaging_service_sid=SERVICE)
    later = twilio_client(sandbox).messages(message.sid).fetch()

    assert (message.from_, message.num_segments) == (None, "0")
    assert (later.from_, later.num_segments) == ("+15005550006", "1")
    assert later.messaging_service_sid == SERVICE


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"to": "2015550123"}, 21211),
        ({"to": "+15005550001"}, 21211),
        ({"to": "+15005550009"}, 21614),
        ({"to": "+15005550003"}, 21408),
        ({"to": "+15005550004"}, 21610),
        ({"to": OUR_NUMBER}, 21266),
        ({"from_": "+15005550001"}, 21212),
        ({"from_": "+15005550008"}, 21611),
        ({"from_": None}, 21603),
        ({"body": ""}, 21602),
        ({"body": "a" * 1601}, 21617),
        ({"status_callback": "not-a-url"}, 21609),
        ({"from_": None, "messaging_service_sid": "MG1"}, 21701),
    ],
)
def test_refused_text_names_twilios_code_and_is_not_recorded(sandbox, change, code):
    with pytest.raises(TwilioRestException) as refused:
        send_text(sandbox, **change)

    assert (refused.value.status, refused.value.code) == (400, code)
    assert sandbox.accepted() == []


def test_error_has_exactly_twilios_four_fields(sandbox):
    response = requests.post(messages_url(sandbox), auth=(ACCOUNT, "t"), data={}, timeout=10)

    assert response.json() == {
        "code": 21603,
        "message": "A 'From' phone number is required.",
        "more_info": "https://www.twilio.com/docs/errors/21603",
        "status": 400,
    }


@pytest.mark.parametrize("auth", [None, ("AC" + "9" * 32, "token"), (ACCOUNT, "")])
def test_request_without_the_accounts_credentials_is_unauthorised(sandbox, auth):
    response = requests.get(messages_url(sandbox), auth=auth, timeout=10)

    assert (response.status_code, response.json()["code"]) == (401, 20003)


def test_enforced_token_refuses_all_others():
    with running_sandbox(events=False, twilio_token="right") as sandbox:
        with pytest.raises(TwilioRestException) as refused:
            twilio_client(sandbox, token="wrong").messages("SM" + "0" * 32).fetch()

        assert refused.value.code == 20003
        assert twilio_client(sandbox, token="right").messages.list() == []


def test_delivered_text_has_its_price_without_the_carriers_fee():
    with running_sandbox(events=False, speed=0, outcomes={CUSTOMER: "delivered"}) as sandbox:
        sid = send_text(sandbox).sid
        sandbox.settle()
        message = twilio_client(sandbox).messages(sid).fetch()

    assert (message.status, message.price, message.price_unit) == ("delivered", "-0.00830", "USD")
    assert message.date_sent >= message.date_created


def test_undelivered_text_says_why():
    with running_sandbox(events=False, speed=0, outcomes={CUSTOMER: "undelivered"}) as sandbox:
        sid = send_text(sandbox).sid
        sandbox.settle()
        message = twilio_client(sandbox).messages(sid).fetch()

    assert (message.status, message.error_code) == ("undelivered", 30003)


def test_unknown_message_is_not_found(sandbox):
    with pytest.raises(TwilioRestException) as refused:
        twilio_client(sandbox).messages("SM" + "0" * 32).fetch()

    assert (refused.value.status, refused.value.code) == (404, 20404)


def test_message_of_another_account_is_not_found(sandbox):
    sid = send_text(sandbox).sid
    stranger = twilio_client(sandbox, account="AC" + "9" * 32)

    with pytest.raises(TwilioRestException) as refused:
        stranger.messages(sid).fetch()
    assert refused.value.status == 404
    assert stranger.messages.list() == []


def test_list_filters_by_recipient_sender_and_date(sandbox):
    wanted = send_text(sandbox, body="for you").sid
    send_text(sandbox, to="+12015550177")
    send_text(sandbox, from_="+12015550188")
    hour = timedelta(hours=1)
    now = datetime.now(UTC)

    def found(**more):
        some = twilio_client(sandbox).messages.list(to=CUSTOMER, from_=OUR_NUMBER, **more)
        return [(message.sid, message.body) for message in some]

    assert found(date_sent_after=now - hour) == [(wanted, "for you")]
    assert found(date_sent_after=now + hour) == []
    assert found(date_sent_before=now - hour) == []
    assert found(date_sent=now) == [(wanted, "for you")]


def test_list_pages_newest_first_and_is_not_shifted_by_new_messages(sandbox):
    sids = [send_text(sandbox, body=f"text {n}").sid for n in range(5)]
    first = twilio_client(sandbox).messages.page(page_size=2)
    seen = [message.sid for message in first]
    send_text(sandbox, body="a newcomer")
    page = first
    while page := page.next_page():
        seen += [message.sid for message in page]

    assert seen == sids[::-1]


def test_unreadable_date_is_refused(sandbox):
    response = requests.get(
        messages_url(sandbox), params={"DateSent>": "soon"}, auth=(ACCOUNT, "t"), timeout=10
    )

    assert (response.status_code, response.json()["code"]) == (400, 20001)


def test_dates_are_written_as_rfc_2822(sandbox):
    sid = send_text(sandbox).sid
    url = messages_url(sandbox, f"Messages/{sid}.json")
    message = requests.get(url, auth=(ACCOUNT, "t"), timeout=10).json()

    assert re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000", message["date_created"])
    assert parsedate_to_datetime(message["date_created"]).utcoffset() == timedelta(0)
