"""Finding a text in Twilio's list by its numbers, its exact words and its time."""

import datetime as dt
import json
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from django.utils import timezone

from communications.channels import CHANNELS, DeliveryError, Failure, Sender, SmsCall
from communications.channels import sms as sms_channel
from communications.channels.sms import TRIAL_PREFIX, digest_of

US, THEM = "+15005550006", "+12125550144"
MINUTE = dt.timedelta(minutes=1)


def send(body="Hello", *, to=THEM, sender=US) -> str:
    call = SmsCall(Sender(sender), to, body, "https://shop.example/webhooks/twilio/status/")
    return CHANNELS["sms"].send(call).provider_id


def find(body="Hello", **changed) -> list[str]:
    now = timezone.now()
    wanted = {"to": THEM, "sender": US, "since": now - MINUTE, "until": now + MINUTE} | changed
    return CHANNELS["sms"].find(digest=digest_of(body), **wanted)


def test_text_is_found_by_both_numbers_its_words_and_its_time(providers):
    first, second = send(), send()
    send("Hello ")
    send("hello")
    send(to="+12125550145")
    send(sender="+15005550010")

    assert sorted(find()) == sorted([first, second])
    assert find("Good bye") == []
    assert find(since=timezone.now() + MINUTE, until=timezone.now() + 2 * MINUTE) == []
    assert find(since=timezone.now() - 2 * MINUTE, until=timezone.now() - MINUTE) == []


def test_words_that_a_trial_account_puts_before_a_text_do_not_hide_it(providers):
    sid = send(f"{TRIAL_PREFIX}Hello")

    assert find() == [sid]


def test_letters_of_every_alphabet_are_compared_exactly(providers):
    sid = send("Zażółć 💈 gęślą")

    assert find("Zażółć 💈 gęślą") == [sid]


def test_list_is_read_to_its_end_page_by_page(providers, monkeypatch):
    monkeypatch.setattr(sms_channel, "PAGE", 2)
    sids = [send() for _ in range(5)]

    assert sorted(find()) == sorted(sids)


def test_list_longer_than_we_read_says_nothing(providers, monkeypatch):
    monkeypatch.setattr(sms_channel, "LONGEST_LIST", 2)
    for _ in range(3):
        send()

    with pytest.raises(DeliveryError) as caught:
        find()
    assert caught.value.code == "list_too_long"


@contextmanager
def answering(body: bytes, status=200):
    """A provider that gives the same answer to everything."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def listing(**text) -> bytes:
    created = timezone.now().strftime("%a, %d %b %Y %H:%M:%S +0000")
    found = {"sid": "SM1", "body": "Hello", "date_created": created, **text}
    return json.dumps({"messages": [found], "page": 0, "next_page_uri": None}).encode()


def test_answer_in_twilios_form_is_read(settings):
    with answering(listing()) as settings.TWILIO_BASE_URL:
        assert find() == ["SM1"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 500),
        (b"", 503),
        (b'{"code": 20003, "message": "Authenticate"}', 401),
        (b'{"code": 20429, "message": "Too many"}', 429),
        (b"", 200),
        (b"<html>", 200),
        (b"[]", 200),
        (b"{}", 200),
        (b'{"messages": null}', 200),
        (b'{"messages": ["what"]}', 200),
        (b'{"messages": [{"sid": "SM1", "body": "Hello"}]}', 200),
    ],
)
def test_list_that_cannot_be_read_is_one_kind_of_error(settings, body, status):
    refuses(settings, body, status)


@pytest.mark.parametrize(
    "wrong",
    [
        {"date_created": "soon"},
        {"date_created": None},
        {"body": 7},
        {"body": None},
        {"body": ""},
        {"sid": None},
    ],
)
def test_text_in_the_list_that_cannot_be_read_is_the_same_error(settings, wrong):
    refuses(settings, listing(**wrong))


def refuses(settings, body: bytes, status: int = 200) -> None:
    with (
        answering(body, status) as settings.TWILIO_BASE_URL,
        pytest.raises(DeliveryError) as caught,
    ):
        find()
    assert isinstance(caught.value.failure, Failure)


def test_list_that_cannot_be_reached_is_the_same_error(settings):
    settings.TWILIO_BASE_URL = "http://127.0.0.1:9"

    with pytest.raises(DeliveryError):
        find()
