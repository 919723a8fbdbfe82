"""Mail scanners follow every link of every message, twice: nobody is unsubscribed by it."""

import itertools

import pytest
from django.test import Client

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
