"""Calls of unknown outcome: what goes again by itself, what is given up, and what people read."""

import datetime as dt

import pytest
from django.utils import timezone

from barbershop.tests.factories import ShopFactory
from communications import delivery, events, outbox
from communications.delivery import resolve, retry
from communications.models import AttemptDeparture, CustomerCommunication, DeliveryAttempt, Incident
from communications.tests.factories import DispatchFactory
from communications.tests.reports import (
    email_event,
    fold_email,
    post_twilio,
    status_form,
    status_path,
)
from communications.tests.unresolved import (
    HOUR,
    MINUTE,
    begun,
    departures,
    look_three_times,
    send_and_lose,
)
from communications.tests.waiting import state_of, waiting

pytestmark = pytest.mark.django_db(transaction=True)

LATER = timezone.now() + 40 * MINUTE


@pytest.fixture
def shop():
    return ShopFactory(name="Main Street")


@pytest.fixture
def dispatch(shop):
    return DispatchFactory(shop=shop, starts_at=timezone.now())


@pytest.fixture
def reminders(shop):
    return DispatchFactory(shop=shop, kind="transactional", starts_at=timezone.now())


def call_of(message) -> DeliveryAttempt:
    return CustomerCommunication.objects.get(pk=message.pk).attempt


def test_emails_taken_without_an_answer_are_never_sent_again_until_one_report_proves_all(
    dispatch, providers
):
    emails = waiting(dispatch, 5)
    since = send_and_lose(providers, "500_after")

    for hours in (1, 5, 20):
        resolve.resolve_unknown(now=since + hours * HOUR)
        delivery.send_due(now=since + hours * HOUR)
    assert [state_of(email) for email in emails] == ["unknown"] * 5
    assert len(providers.accepted()) == 5

    emails[2].refresh_from_db()
    fold_email(email_event(emails[2], "processed"))

    assert [state_of(email) for email in emails] == ["accepted"] * 5
    assert len(providers.accepted()) == 5
    assert Incident.objects.count() == 0


def test_email_without_a_sign_counts_as_not_sent_after_26_hours(dispatch, providers):
    emails = waiting(dispatch, 3)
    send_and_lose(providers, "500_before")
    deadline = call_of(emails[0]).call_deadline

    assert resolve.resolve_unknown(now=deadline + 26 * HOUR - MINUTE) == 0
    assert resolve.resolve_unknown(now=deadline + 26 * HOUR) == 1
    assert resolve.resolve_unknown(now=deadline + 99 * HOUR) == 0

    assert [state_of(email) for email in emails] == ["not_sent"] * 3
    incident = Incident.objects.get()
    assert incident.kind == Incident.Kind.UNKNOWN_OUTCOME
    assert (incident.shop, incident.dispatch) == (dispatch.shop, dispatch)
    assert incident.detail.startswith("Nobody knows whether 3 emails arrived")
    delivery.send_due(now=deadline + 99 * HOUR)
    assert providers.accepted() == []


def test_late_report_settles_the_question_that_a_person_was_asked(dispatch, providers):
    (email,) = waiting(dispatch)
    since = send_and_lose(providers, "500_after")
    resolve.resolve_unknown(now=since + 27 * HOUR)
    email.refresh_from_db()

    fold_email(email_event(email, "delivered"))

    open_ones = Incident.objects.filter(resolved_at=None)
    assert state_of(email) == "accepted"
    assert [incident.kind for incident in open_ones] == [Incident.Kind.LATE_EVIDENCE]
    assert Incident.objects.count() == 2


def test_answered_calls_are_left_alone_whatever_their_age(dispatch, providers):
    (email,) = waiting(dispatch)
    delivery.send_due()

    assert resolve.resolve_unknown(now=timezone.now() + 99 * HOUR) == 0
    assert state_of(email) == "accepted"


def test_reminder_goes_again_once_after_ten_minutes(reminders, dispatch, providers):
    (reminder,), (offer,) = waiting(reminders), waiting(dispatch)
    since = send_and_lose(providers, "500_before")

    assert resolve.resolve_unknown(now=since + 10 * MINUTE - dt.timedelta(seconds=1)) == 0
    assert resolve.resolve_unknown(now=since + 10 * MINUTE) == 1
    assert [state_of(reminder), state_of(offer)] == ["pending", "unknown"]
    assert departures(reminder) == ["retried"]

    again = send_and_lose(providers, "500_after", now=since + 11 * MINUTE)
    assert begun(reminder) == again
    assert resolve.resolve_unknown(now=again + HOUR) == 0
    delivery.send_due(now=again + HOUR)

    assert [state_of(reminder), state_of(offer)] == ["unknown", "unknown"]
    assert [line["to"] for line in providers.accepted()] == [reminder.address]


def test_reminder_of_a_cancelled_run_goes_no_more_and_is_not_denied(reminders, providers):
    """The provider has it: "cancelled" would say that it was never sent."""
    reminder, later = waiting(reminders, 2)
    CustomerCommunication.objects.filter(pk=later.pk).update(not_before=LATER)
    since = send_and_lose(providers, "500_after")
    assert outbox.cancel(reminders, now=since + MINUTE)

    assert resolve.resolve_unknown(now=since + 11 * MINUTE) == 0
    assert (state_of(reminder), departures(reminder)) == ("unknown", [])
    assert resolve.what_next(call_of(reminder), now=since + 2 * MINUTE).endswith(
        "without a sign of it, it counts as not sent in 26 hours, and a person decides."
    )
    resolve.resolve_unknown(now=since + 27 * HOUR)

    assert state_of(reminder) == "not_sent"
    assert Incident.objects.get().kind == Incident.Kind.UNKNOWN_OUTCOME


