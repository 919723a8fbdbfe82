"""Clicks that SendGrid reports, by its signed webhook, are judged like visits to our own links."""

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from communications import events, links
from communications.models import LinkClick, ProviderEvent, TrackedLink
from communications.tests.reports import PUBLIC_KEY, email_event, in_call, post_sendgrid

pytestmark = pytest.mark.django_db
T = 1_800_000_000
BROWSER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0.0.0"


@pytest.fixture(autouse=True)
def _key(settings):
    settings.SENDGRID_WEBHOOK_PUBLIC_KEYS = [PUBLIC_KEY]


@pytest.fixture
def message():
    made = in_call()
    for position in range(2):
        TrackedLink.objects.create(
            shop=made.shop,
            content=made.content,
            target=f"https://{position}.test/",
            position=position,
        )
    return made


def told(message, *clicks: tuple[str, int], agent=BROWSER) -> list[dict]:
    """(link, seconds) pairs as events."""
    return [
        email_event(
            message, "click", timestamp=T + at, url=f"https://{link}.test/", useragent=agent
        )
        for link, at in clicks
    ]


def hear(*batches: list[dict]) -> None:
    for batch in batches:
        assert post_sendgrid(batch).status_code == 200
        events.fold()


def found(message) -> tuple:
    """First click of a person and of a machine, in seconds; kinds and reasons of the events."""
    message.refresh_from_db()
    times = [
        at and int((at - dt.datetime.fromtimestamp(T, dt.UTC)).total_seconds())
        for at in (message.clicked_at, message.machine_clicked_at)
    ]
    rows = ProviderEvent.objects.filter(communication_uuid=message.uuid).order_by("occurred_at")
    return (*times, list(rows.values_list("kind", "machine_reason")))


AT_ONCE = ("machine_clicked", "several links at once")
PERSON = ("clicked", "")


def test_several_links_at_once_count_for_nothing_and_leave_others_alone(message):
    intruder = in_call(dispatch=message.dispatch, content=message.content)

    hear(told(message, ("a", 0), ("b", 1)) + told(intruder, ("a", 0)))

    assert found(message) == (None, 0, [AT_ONCE] * 2)
    assert found(intruder) == (0, None, [PERSON])


def test_click_counted_before_is_taken_back_when_the_next_report_comes(message):
    hear(told(message, ("a", 0)))
    assert found(message) == (0, None, [PERSON])

    hear(told(message, ("b", 2)))

    assert found(message) == (None, 0, [AT_ONCE] * 2)


def test_every_link_twice_within_a_minute_counts_for_nothing(message):
    hear(told(message, ("a", 0), ("a", 1), ("b", 20), ("b", 21)))

    assert found(message) == (None, 0, [("machine_clicked", "every link twice")] * 4)


def test_person_counts_who_clicks_two_links_a_minute_apart(message):
    hear(told(message, ("a", 0), ("b", 60)))

    assert found(message) == (0, None, [PERSON] * 2)


def test_program_that_gives_its_name_counts_for_nothing(message):
    hear(told(message, ("a", 0), agent="Barracuda Sentinel"), told(message, ("b", 1)))

    assert found(message) == (1, 0, [("machine_clicked", "agent barracuda"), PERSON])


def test_person_after_the_scanner_counts_in_any_order_and_repetition(message):
    story = told(message, ("a", 0), ("b", 1), ("a", 600))

    for batch in ([story[2]], [story[0]], story, [story[1], story[0]]):
        hear(batch)
    ProviderEvent.objects.update(folded_at=None)
    events.fold()

    assert found(message) == (600, 0, [AT_ONCE, AT_ONCE, PERSON])


def test_providers_report_of_a_visit_to_our_link_makes_no_burst_of_it(message):
    """With SendGrid's own tracking on, one click of a person is told twice."""
    TrackedLink.objects.filter(position=1).delete()
    link = TrackedLink.objects.get()
    Client(headers={"User-Agent": BROWSER}).get(f"/c/{links.click_token(message.uuid, link.pk)}/")
    at = LinkClick.objects.get().clicked_at

    hear([email_event(message, "click", url="https://a.test/", timestamp=at.timestamp())])

    message.refresh_from_db()
    assert message.clicked_at == at
    assert LinkClick.objects.get().verdict == "person"


def test_clicks_cost_the_same_number_of_queries_for_one_message_and_for_three(message):
    numbers = []
    for many in (1, 3):
        batch = []
        for _ in range(many):
            other = in_call(dispatch=message.dispatch, content=message.content)
            batch += told(other, ("a", 0), ("b", 1))
        post_sendgrid(batch)
        with CaptureQueriesContext(connection) as queries:
            events.fold()
        numbers.append(len(queries))

    assert numbers[0] == numbers[1]
