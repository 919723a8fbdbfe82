import pytest

from analytics import metrics
from barbershop.currencies import minor_digits, minor_units


def test_share_of_nothing_is_not_zero_but_unknown():
    assert metrics.share(0, 0) is None
    assert metrics.share(0, 4) == 0.0


@pytest.mark.parametrize(
    ("rate", "counts", "expected"),
    [
        (metrics.delivery_rate, {"delivered": 90, "sent": 120}, 0.75),
        (metrics.bounce_rate, {"bounced": 3, "sent": 120}, 0.025),
        (metrics.open_rate, {"opened": 45, "delivered_emails": 90}, 0.5),
        (metrics.click_rate, {"clicked": 9, "delivered": 90}, 0.1),
        (metrics.engagement_rate, {"engaged": 50, "delivered": 80}, 0.625),
        (metrics.conversion_rate, {"converted": 6, "engaged": 48}, 0.125),
        (metrics.conversion_rate, {"converted": 3, "engaged": 2}, 1.5),
        (metrics.booking_rate, {"converted": 6, "reached": 120}, 0.05),
        (metrics.reply_rate, {"replied": 3, "delivered": 60}, 0.05),
        (metrics.unsubscribe_rate, {"unsubscribed": 1, "delivered": 80}, 0.0125),
        (metrics.complaint_rate, {"complained": 1, "delivered": 1000}, 0.001),
    ],
)
def test_rate_divides_by_its_own_denominator(rate, counts, expected):
    assert rate(**counts) == expected
    assert rate(**dict.fromkeys(counts, 0)) is None


def test_roi_is_what_came_back_beyond_the_cost():
    assert metrics.roi(revenue=4000, cost=1000) == 3.0
    assert metrics.roi(revenue=0, cost=1000) == -1.0
    assert metrics.roi(revenue=4000, cost=0) is None


def test_change_needs_something_to_compare_with():
    assert metrics.change(current=150, previous=100) == 0.5
    assert metrics.change(current=150, previous=0) is None
    assert metrics.change(current=None, previous=100) is None


@pytest.mark.parametrize(
    ("micros", "currency", "expected"),
    [
        (0, "USD", 0),
        (4_999, "USD", 0),
        (5_000, "USD", 1),
        (14_999, "USD", 1),
        (15_000, "USD", 2),
        (1_180_000, "USD", 118),
        (499_999, "JPY", 0),
        (1_500_000, "JPY", 2),
        (1_500, "KWD", 2),
        (150, "CLF", 2),
    ],
)
def test_micros_become_minor_units_with_halves_rounded_up(micros, currency, expected):
    assert minor_units(micros, currency) == expected


def test_currency_without_an_entry_has_hundredths():
    assert [minor_digits(c) for c in ("USD", "EUR", "JPY", "KWD")] == [2, 2, 0, 3]
