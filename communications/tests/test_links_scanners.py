"""Mail scanners follow every link of every message, twice: nobody is unsubscribed by it."""

import datetime as dt
import itertools

import pytest
import time_machine
from django.db import connection
from django.test import Client

from barbershop.tests.at_once import at_once
from communications import links
from communications.models import CustomerCommunication, LinkClick, Suppression, TrackedLink
from communications.signals import communication_events
from communications.tests.reports import in_call
from customers.models import ContactConsent

pytestmark = pytest.mark.django_db

SCANNERS = [
    {"User-Agent": "Mozilla/5.0 (compatible; Barracuda Sentinel)"},
    {"User-Agent": "Mozilla/5.0 (Windows NT 10.0) SafeLinks/1.0"},
    {"User-Agent": "Proofpoint URL Defense"},
    {"User-Agent": "python-requests/2.32"},
    {"User-Agent": "Mozilla/5.0 (Windows NT 10.0) Chrome/130.0", "Sec-Purpose": "prefetch"},
    {},
]


BROWSERS = [
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/130.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Version/18.6 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:132.0) Gecko/20100101 Firefox/132.0",
]
NOON = dt.datetime(2026, 11, 20, 17, tzinfo=dt.UTC)


@pytest.fixture
def messages():
    """Three messages, each with two tracked links and its unsubscribe link."""
    first = in_call()
    others = [in_call(dispatch=first.dispatch, content=first.content) for _ in range(2)]
    for position, target in enumerate(["https://book.example.test/", "https://shop.example.test/"]):
        TrackedLink.objects.create(
            shop=first.shop, content=first.content, target=target, position=position
        )
    return [first, *others]


def every_link(message) -> list[str]:
    tracked = TrackedLink.objects.filter(content=message.content)
    return [
        f"/u/{links.unsubscribe_token(message.uuid)}/",
        *(f"/c/{links.click_token(message.uuid, link.pk)}/" for link in tracked),
    ]


@pytest.mark.parametrize("scanner", SCANNERS, ids=lambda s: s.get("User-Agent", "none")[:30])
def test_scanner_that_follows_every_link_twice_changes_nothing(messages, scanner):
    heard = []

    def listen(sender, communication_ids, **kwargs):
        heard.extend(communication_ids)

    client = Client(headers=scanner)
    communication_events.connect(listen)
    try:
        answers = [
            getattr(client, method)(path).status_code
            for message, method, _ in itertools.product(messages, ("get", "head"), range(2))
            for path in every_link(message)
        ]
    finally:
        communication_events.disconnect(listen)

    assert len(answers) == 3 * 2 * 2 * 3
    assert set(answers) == {200, 302}
    assert Suppression.objects.count() == ContactConsent.objects.count() == 0
    counted = CustomerCommunication.objects.exclude(clicked_at=None, unsubscribed_at=None)
    assert counted.count() == 0
    assert heard == []
    assert set(LinkClick.objects.values_list("verdict", flat=True)) == {"machine"}


def test_person_among_the_scanners_counts_once(messages):
    person = Client(
        headers={"User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X)"}
    )
    scanner = Client(headers=SCANNERS[0])
    path = every_link(messages[0])[1]
    for _ in range(2):
        scanner.get(path)

    person.get(path)

    clicked = CustomerCommunication.objects.filter(clicked_at__isnull=False)
    assert list(clicked) == [messages[0]]
    assert LinkClick.objects.filter(verdict="person").count() == 1


def clicks(message) -> list[tuple[str, str]]:
    rows = LinkClick.objects.filter(communication=message).order_by("clicked_at", "pk")
    return list(rows.values_list("verdict", "verdict_reason"))


def counted(message) -> dt.datetime | None:
    message.refresh_from_db()
    return message.clicked_at


@pytest.mark.parametrize("agent", BROWSERS, ids=lambda agent: agent[13:23])
def test_scanner_that_passes_for_a_browser_gets_every_link_twice_and_counts_for_nothing(
    messages, agent
):
    browser = Client(headers={"User-Agent": agent})

    answers = [
        browser.get(path).status_code
        for message in messages
        for path in (*every_link(message), *every_link(message))
    ]

    assert sorted(set(answers)) == [200, 302]
    assert Suppression.objects.count() == ContactConsent.objects.count() == 0
    assert [counted(message) for message in messages] == [None] * 3
    assert [clicks(m) for m in messages] == [[("machine", "several links at once")] * 4] * 3
    assert CustomerCommunication.objects.filter(machine_clicked_at__isnull=False).count() == 3
    assert CustomerCommunication.objects.filter(unsubscribed_at__isnull=False).count() == 0


def test_only_link_of_a_message_fetched_twice_counts_for_nothing(messages):
    message = messages[0]
    TrackedLink.objects.filter(position=1).delete()
    paths = every_link(message)

    for path in (*paths, *paths):
        Client(headers={"User-Agent": BROWSERS[0]}).get(path)

    assert counted(message) is None
    assert clicks(message) == [("machine", "every link twice")] * 2


def visit(message, *told: tuple[int, float]) -> None:
    """(number of the tracked link, seconds after noon), by an ordinary browser."""
    paths = every_link(message)[1:]
    for number, seconds in told:
        with time_machine.travel(NOON + dt.timedelta(seconds=seconds), tick=False):
            Client(headers={"User-Agent": BROWSERS[0]}).get(paths[number])


def test_people_count_who_click_one_link_or_two_a_minute_apart(messages):
    one, two, again = messages

    visit(one, (0, 0))
    visit(two, (0, 0), (1, 60))
    visit(again, (1, 0), (1, 1), (1, 30))

    assert [counted(message) for message in messages] == [NOON] * 3
    assert set(LinkClick.objects.values_list("verdict", "verdict_reason")) == {("person", "")}


def test_click_that_was_counted_is_taken_back_and_the_persons_own_stays(messages):
    scanned, both, _ = messages

    visit(scanned, (0, 0))
    assert counted(scanned) == NOON
    visit(scanned, (1, 2))
    visit(both, (0, 0), (1, 1), (0, 600), (1, 900))

    assert counted(scanned) is None
    assert scanned.machine_clicked_at == NOON
    assert counted(both) == NOON + dt.timedelta(seconds=600)
    assert [verdict for verdict, _ in clicks(both)] == ["machine", "machine", "person", "person"]


def test_taken_back_click_is_told_to_the_upper_floors(messages, django_capture_on_commit_callbacks):
    heard = []

    def listen(sender, communication_ids, **kwargs):
        heard.extend(communication_ids)

    communication_events.connect(listen)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            visit(messages[0], (0, 0), (1, 1))
    finally:
        communication_events.disconnect(listen)

    assert heard == [messages[0].pk] * 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer")
def test_links_that_are_fetched_in_parallel_are_seen_together(messages):
    paths = every_link(messages[0])[1:] * 3

    answers = at_once(
        len(paths), lambda n: Client(headers={"User-Agent": BROWSERS[0]}).get(paths[n]).status_code
    )

    assert answers == [302] * 6
    assert counted(messages[0]) is None
    assert clicks(messages[0]) == [("machine", "several links at once")] * 6
