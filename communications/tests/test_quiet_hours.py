"""The hours of the law, minute by minute, and days that are shorter or longer than others."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from communications import quiet_hours, state_rules
from communications.quiet_hours import Hours
from customers.zones import SOMEWHERE, Place

pytestmark = pytest.mark.quiet_hours

WIDE = Hours(dt.time(0), dt.time(23, 59), "America/New_York")  # so that the law alone speaks
USUAL = Hours(dt.time(9), dt.time(20), "America/New_York")
ZONE_OF = dict.fromkeys(["CT", "FL", "KY", "MA", "MD", "MI", "NJ", "RI"], "America/New_York")
ZONE_OF |= dict.fromkeys(["AL", "IL", "LA", "MN", "MS", "OK", "TX"], "America/Chicago")
ZONE_OF |= dict.fromkeys(["CA", "NV", "WA"], "America/Los_Angeles")
ZONE_OF |= {"": "America/New_York", "NM": "America/Denver", SOMEWHERE: "America/Denver"}
MINUTE = dt.timedelta(minutes=1)
SATURDAY, SUNDAY, MONDAY = (dt.date(2026, 6, 6) + dt.timedelta(days=n) for n in range(3))
NEVER = None
TABLE = [
    (state, day, hours)
    for state, monday, saturday, sunday in [
        ("", (8, 21), (8, 21), (8, 21)),
        ("AL", (8, 20), (8, 20), NEVER),
        ("CA", (9, 21), (9, 21), (9, 21)),
        ("CT", (9, 20), (9, 20), (9, 20)),
        ("FL", (8, 20), (8, 20), (8, 20)),
        ("IL", (9, 21), (9, 21), (9, 21)),
        ("KY", (10, 21), (10, 21), (10, 21)),
        ("LA", (8, 20), (8, 20), NEVER),
        ("MA", (8, 20), (8, 20), (8, 20)),
        ("MD", (8, 20), (8, 20), (8, 20)),
        ("MI", (9, 21), (9, 21), (9, 21)),
        ("MN", (9, 21), (9, 21), (9, 21)),
        ("MS", (8, 20), (8, 20), NEVER),
        ("NJ", (8, 20), (8, 20), (8, 20)),
        ("NM", (9, 21), (9, 21), (9, 21)),
        ("NV", (9, 20), (9, 20), (9, 20)),
        ("OK", (8, 20), (8, 20), (8, 20)),
        ("RI", (9, 18), (10, 17), (10, 17)),
        ("TX", (9, 21), (9, 21), (12, 21)),
        ("WA", (8, 20), (8, 20), (8, 20)),
        (SOMEWHERE, (10, 18), (10, 17), NEVER),
    ]
    for day, hours in ((SATURDAY, saturday), (SUNDAY, sunday), (MONDAY, monday))
]


def somewhere(*names, states=()):
    return Place(frozenset(names), frozenset(states))


def local(day, hour, minute=0, *, zone="America/New_York", fold=0):
    at = dt.datetime.combine(day, dt.time(hour, minute), tzinfo=ZoneInfo(zone))
    return at.replace(fold=fold).astimezone(dt.UTC)


def is_open(place, now, *, hours=WIDE):
    return quiet_hours.window(place, hours=hours, now=now).is_open


@pytest.mark.parametrize(("state", "day", "hours"), TABLE)
def test_state_opens_and_closes_to_the_minute(state, day, hours):
    zone = ZONE_OF[state]
    place = somewhere(zone, states={state} - {""})
    if hours is NEVER:
        assert not any(is_open(place, local(day, hour, zone=zone)) for hour in range(24))
        return
    opening, closing = (local(day, hour, zone=zone) for hour in hours)

    assert not is_open(place, opening - MINUTE)
    assert is_open(place, opening)
    assert is_open(place, closing - MINUTE)
    assert not is_open(place, closing)


def test_every_rule_stands_in_that_table():
    assert {state for state, *_ in TABLE} - {SOMEWHERE} == {
        rule.state for rule in state_rules.HOURS
    }
    assert {rule.state for rule in state_rules.CAPS} == {"FL", "MD", "OK"}


@pytest.mark.parametrize("rule", [*state_rules.HOURS, *state_rules.CAPS])
def test_every_rule_says_where_and_when_it_was_read(rule):
    assert rule.source
    assert rule.read_on >= dt.date(2026, 11, 22)


def test_of_two_states_the_stricter_one_decides_at_either_end():
    place = somewhere("America/Chicago", states={"TX", "FL"})

    assert not is_open(place, local(SUNDAY, 11, 59, zone="America/Chicago"))
    assert is_open(place, local(SUNDAY, 12, zone="America/Chicago"))
    assert not is_open(place, local(SUNDAY, 20, zone="America/Chicago"))


def test_all_zones_must_be_open():
    place = somewhere("America/New_York", "America/Los_Angeles")

    found = quiet_hours.window(place, hours=USUAL, now=local(MONDAY, 10))

    assert not found.is_open
    assert found.opens_at == local(MONDAY, 12)  # nine on the Pacific
    assert quiet_hours.window(place, hours=USUAL, now=found.opens_at).until == local(MONDAY, 20)


def test_zones_of_opposite_days_are_never_open_together():
    place = somewhere("America/New_York", "Asia/Shanghai", "Europe/London")

    found = quiet_hours.window(place, hours=USUAL, now=local(MONDAY, 10))

    assert found == quiet_hours.Window(is_open=False)


def test_place_without_a_zone_is_closed_for_ever():
    assert quiet_hours.window(Place(), hours=WIDE, now=local(MONDAY, 12)) == quiet_hours.Window(
        is_open=False
    )


def test_shop_narrows_what_the_law_leaves_and_never_widens_it():
    place = somewhere("America/New_York")
    narrow = Hours(dt.time(10, 30), dt.time(18, 15), "America/New_York")

    assert not is_open(place, local(MONDAY, 10, 29), hours=narrow)
    assert is_open(place, local(MONDAY, 10, 30), hours=narrow)
    assert not is_open(place, local(MONDAY, 18, 15), hours=narrow)
    assert not is_open(place, local(MONDAY, 7, 59), hours=WIDE)


def test_after_closing_it_opens_the_next_morning():
    found = quiet_hours.window(somewhere("America/New_York"), hours=USUAL, now=local(SATURDAY, 20))

    assert found.opens_at == local(SUNDAY, 9)


def test_closed_days_are_the_shops_days_and_not_the_readers():
    """A shop in New York closes at its own midnight: in Honolulu that is early evening."""
    hours = Hours(dt.time(9), dt.time(20), "America/New_York", closed_on=frozenset({MONDAY}))
    honolulu = somewhere("Pacific/Honolulu")

    assert is_open(honolulu, local(MONDAY, 0) - MINUTE, hours=hours)  # 17:59 there, still Sunday
    found = quiet_hours.window(honolulu, hours=hours, now=local(MONDAY, 0))
    assert found.opens_at == local(MONDAY + dt.timedelta(days=1), 0)  # 18:00 there, until 20:00


def test_weekly_closed_days_are_passed_over_together():
    hours = Hours(dt.time(9), dt.time(20), "America/New_York", closed_weekdays=frozenset({6, 0}))

    found = quiet_hours.window(somewhere("America/New_York"), hours=hours, now=local(SATURDAY, 20))

    assert found.opens_at == local(MONDAY + dt.timedelta(days=1), 9)


SPRING, AUTUMN = dt.date(2026, 3, 8), dt.date(2026, 11, 1)  # clocks change at two in the morning


@pytest.mark.parametrize(("day", "hours"), [(SPRING, 12), (AUTUMN, 14)])
def test_night_in_which_the_clocks_change_is_an_hour_shorter_or_longer(day, hours):
    place = somewhere("America/New_York")
    evening = local(day - dt.timedelta(days=1), 20)

    found = quiet_hours.window(place, hours=USUAL, now=evening)

    assert found.opens_at == local(day, 9) == evening + dt.timedelta(hours=hours)
    assert quiet_hours.window(place, hours=USUAL, now=found.opens_at).until == local(day, 20)


def test_time_that_the_clocks_skip_opens_after_the_gap():
    opening = quiet_hours._moment(SPRING, dt.time(2, 30), "America/New_York", later=True)
    closing = quiet_hours._moment(SPRING, dt.time(2, 30), "America/New_York")

    assert opening == dt.datetime(2026, 3, 8, 7, 30, tzinfo=dt.UTC)  # 03:30 in summer time
    assert closing == dt.datetime(2026, 3, 8, 6, 30, tzinfo=dt.UTC)  # 01:30 in winter time


def test_time_that_comes_twice_opens_the_second_and_closes_the_first_time():
    opening = quiet_hours._moment(AUTUMN, dt.time(1, 30), "America/New_York", later=True)
    closing = quiet_hours._moment(AUTUMN, dt.time(1, 30), "America/New_York")

    assert opening == local(AUTUMN, 1, 30, fold=1)
    assert closing == local(AUTUMN, 1, 30, fold=0)
    assert opening - closing == dt.timedelta(hours=1)


def test_zone_without_summer_time_moves_against_those_that_have_it():
    place = somewhere("America/Phoenix", "America/New_York")

    winter = quiet_hours.window(place, hours=USUAL, now=local(dt.date(2026, 1, 5), 8))
    summer = quiet_hours.window(place, hours=USUAL, now=local(dt.date(2026, 7, 6), 8))

    assert winter.opens_at == local(dt.date(2026, 1, 5), 11)
    assert summer.opens_at == local(dt.date(2026, 7, 6), 12)