def test_reminder_by_text_is_looked_for_before_it_goes_again(reminders, providers):
    taken, lost = waiting(reminders, 2, channel="sms")
    CustomerCommunication.objects.filter(pk=lost.pk).update(not_before=LATER)
    since = send_and_lose(providers, "500_after")
    CustomerCommunication.objects.filter(pk=lost.pk).update(not_before=None)
    send_and_lose(providers, "500_before", now=since)

    resolve.resolve_unknown(now=since + 10 * MINUTE)  # the workers were down until now

    assert [state_of(taken), state_of(lost)] == ["accepted", "pending"]
    assert departures(lost) == ["retried"]


def test_reminder_by_text_goes_again_though_the_list_is_away(reminders, providers, settings):
    (sms,) = waiting(reminders, channel="sms")
    since = send_and_lose(providers, "500_before")
    settings.TWILIO_BASE_URL = "http://127.0.0.1:9"

    resolve.resolve_unknown(now=since + 10 * MINUTE)

    assert state_of(sms) == "pending"


def test_reminder_that_went_again_is_not_sent_a_third_time_for_being_absent(reminders, providers):
    (sms,) = waiting(reminders, channel="sms")
    since = send_and_lose(providers, "500_before")
    resolve.resolve_unknown(now=since + 10 * MINUTE)
    again = send_and_lose(providers, "500_before", now=since + 10 * MINUTE)

    look_three_times(again)

    assert (state_of(sms), departures(sms)) == ("unknown", ["retried"])


def test_reminder_with_a_report_in_the_inbox_does_not_go_again(reminders, providers):
    (sms,) = waiting(reminders, channel="sms")
    since = send_and_lose(providers, "500_after")
    sms.refresh_from_db()
    post_twilio(status_path(sms), status_form("sent"))

    resolve.resolve_unknown(now=since + 10 * MINUTE)
    assert state_of(sms) == "unknown"
    events.fold()

    assert state_of(sms) == "accepted"
    assert departures(sms) == []


def test_of_one_call_only_those_go_again_that_did_not_before(reminders, providers):
    before, first = waiting(reminders, 2)
    since = send_and_lose(providers, "500_before")
    call = call_of(first)
    AttemptDeparture.objects.create(
        shop=before.shop, attempt=call, communication=before, outcome="retried", at=since
    )

    resolve.resolve_unknown(now=since + 10 * MINUTE)
    assert [state_of(before), state_of(first)] == ["unknown", "pending"]
    assert resolve.resolve_unknown(now=since + 11 * MINUTE) == 0

    fold_email({**email_event(before, "processed"), "attempt": str(call.uuid)})
    assert [state_of(before), state_of(first)] == ["accepted", "accepted"]


def test_stop_is_heard_between_calls(reminders, providers):
    for _ in range(2):
        run = DispatchFactory(shop=reminders.shop, kind="transactional", starts_at=timezone.now())
        waiting(run)
    since = send_and_lose(providers, "500_before")
    answers = iter([False, False])

    resolve.resolve_unknown(now=since + 10 * MINUTE, stop=lambda: next(answers, True))

    states = DeliveryAttempt.objects.values_list("state", flat=True).order_by("pk")
    assert list(states) == ["released", "unknown"]


def test_what_comes_next_is_said_in_one_sentence(dispatch, reminders, providers, settings):
    (email,), (sms,) = waiting(dispatch), waiting(dispatch, channel="sms")
    (reminder,) = waiting(reminders)
    since = send_and_lose(providers, "500_before")

    def said(message, after):
        return resolve.what_next(call_of(message), now=since + after)

    assert said(email, MINUTE) == (
        "A report of the provider settles it; without a sign of it, it counts as not sent in 26 "
        "hours, and a person decides."
    )
    assert said(reminder, 7 * MINUTE) == (
        "A report of the provider settles it; without one it is sent again in 3 minutes, unless "
        "it was before."
    )
    assert said(sms, dt.timedelta()) == (
        "Twilio's list of texts is searched in 1 minute (look 1 of 3); absent each time, it is "
        "sent again unless it was before."
    )
    resolve.resolve_unknown(now=since + MINUTE)
    assert "in 6 minutes (look 2 of 3)" in said(sms, MINUTE)
    settings.TWILIO_BASE_URL = "http://127.0.0.1:9"
    DeliveryAttempt.objects.filter(pk=call_of(sms).pk).update(lookups=3, next_lookup_at=None)
    assert said(sms, 15 * MINUTE).startswith(
        "Twilio's list did not have it, 3 times; without a sign of it, it counts as not sent in 106"
    )
    resolve.resolve_unknown(now=since + 99 * HOUR)
    assert said(email, 99 * HOUR) == (
        "No sign of it came in time: it stays not sent until a person releases it."
    )


def test_nothing_comes_next_for_a_call_that_has_its_outcome(dispatch, providers):
    (email,) = waiting(dispatch)
    delivery.send_due()

    assert resolve.what_next(call_of(email), now=timezone.now()) == ""


def test_freed_call_may_go_again_by_rule_later(dispatch, providers):
    """A person's release is no automatic one: the list is still worth asking afterwards."""
    (sms,) = waiting(dispatch, channel="sms")
    send_and_lose(providers, "500_before")
    retry.free(call_of(sms), by=None)
    again = send_and_lose(providers, "500_before")

    look_three_times(again)

    assert (state_of(sms), departures(sms)) == ("pending", ["freed", "absent"])
