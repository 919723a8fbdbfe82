import datetime as dt
import uuid

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from communications import links
from communications.models import CustomerCommunication, LinkClick, TrackedLink
from communications.signals import communication_events
from communications.tests.reports import in_call

pytestmark = pytest.mark.django_db

PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1"
)
TARGET = "https://book.example.test/?a=1&b=ü#top"


@pytest.fixture
def message():
    return in_call()


@pytest.fixture
def link(message):
    return link_of(message)


def link_of(message, target=TARGET, position=0) -> TrackedLink:
    return TrackedLink.objects.create(
        shop=message.shop, content=message.content, target=target, position=position
    )


def path(message, link) -> str:
    return f"/c/{links.click_token(message.uuid, link.pk)}/"


def visit(path: str, method="get", agent=PHONE, **headers):
    return getattr(Client(headers={"User-Agent": agent, **headers}), method)(path)


def test_person_is_led_to_the_stored_target(message, link):
    intruder = in_call(dispatch=message.dispatch, content=message.content)

    answer = visit(path(message, link))

    click = LinkClick.objects.get()
    message.refresh_from_db()
    intruder.refresh_from_db()
    assert answer.status_code == 302
    assert answer["Location"] == "https://book.example.test/?a=1&b=%C3%BC#top"
    assert (click.link, click.communication, click.shop) == (link, message, message.shop)
    assert (click.verdict, click.verdict_reason) == ("person", "")
    assert message.clicked_at == click.clicked_at
    assert message.machine_clicked_at is None
    assert intruder.clicked_at is None


def test_redirect_sets_no_cookie_and_tells_the_target_nothing(message, link):
    answer = visit(path(message, link))

    assert len(answer.cookies) == 0
    assert answer["Cache-Control"] == "no-store"
    assert answer["Referrer-Policy"] == "no-referrer"


def test_second_click_is_stored_and_the_first_time_stays(message, link):
    with time_machine.travel(timezone.now() - dt.timedelta(minutes=1)):
        visit(path(message, link))
    message.refresh_from_db()
    first = message.clicked_at

    visit(path(message, link))

    message.refresh_from_db()
    assert LinkClick.objects.count() == 2
    assert message.clicked_at == first


@pytest.mark.parametrize(
    ("kwargs", "reason"),
    [
        ({"method": "head"}, "head"),
        ({"Sec-Purpose": "prefetch;prerender"}, "prefetch"),
        ({"Purpose": "prefetch"}, "prefetch"),
        ({"X-Purpose": "preview"}, "prefetch"),
        ({"X-Moz": "prefetch"}, "prefetch"),
        ({"agent": ""}, "no user agent"),
        ({"agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"}, "agent bot"),
        ({"agent": "facebookexternalhit/1.1"}, "agent facebookexternalhit"),
        ({"agent": "python-requests/2.32"}, "agent python"),
        ({"agent": "Mozilla/5.0 HeadlessChrome/130.0"}, "agent headless"),
    ],
)
def test_machine_is_led_on_but_never_counts(message, link, kwargs, reason):
    answer = visit(path(message, link), **kwargs)

    click = LinkClick.objects.get()
    message.refresh_from_db()
    assert answer.status_code == 302
    assert (click.verdict, click.verdict_reason) == ("machine", reason)
    assert message.clicked_at is None
    assert message.machine_clicked_at == click.clicked_at


def test_click_is_told_to_the_upper_floors_and_a_machine_is_not(
    message, link, django_capture_on_commit_callbacks
):
    heard = []

    def listen(sender, communication_ids, **kwargs):
        heard.append((sender, communication_ids))

    communication_events.connect(listen)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            visit(path(message, link), method="head")
            visit(path(message, link))
    finally:
        communication_events.disconnect(listen)

    assert heard == [(CustomerCommunication, [message.pk])]


def test_link_of_another_message_is_not_found(message, link):
    foreign = link_of(in_call())

    assert visit(path(message, foreign)).status_code == 404
    assert LinkClick.objects.count() == 0


def test_altered_tokens_are_not_found(message, link):
    token = links.click_token(message.uuid, link.pk)
    others = [
        token[:-1] + ("A" if token[-1] != "A" else "E"),
        token[:-1],
        "https:",
        links.unsubscribe_token(message.uuid),
        links.click_token(message.uuid, link.pk + 1),
        links.click_token(message.uuid, 2**63),
        links.click_token(uuid.uuid4(), link.pk),
    ]

    assert [visit(f"/c/{other}/").status_code for other in others] == [404] * len(others)
    assert LinkClick.objects.count() == 0


def test_target_given_in_the_query_is_ignored(message, link):
    answer = visit(path(message, link) + "?url=https://evil.example/&next=//evil.example")

    assert answer["Location"] == "https://book.example.test/?a=1&b=%C3%BC#top"


@pytest.mark.parametrize("target", ["javascript:alert(1)", "data:text/html,x", "//evil.example/"])
def test_stored_target_that_is_no_web_address_is_not_followed(message, target):
    answer = visit(path(message, link_of(message, target)))

    assert answer.status_code == 404


def test_line_break_in_a_stored_target_makes_no_header(message):
    answer = visit(path(message, link_of(message, "https://a.test/\r\nSet-Cookie: a=b")))

    assert answer.status_code == 404


def test_posting_is_not_allowed(message, link):
    assert Client().post(path(message, link)).status_code == 405
    assert LinkClick.objects.count() == 0
