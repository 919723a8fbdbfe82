"""What quiet hours do to messages: which wait, which are given up, and how long they are valid."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction

from barbershop.models import ClosedDay
from barbershop.tests.factories import ShopFactory
from communications import accounts, compliance, delivery
from communications.delivery import claim, drain, gate
from communications.models import AttemptDeparture, CustomerCommunication, SenderIdentity
from communications.tests.factories import DispatchFactory
from communications.tests.waiting import state_of, waiting

pytestmark = [pytest.mark.quiet_hours, pytest.mark.django_db(transaction=True)]

NEW_YORK = ZoneInfo("America/New_York")
HOUR = dt.timedelta(hours=1)
SECOND = dt.timedelta(seconds=1)
LONG_CODE = "+12125550177"


def at(hour, minute=0, second=0, *, day=1):
    """In New York, in a week of June 2026 that begins on Monday the first."""
    return dt.datetime(2026, 6, day, hour, minute, second, tzinfo=NEW_YORK).astimezone(dt.UTC)


@pytest.fixture
def shop():
    return ShopFactory(timezone="America/New_York")


@pytest.fixture
def dispatch(shop):
    return DispatchFactory(shop=shop, starts_at=at(0))


def begin(dispatch, now, channel="sms"):
    attempts = claim.claim(dispatch=dispatch, channel=channel, now=now)
    return [call for _, call in gate.begin(attempts, now=now)]


def outcome(message):
    message.refresh_from_db()
    return state_of(message), message.reason, message.not_before


def test_text_at_night_waits_for_the_morning_and_then_goes(dispatch, providers):
    (text,) = waiting(dispatch, channel="sms")

    delivery.send_due(now=at(20))

    assert outcome(text) == ("pending", "", at(9, day=2))
    assert providers.accepted() == []
    left = AttemptDeparture.objects.get(communication=text)
    assert (left.outcome, left.reason) == ("requeued", "quiet hours")
    delivery.send_due(now=at(8, 59, day=2))
    assert providers.accepted() == []
    delivery.send_due(now=at(9, day=2))
    assert state_of(text) == "accepted"


def test_each_waits_for_his_own_morning(dispatch):
    east, west = (waiting(dispatch, channel="sms", phone=p)[0] for p in (LONG_CODE, "+12135550100"))

    assert len(begin(dispatch, at(10))) == 1

    assert state_of(east) == "sending"
    assert outcome(west) == ("pending", "", at(12))


def test_somebody_of_whom_nobody_knows_where_he_is_gets_nothing_and_it_says_so(dispatch):
    nowhere, known = (
        waiting(dispatch, channel="sms", phone=p)[0] for p in ("+18005550100", LONG_CODE)
    )

    assert len(begin(dispatch, at(12))) == 1

    assert outcome(nowhere) == ("blocked", "unknown_zone", None)
    assert state_of(known) == "sending"


def test_text_whose_hours_come_too_late_is_given_up(dispatch):
    (text,) = waiting(dispatch, channel="sms")
    for day in range(2, 6):
        ClosedDay.objects.create(shop=dispatch.shop, on=dt.date(2026, 6, day))

    assert begin(dispatch, at(20)) == []

    assert outcome(text) == ("blocked", "quiet_window_missed", None)


def test_two_closed_days_are_waited_for_unless_the_shop_sends_on_them(dispatch):
    first, *_ = waiting(dispatch, 2, channel="sms")
    for day in (2, 3):
        ClosedDay.objects.create(shop=dispatch.shop, on=dt.date(2026, 6, day))
    assert begin(dispatch, at(12, day=2)) == []
    assert outcome(first) == ("pending", "", at(9, day=4))

    CustomerCommunication.objects.update(not_before=None)
    dispatch.shop.sends_on_closed_days = True
    dispatch.shop.save()
    assert len(begin(dispatch, at(12, day=2))) == 2


def test_message_with_its_own_end_waits_no_longer(dispatch):
    short, long = waiting(dispatch, 2, channel="sms")
    CustomerCommunication.objects.filter(pk=short.pk).update(window_end=at(8, 59, day=2))
    CustomerCommunication.objects.filter(pk=long.pk).update(window_end=at(10, day=2))

    assert begin(dispatch, at(21)) == []

    assert outcome(short) == ("blocked", "quiet_window_missed", None)
    assert outcome(long) == ("pending", "", at(9, day=2))


@pytest.mark.parametrize("kind", ["transactional", "test"])
def test_reminders_and_tests_go_at_any_hour(shop, kind):
    dispatch = DispatchFactory(shop=shop, kind=kind, starts_at=at(0))
    waiting(dispatch, channel="sms")

    (call,) = begin(dispatch, at(3))

    assert call.validity_seconds is None


def test_emails_go_at_any_hour(dispatch):
    waiting(dispatch, 2)

    (call,) = begin(dispatch, at(3), channel="email")

    assert len(call.personalizations) == 2


def test_provider_keeps_a_text_no_longer_than_its_hours(dispatch):
    waiting(dispatch, channel="sms")

    (call,) = begin(dispatch, at(18))

    # What is handed over 35 s from now counts from there.
    assert call.validity_seconds == 2 * 3600 - 35


def test_validity_is_never_more_than_the_provider_takes(dispatch, providers):
    (text,) = waiting(dispatch, channel="sms")

    delivery.send_due(now=at(9))

    assert state_of(text) == "accepted"
    assert [line["validity_period"] for line in providers.accepted()] == ["36000"]


def test_nothing_begins_that_could_arrive_after_closing(dispatch):
    first, *_ = waiting(dispatch, 2, channel="sms")
    end = compliance.HAND_OVER

    assert begin(dispatch, at(20) - end) == []
    assert outcome(first) == ("pending", "", at(9, day=2))

    CustomerCommunication.objects.update(not_before=None)
    calls = begin(dispatch, at(20) - end - SECOND)
    assert [call.validity_seconds for call in calls] == [1, 1]


@pytest.fixture
def long_code(shop):
    return SenderIdentity.objects.create(shop=shop, channel="sms", address=LONG_CODE)


def test_no_more_is_handed_over_than_leaves_a_long_code_in_time(dispatch, long_code):
    waiting(dispatch, 6, channel="sms")

    calls = begin(dispatch, at(20) - compliance.HAND_OVER - 4 * SECOND)

    assert len(calls) == 4  # a part a second
    late = CustomerCommunication.objects.filter(send_state="pending")
    assert {row.not_before for row in late} == {at(9, day=2)}
    assert set(
        AttemptDeparture.objects.filter(communication__in=late).values_list("reason", flat=True)
    ) == {gate.TOO_LATE}


def test_what_was_handed_over_before_is_still_in_the_queue(dispatch, long_code):
    waiting(dispatch, 4, channel="sms")
    end = at(20) - compliance.HAND_OVER
    assert len(begin(dispatch, end - 10 * SECOND)) == 4
    waiting(dispatch, 6, channel="sms")

    # Two of the four have left it after two seconds; six of the eight seconds are free.
    assert len(begin(dispatch, end - 8 * SECOND)) == 6

    waiting(dispatch, 1, channel="sms")
    assert begin(dispatch, end - 7 * SECOND) == []


def test_reminders_fill_the_queue_and_do_not_wait_for_it(shop, dispatch, long_code):
    reminders = DispatchFactory(shop=shop, kind="transactional", starts_at=at(0))
    waiting(reminders, 5, channel="sms")
    waiting(dispatch, 1, channel="sms")
    end = at(20) - compliance.HAND_OVER

    assert len(begin(reminders, end - 2 * SECOND)) == 5
    assert begin(dispatch, end - 2 * SECOND) == []


@pytest.mark.parametrize(("per_second", "fitting"), [(None, 3), (0.5, 1), (4, 12)])
def test_queue_goes_as_fast_as_its_number(shop, long_code, per_second, fitting):
    """A text of several parts counts as several."""
    SenderIdentity.objects.update(messages_per_second=per_second)
    account = accounts.account_for(shop=shop, channel="sms")
    sender = accounts.sender_for(shop=shop, channel="sms")
    with transaction.atomic():
        queue = drain.queue(account=account, sender=sender, now=at(12))

    assert queue.fits(fitting, until=at(12) + 3 * SECOND)
    assert not queue.fits(fitting + 1, until=at(12) + 3 * SECOND)


def test_number_of_which_nobody_knows_the_speed_has_no_queue(dispatch):
    waiting(dispatch, 6, channel="sms")

    assert len(begin(dispatch, at(20) - compliance.HAND_OVER - SECOND)) == 6
