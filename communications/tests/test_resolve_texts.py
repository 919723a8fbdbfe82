"""Texts of unknown outcome, and Twilio's list of what it really took."""

import datetime as dt

import pytest
from django.utils import timezone

from barbershop.tests.factories import ShopFactory
from communications import delivery, events
from communications.channels import CHANNELS, DeliveryError, Failure, SmsChannel
from communications.delivery import resolve
from communications.models import (
    CustomerCommunication,
    DeliveryAttempt,
    Dispatch,
    Incident,
    ProviderAccount,
    Suppression,
)
from communications.tests.factories import DispatchFactory
from communications.tests.reports import post_twilio, status_form, status_path
from communications.tests.unresolved import (
    HOUR,
    LOOKS,
    MINUTE,
    begun,
    departures,
    look_three_times,
    send_and_lose,
)
from communications.tests.waiting import state_of, waiting

pytestmark = pytest.mark.django_db(transaction=True)

FAMILY = "+12125550177"


@pytest.fixture
def shop():
    return ShopFactory(name="Main Street", cap_messages=100, cap_sms=100)


@pytest.fixture
def dispatch(shop):
    return DispatchFactory(shop=shop, starts_at=timezone.now())


def same_text(shop):
    """A text with the same words to the same number as all others from here."""
    dispatch = DispatchFactory(shop=shop, starts_at=timezone.now())
    (sms,) = waiting(dispatch, channel="sms", phone=FAMILY, first_name="Sam")
    # The links differ from dispatch to dispatch: without them the words are the same.
    dispatch.contents.update(text="Hi {{ customer_first_name }}, we are open.")
    return sms


def call_of(message) -> DeliveryAttempt:
    return CustomerCommunication.objects.get(pk=message.pk).attempt


@pytest.mark.parametrize("fault", ["500_after", "drop_after_accept"])
def test_text_that_twilio_took_is_found_and_not_sent_again(dispatch, providers, fault):
    sms, intruder = waiting(dispatch, 2, channel="sms")
    since = send_and_lose(providers, fault)

    assert resolve.resolve_unknown(now=since + MINUTE - dt.timedelta(seconds=1)) == 0
    assert resolve.resolve_unknown(now=since + MINUTE) == 2
    delivery.send_due(now=since + HOUR)

    sids = {line["to"]: line["message_id"] for line in providers.accepted()}
    assert [state_of(sms), state_of(intruder)] == ["accepted", "accepted"]
    assert call_of(sms).provider_id == sids[sms.address]
    assert len(providers.accepted()) == 2


def test_text_that_twilio_never_took_goes_again_after_three_looks(dispatch, providers):
    (sms,) = waiting(dispatch, channel="sms")
    since = send_and_lose(providers, "500_before")
    assert Dispatch.objects.get().state == Dispatch.State.DONE

    for number, minutes in enumerate(LOOKS):
        assert (state_of(sms), call_of(sms).lookups) == ("unknown", number)
        assert resolve.resolve_unknown(now=since + minutes * MINUTE - MINUTE / 2) == 0
        resolve.resolve_unknown(now=since + minutes * MINUTE)

    assert (state_of(sms), departures(sms)) == ("pending", ["absent"])
    assert Dispatch.objects.get().state == Dispatch.State.RUNNING
    delivery.send_due(now=since + 16 * MINUTE)
    assert state_of(sms) == "accepted"
    assert [line["to"] for line in providers.accepted()] == [sms.address]


def test_text_that_was_absent_once_is_not_sent_a_third_time(dispatch, providers):
    (sms,) = waiting(dispatch, channel="sms")
    look_three_times(send_and_lose(providers, "500_before"))
    again = send_and_lose(providers, "500_before", now=timezone.now() + 16 * MINUTE)

    look_three_times(again)
    delivery.send_due(now=again + HOUR)

    assert (state_of(sms), departures(sms)) == ("unknown", ["absent"])
    assert call_of(sms).lookups == 3
    assert resolve.resolve_unknown(now=begun(sms) + 2 * HOUR + MINUTE) == 1
    assert state_of(sms) == "not_sent"


