"""When somebody would get a campaign: the next moment at which every rule passes."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from analytics import explainer
from barbershop.models import ClosedDay
from benchmarks.explaining import world
from campaigns import qualifying, verdicts
from campaigns.tests.factories import DefinitionFactory
from communications.models import DeliveryAttempt, Suppression
from communications.tests.reports import in_call
from customers.models import Customer
from customers.tests.consents import opt_in
from customers.tests.factories import AppointmentFactory, CustomerFactory

pytestmark = [pytest.mark.django_db, pytest.mark.quiet_hours]

DAY = dt.timedelta(days=1)
SMS = {"sms": {"message": "A chair is free."}}
NOON = dt.datetime(2035, 6, 1, 12, tzinfo=ZoneInfo("America/New_York"))
BEFORE = dt.timedelta(microseconds=1)


@pytest.fixture
def customer(shop):
    found = CustomerFactory(shop=shop, phone="+12122340100")
    opt_in(found, "sms")
    Customer.objects.update(created_at=NOON - 90 * DAY)
    return found


def explained(definition, customer, *, now=NOON):
    return explainer.explain(definition, customer, now=now)


def visited(customer, *, days_ago):
    at = NOON - days_ago * DAY
    AppointmentFactory(customer=customer, starts_at=at, booked_at=at)
    return at


def test_criterion_of_days_is_met_when_they_have_passed(shop, customer):
    last = visited(customer, days_ago=10)
    definition = DefinitionFactory(shop=shop, target_criteria={"last_visit_days": {"min": 30}})

    found = explained(definition, customer)

    assert (found.verdict, found.reason) == ("no", "not_matched")
    assert found.qualifies_at == last + 30 * DAY
    assert [criterion.holds for criterion in found.criteria] == [False]
    assert explained(definition, customer, now=found.qualifies_at).verdict == "now"
    assert explained(definition, customer, now=found.qualifies_at - BEFORE).verdict == "no"


def test_cap_ends_when_the_oldest_message_is_old_enough(shop, customer):
    for days_ago in (1, 3):
        at = NOON - days_ago * DAY
        message = in_call(customer=customer, dispatch__shop=shop, queued_at=at)
        DeliveryAttempt.objects.filter(pk=message.attempt_id).update(sending_at=at)

    found = explained(DefinitionFactory(shop=shop), customer)

    assert (found.reason, found.waits_for) == ("frequency_cap", "had enough messages lately")
    assert found.qualifies_at == NOON + 4 * DAY


def test_exclusion_of_the_visited_ends_with_its_days(shop, customer):
    last = visited(customer, days_ago=3)
    definition = DefinitionFactory(shop=shop, excludes_visited_days=7)

    found = explained(definition, customer)

    assert (found.reason, found.qualifies_at) == ("excluded", last + 7 * DAY)


def test_text_at_night_goes_in_the_morning(shop, customer):
    definition = DefinitionFactory(shop=shop, campaign_type="sms", channels=SMS)
    night = NOON.replace(hour=3)

    found = explained(definition, customer, now=night)

    assert (found.verdict, found.reason, found.waits_for) == ("later", "", "his hours")
    assert found.qualifies_at == night.replace(hour=9)


def test_two_things_in_the_way_are_waited_for_one_after_the_other(shop, customer):
    """The days have passed at three in the morning; the hours begin at nine."""
    AppointmentFactory(customer=customer, starts_at=NOON.replace(hour=3) - 5 * DAY)
    definition = DefinitionFactory(
        shop=shop,
        campaign_type="sms",
        channels=SMS,
        target_criteria={"last_visit_days": {"min": 7}},
    )

    found = explained(definition, customer)

    assert found.qualifies_at == NOON.replace(hour=9) + 2 * DAY


def test_days_that_end_in_a_long_holiday_are_waited_for_until_it_is_over(shop, customer):
    last = visited(customer, days_ago=10)
    then = (last + 60 * DAY).astimezone(shop.zone)
    for day in range(-1, 7):
        ClosedDay.objects.create(shop=shop, on=then.date() + day * DAY)
    definition = DefinitionFactory(
        shop=shop,
        campaign_type="sms",
        channels=SMS,
        target_criteria={"last_visit_days": {"min": 60}},
    )

    found = explained(definition, customer)

    assert found.qualifies_at is not None
    opens = found.qualifies_at.astimezone(shop.zone)
    assert (opens.date(), opens.hour) > (then.date() + 3 * DAY, 0)
    late = verdicts.of(definition, customer, now=last + 60 * DAY)
    assert late.reason == "quiet_window_missed"


def test_what_only_somebody_can_mend_is_not_mended_by_time(shop, customer):
    Suppression.objects.create(
        shop=shop, channel="email", address_hmac=customer.email_hmac, cause="stop"
    )
    held_out = DefinitionFactory(shop=shop, holdout_percent=50)
    while not verdicts.of(held_out, customer, now=NOON).is_held_out:
        held_out = DefinitionFactory(shop=shop, holdout_percent=50)

    for definition, reason in (
        (DefinitionFactory(shop=shop), "suppressed"),
        (held_out, "held_out"),
    ):
        found = explained(definition, customer)
        assert (found.reason, found.qualifies_at) == (reason, None)
        assert found.waits_for == "not by time alone"


@pytest.mark.long
def test_in_a_random_world_he_gets_it_at_the_moment_that_was_named():
    found = world.build(seed=32, people=40, campaigns=16)
    named = 0
    for definition in found.campaigns:
        now = found.moment()
        answers = verdicts.of_many(definition, found.people, now=now)
        blocked = [each for each in found.people if not answers[each.pk].received]
        for customer in blocked[:6]:
            answer = answers[customer.pk]
            coming = qualifying.next_time(definition, customer, answer, now=now)
            if coming is None:
                continue
            named += 1
            then = verdicts.of(definition, customer, now=coming.sent_at)
            assert then.received
            assert coming.at == (then.first_at or coming.sent_at) > now
            if not then.first_at:
                earlier = verdicts.of(definition, customer, now=coming.sent_at - BEFORE)
                assert not earlier.received or earlier.first_at
    assert named > 2
