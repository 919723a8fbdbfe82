import datetime as dt

import pytest

from analytics import performance
from analytics.tests.factories import booking, delivered, sent
from campaigns.tests.factories import ExecutionFactory

pytestmark = pytest.mark.django_db


def utc(*args):
    return dt.datetime(*args, tzinfo=dt.UTC)


def run_in(zone, state="done"):
    return ExecutionFactory(definition__shop__timezone=zone, dispatch__state=state)


def shown(found, *names):
    return [
        (point.at.strftime("%d %H:%M %z"), *(getattr(point, name) for name in names))
        for point in found.series
    ]


def test_series_by_hour_fills_the_empty_hours():
    run = run_in("America/New_York")
    mail = delivered(
        run,
        at=utc(2026, 5, 4, 13, 58, 30),
        opened_at=utc(2026, 5, 4, 14, 10),
        clicked_at=utc(2026, 5, 4, 14, 59, 59),
    )
    booking(run, mail, at=utc(2026, 5, 4, 16, 0), revenue=2_500)

    found = performance.of(run.definition, now=utc(2026, 6, 1))

    assert found.bucket == "hour"
    names = ("sent", "delivered", "opened", "clicked", "converted", "revenue")
    assert shown(found, *names) == [
        ("04 09:00 -0400", 1, 1, 0, 0, 0, 0),
        ("04 10:00 -0400", 0, 0, 1, 1, 0, 0),
        ("04 11:00 -0400", 0, 0, 0, 0, 0, 0),
        ("04 12:00 -0400", 0, 0, 0, 0, 1, 2_500),
    ]


def test_series_by_day_uses_the_days_of_the_shop():
    run = run_in("America/New_York")
    sent(run, at=utc(2026, 5, 5, 3, 30))  # still the 4th in New York
    sent(run, at=utc(2026, 5, 5, 4, 30))
    sent(run, at=utc(2026, 5, 9, 12, 0))

    found = performance.of(run.definition, now=utc(2026, 6, 1))

    assert found.bucket == "day"
    assert shown(found, "sent") == [
        ("04 00:00 -0400", 1),
        ("05 00:00 -0400", 1),
        ("06 00:00 -0400", 0),
        ("07 00:00 -0400", 0),
        ("08 00:00 -0400", 0),
        ("09 00:00 -0400", 1),
    ]


def test_series_keeps_the_two_hours_apart_when_clocks_go_back():
    run = run_in("America/New_York")
    sent(run, at=utc(2026, 11, 1, 5, 30))  # 1:30 daylight time
    sent(run, at=utc(2026, 11, 1, 6, 30))  # 1:30 again, standard time
    sent(run, at=utc(2026, 11, 1, 6, 45))

    found = performance.of(run.definition, now=utc(2026, 12, 1))

    assert shown(found, "sent") == [("01 01:00 -0400", 1), ("01 01:00 -0500", 2)]


def test_series_by_day_has_each_day_once_across_both_clock_changes():
    run = run_in("America/New_York")
    sent(run, at=utc(2026, 3, 6, 17, 0))
    sent(run, at=utc(2026, 11, 3, 17, 0))

    points = performance.of(run.definition, now=utc(2026, 12, 1)).series

    days = [point.at.date() for point in points]
    assert (len(days), len(set(days))) == (243, 243)
    assert {point.at.hour for point in points} == {0}
    assert sum(point.sent for point in points) == 2


def test_series_by_hour_begins_where_the_shops_hour_begins():
    run = run_in("Asia/Kolkata")  # 5 h 30 min from UTC
    sent(run, at=utc(2026, 5, 4, 4, 29))
    sent(run, at=utc(2026, 5, 4, 4, 31))

    found = performance.of(run.definition, now=utc(2026, 6, 1))

    assert shown(found, "sent") == [("04 09:00 +0530", 1), ("04 10:00 +0530", 1)]


def test_series_of_a_running_campaign_goes_on_until_now():
    run = run_in("America/New_York", state="running")
    sent(run, at=utc(2026, 5, 4, 13, 30))

    found = performance.of(run.definition, now=utc(2026, 5, 4, 15, 10))

    assert shown(found, "sent") == [
        ("04 09:00 -0400", 1),
        ("04 10:00 -0400", 0),
        ("04 11:00 -0400", 0),
    ]


def test_series_can_be_asked_for_by_day_or_by_hour():
    run = run_in("America/New_York")
    sent(run, at=utc(2026, 5, 4, 13, 30))
    sent(run, at=utc(2026, 5, 14, 13, 30))

    by_hour = performance.of(run.definition, bucket="hour", now=utc(2026, 6, 1))
    by_day = performance.of(run.definition, bucket="day", now=utc(2026, 6, 1))

    assert (by_hour.bucket, len(by_hour.series)) == ("hour", 241)
    assert (by_day.bucket, len(by_day.series)) == ("day", 11)


def test_series_by_hour_over_months_becomes_one_by_day():
    run = run_in("America/New_York")
    sent(run, at=utc(2026, 1, 4, 13, 30))
    sent(run, at=utc(2026, 5, 4, 13, 30))

    assert performance.of(run.definition, bucket="hour").bucket == "day"


def test_series_refuses_an_unknown_bucket():
    run = run_in("America/New_York")
    sent(run, at=utc(2026, 5, 4, 13, 30))

    with pytest.raises(ValueError, match="bucket is auto, hour or day, not 'week'"):
        performance.of(run.definition, bucket="week")


def test_series_adds_up_to_the_totals():
    run = run_in("America/New_York")
    for hour in range(10):
        mail = delivered(run, at=utc(2026, 5, 4, 10 + hour), opened_at=utc(2026, 5, 6, hour))
        booking(run, mail, at=utc(2026, 5, 8, hour), revenue=1_000 + hour)

    found = performance.of(run.definition, now=utc(2026, 6, 1))

    for name in ("sent", "delivered", "opened", "converted", "revenue"):
        assert sum(getattr(point, name) for point in found.series) == getattr(found.totals, name)
