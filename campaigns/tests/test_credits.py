import datetime as dt

import pytest

from campaigns.credits import Booking, Touch, share_out

NOON = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)


def days(number):
    return NOON - dt.timedelta(days=number)


def booking(pk=1, *, at=NOON, revenue=3500):
    return Booking(pk, customer_id=7, booked_at=at, confirmed_at=None, revenue=revenue)


def touch(response, *, clicked=None, delivered=None, customer=7):
    return Touch(response, response * 10, customer, clicked, delivered)


def credited(bookings, touches, taken=()):
    given = share_out(
        bookings=bookings,
        touches=touches,
        taken=set(taken),
        click_window=dt.timedelta(days=7),
        delivery_window=dt.timedelta(days=3),
    )
    return {response: credit.appointment_id for response, credit in given.items()}


@pytest.mark.parametrize(
    ("one", "wins"),
    [
        (touch(1, delivered=days(3)), True),
        (touch(1, delivered=days(3.01)), False),
        (touch(1, delivered=NOON), True),
        (touch(1, delivered=days(-0.01)), False),
        (touch(1, clicked=days(7), delivered=days(8)), True),
        (touch(1, clicked=days(7.01), delivered=days(8)), False),
        (touch(1), False),
        (touch(1, delivered=days(1), customer=8), False),
    ],
)
def test_message_counts_within_its_window(one, wins):
    assert credited([booking()], [one]) == ({1: 1} if wins else {})


def test_latest_delivery_wins():
    assert credited([booking()], [touch(1, delivered=days(1)), touch(2, delivered=days(2))]) == {
        1: 1
    }


def test_click_wins_over_a_later_delivery_and_the_latest_click_over_both():
    older = touch(1, clicked=days(4), delivered=days(5))
    delivered = touch(2, delivered=days(1))
    newer = touch(3, clicked=days(2), delivered=days(6))

    assert credited([booking()], [older, delivered]) == {1: 1}
    assert credited([booking()], [older, delivered, newer]) == {3: 1}


def test_response_holds_one_booking_and_the_second_falls_to_the_next_message():
    first, second, third = booking(1, at=days(0.5)), booking(2), booking(3)
    touches = [touch(1, delivered=days(1)), touch(2, delivered=days(2))]

    assert credited([first, second, third], touches) == {1: 1, 2: 2}


def test_response_whose_booking_is_settled_takes_no_other():
    assert credited([booking()], [touch(1, delivered=days(1))], taken=[1]) == {}


def test_credits_never_exceed_the_bookings():
    bookings = [booking(pk, at=days(0.1 * pk), revenue=100 + pk) for pk in range(5, 0, -1)]
    touches = [touch(pk, delivered=days(pk % 3), clicked=days(pk % 8)) for pk in range(1, 20)]

    given = credited(bookings, touches)

    assert sorted(given.values()) == [1, 2, 3, 4, 5]
