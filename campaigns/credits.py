"""Last touch, pure: bookings and touches in, credits out."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Booking:
    """A booking that stands. ``revenue`` in minor units; ``confirmed_at`` when he came or paid."""

    appointment_id: int
    customer_id: int
    booked_at: dt.datetime
    confirmed_at: dt.datetime | None
    revenue: int


@dataclass(frozen=True)
class Touch:
    """One message that reached one customer."""

    response_id: int
    communication_id: int
    customer_id: int
    clicked_at: dt.datetime | None
    delivered_at: dt.datetime | None


@dataclass(frozen=True)
class Credit:
    """What one response holds."""

    appointment_id: int
    communication_id: int
    converted_at: dt.datetime
    confirmed_at: dt.datetime | None
    revenue: int


def share_out(
    *,
    bookings: Iterable[Booking],
    touches: Iterable[Touch],
    taken: set[int],
    click_window: dt.timedelta,
    delivery_window: dt.timedelta,
) -> dict[int, Credit]:
    """``{response id: credit}``: every booking at most once, every response at most once.

    Args:
        bookings: in the order in which they choose.
        taken: responses that already hold a booking which is settled.
    """
    by_customer = defaultdict(list)
    for touch in touches:
        by_customer[touch.customer_id].append(touch)
    given: dict[int, Credit] = {}
    for booking in bookings:
        ranked = [
            (rank, touch)
            for touch in by_customer[booking.customer_id]
            if touch.response_id not in taken
            and touch.response_id not in given
            and (rank := _rank(touch, booking, click_window, delivery_window))
        ]
        if ranked:
            _, touch = max(ranked, key=lambda pair: pair[0])
            given[touch.response_id] = Credit(
                appointment_id=booking.appointment_id,
                communication_id=touch.communication_id,
                converted_at=booking.booked_at,
                confirmed_at=booking.confirmed_at,
                revenue=booking.revenue,
            )
    return given


def _rank(touch, booking, click_window, delivery_window) -> tuple | None:
    """How strong a claim is, or None: a click before a delivery, then the later one."""
    if _within(touch.clicked_at, booking.booked_at, click_window):
        return (1, touch.clicked_at, touch.communication_id)
    if _within(touch.delivered_at, booking.booked_at, delivery_window):
        return (0, touch.delivered_at, touch.communication_id)
    return None


def _within(touched_at, booked_at, window) -> bool:
    return touched_at is not None and touched_at <= booked_at <= touched_at + window
