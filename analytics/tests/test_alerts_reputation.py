import datetime as dt

import pytest

from analytics import alerts
from analytics.models import Alert
from barbershop.tests.factories import ShopFactory
from communications import outbox, reputation
from communications.tests.factories import ContentFactory
from communications.tests.mailed import mailed

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 6, 30, 20, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


@pytest.fixture
def shop():
    """Another shop has complaints too, and too few of them to be told."""
    mailed(ShopFactory(), 1_000, at=NOW - DAY, complaints=1)
    return ShopFactory()


def still_open():
    return list(Alert.objects.filter(resolved_at=None).values_list("severity", "key"))


def test_complaints_are_a_warning_that_is_given_once(shop):
    mailed(shop, 1_000, at=NOW - DAY, complaints=2)

    assert alerts.watch(now=NOW) == 1
    assert alerts.watch(now=NOW) == 0

    alert = Alert.objects.get()
    assert (alert.shop, alert.severity, alert.link) == (shop, "warning", "/campaigns/")
    assert alert.title == "Too many people report your emails as spam"
    assert alert.body == (
        "0.20 % of the marketing emails of the last 7 days were reported as spam (2 of 1,000); "
        "at 0.3 % sending stops."
    )


def test_the_watch_stops_the_sending_and_says_so_in_the_warnings_place(shop):
    running = ContentFactory(dispatch__shop=shop, dispatch__prepared_at=NOW).dispatch
    mailed(shop, 1_000, at=NOW - DAY, complaints=2)
    alerts.watch(now=NOW)
    mailed(shop, 100, at=NOW - DAY, complaints=2)

    assert alerts.watch(now=NOW) == 1

    running.refresh_from_db()
    assert (running.state, running.pause_cause) == ("paused", "reputation")
    assert still_open() == [("critical", "reputation:email:complaints:stop")]
    assert Alert.objects.get(resolved_at=None).body.endswith(
        "Marketing emails are paused; read why, then resume them."
    )


def test_somebody_who_has_read_it_is_warned_no_louder_and_the_week_resolves_it(shop):
    running = ContentFactory(dispatch__shop=shop, dispatch__prepared_at=NOW).dispatch
    mailed(shop, 1_000, at=NOW - DAY, complaints=3)
    alerts.watch(now=NOW)
    outbox.resume(running)
    reputation.note_read(running, now=NOW)

    alerts.watch(now=NOW + DAY)
    assert still_open() == [("warning", "reputation:email:complaints:alert")]

    alerts.watch(now=NOW + 7 * DAY)
    assert still_open() == []
    running.refresh_from_db()
    assert running.state == "running"


def test_opt_outs_of_texts_are_a_warning(shop):
    mailed(shop, 200, at=NOW - DAY, channel="sms", opt_outs=4)

    alerts.watch(now=NOW)

    assert Alert.objects.get().title == "Many people opt out of your texts"
    assert still_open() == [("warning", "reputation:sms:opt_outs:alert")]