def test_late_looks_are_still_minutes_apart(dispatch, providers):
    (sms,) = waiting(dispatch, channel="sms")
    late = send_and_lose(providers, "500_before") + HOUR

    for minutes in (0, 1, 5, 6, 7, 11, 12):
        resolve.resolve_unknown(now=late + minutes * MINUTE)
        expected = 3 if minutes >= 12 else 1 + (minutes >= 6)
        if minutes < 12:
            assert call_of(sms).lookups == expected

    assert departures(sms) == ["absent"]


def test_one_of_two_same_texts_is_never_taken_for_the_other(shop, providers):
    taken = same_text(shop)
    since = send_and_lose(providers, "500_after")
    lost = same_text(shop)
    send_and_lose(providers, "500_before")

    look_three_times(since + MINUTE)

    states = sorted([state_of(taken), state_of(lost)])
    assert states == ["accepted", "pending"]
    delivery.send_due(now=since + HOUR)
    assert len(providers.accepted()) == 2


def test_same_text_that_another_call_holds_does_not_count(shop, providers):
    sent = same_text(shop)
    delivery.send_due()
    lost = same_text(shop)
    since = send_and_lose(providers, "500_before")

    look_three_times(since)

    assert [state_of(sent), state_of(lost)] == ["accepted", "pending"]


def test_same_text_that_a_report_gave_to_another_call_does_not_count(shop, providers):
    reported = same_text(shop)
    since = send_and_lose(providers, "500_after")
    reported.refresh_from_db()  # the address of its callback names its call
    sid = providers.accepted()[0]["message_id"]
    post_twilio(status_path(reported), status_form("sent", sid=sid))
    lost = same_text(shop)
    send_and_lose(providers, "500_before")

    resolve.resolve_unknown(now=since + 2 * MINUTE)
    assert call_of(lost).lookups == 0  # the report waits in the inbox: nobody knows yet
    events.fold()
    assert call_of(reported).provider_id == sid
    look_three_times(since + 4 * MINUTE)

    assert [state_of(reported), state_of(lost)] == ["accepted", "pending"]


def test_look_beside_a_same_text_on_the_wire_decides_nothing(shop, providers):
    wire = same_text(shop)
    since = send_and_lose(providers, "500_after")
    lost = same_text(shop)
    send_and_lose(providers, "500_before")
    DeliveryAttempt.objects.filter(pk=call_of(wire).pk).update(state="sending")

    resolve.resolve_unknown(now=since + 2 * MINUTE)

    assert (state_of(lost), call_of(lost).lookups, call_of(lost).provider_id) == ("unknown", 0, "")


def test_text_from_another_time_does_not_count(shop, providers):
    long_ago = same_text(shop)
    delivery.send_due()
    DeliveryAttempt.objects.filter(pk=call_of(long_ago).pk).update(provider_id="")
    lost = same_text(shop)
    since = send_and_lose(providers, "500_before", now=timezone.now() + 10 * MINUTE)

    look_three_times(since)

    assert state_of(lost) == "pending"


@pytest.mark.parametrize("trouble", ["unreachable", "unauthorised"])
def test_list_that_cannot_be_read_says_nothing(dispatch, providers, settings, trouble):
    (sms,) = waiting(dispatch, channel="sms")
    since = send_and_lose(providers, "500_after")
    url, account = settings.TWILIO_BASE_URL, settings.TWILIO_ACCOUNT_SID
    if trouble == "unreachable":
        settings.TWILIO_BASE_URL = "http://127.0.0.1:9"
    else:
        settings.TWILIO_ACCOUNT_SID = "ACwrong"

    for minutes in range(1, 30):
        resolve.resolve_unknown(now=since + minutes * MINUTE)
    assert (state_of(sms), call_of(sms).lookups) == ("unknown", 0)

    settings.TWILIO_BASE_URL, settings.TWILIO_ACCOUNT_SID = url, account
    resolve.resolve_unknown(now=since + 32 * MINUTE)
    assert state_of(sms) == "accepted"
    assert len(providers.accepted()) == 1


def test_one_account_whose_list_fails_holds_up_no_other(shop, dispatch, providers, monkeypatch):
    first, second = waiting(dispatch, 2, channel="sms")
    since = send_and_lose(providers, "500_after")
    broken = ProviderAccount.objects.create(shop=shop, provider="twilio", name="broken")
    well = ProviderAccount.objects.create(shop=shop, provider="twilio", name="well")
    for message, account in ((first, broken), (second, well)):
        DeliveryAttempt.objects.filter(pk=call_of(message).pk).update(account=account)

    class OneFails(SmsChannel):
        def find(self, *, to, **kwargs):
            if to == first.address:
                raise DeliveryError("away", failure=Failure.UNKNOWN, status=500)
            return super().find(to=to, **kwargs)

    monkeypatch.setitem(CHANNELS, "sms", OneFails())
    monkeypatch.setattr("communications.delivery.lookups.AT_ONCE", 1)
    resolve.resolve_unknown(now=since + MINUTE)

    assert [state_of(first), state_of(second)] == ["unknown", "accepted"]


@pytest.mark.parametrize("blank", ["sender", "body_digest"])
def test_text_that_cannot_be_recognised_is_not_looked_for(dispatch, providers, blank):
    (sms,) = waiting(dispatch, channel="sms")
    since = send_and_lose(providers, "500_before")
    DeliveryAttempt.objects.update(**{blank: ""})
    before = providers.stats()["requests"]

    look_three_times(since)

    assert (state_of(sms), providers.stats()["requests"]) == ("unknown", before)


def test_absent_text_of_a_paused_run_waits_and_of_a_cancelled_one_is_cancelled(shop, providers):
    messages = {}
    for state in ("paused", "cancelled"):
        run = DispatchFactory(shop=shop, starts_at=timezone.now())
        (messages[state],) = waiting(run, channel="sms")
    since = send_and_lose(providers, "500_before")
    for state, message in messages.items():
        Dispatch.objects.filter(pk=message.dispatch_id).update(state=state)

    look_three_times(since)

    assert {state: state_of(m) for state, m in messages.items()} == {
        "paused": "pending",
        "cancelled": "cancelled",
    }
    assert departures(messages["cancelled"]) == ["cancelled"]
    states = {m.dispatch_id: s for s, m in messages.items()}
    assert dict(Dispatch.objects.values_list("pk", "state")) == states


def test_who_opted_out_meanwhile_is_not_sent_to_again(dispatch, providers):
    (sms,) = waiting(dispatch, channel="sms")
    since = send_and_lose(providers, "500_before")
    Suppression.objects.create(
        shop=dispatch.shop, channel="sms", address_hmac=sms.address_hmac, cause="stop"
    )

    look_three_times(since)
    delivery.send_due(now=since + 16 * MINUTE)

    assert state_of(sms) == "blocked"
    assert providers.accepted() == []


def test_text_without_a_sign_counts_as_not_sent_after_two_hours(dispatch, providers, settings):
    (sms,) = waiting(dispatch, channel="sms")
    since = send_and_lose(providers, "500_after")
    settings.TWILIO_BASE_URL = "http://127.0.0.1:9"
    deadline = call_of(sms).call_deadline

    resolve.resolve_unknown(now=deadline + 2 * HOUR - MINUTE)
    assert state_of(sms) == "unknown"
    resolve.resolve_unknown(now=deadline + 2 * HOUR)
    resolve.resolve_unknown(now=since + 50 * HOUR)

    assert state_of(sms) == "not_sent"
    incident = Incident.objects.get()
    assert (incident.kind, incident.attempt) == (Incident.Kind.UNKNOWN_OUTCOME, call_of(sms))
    assert incident.detail.startswith("Nobody knows whether 1 text arrived")
