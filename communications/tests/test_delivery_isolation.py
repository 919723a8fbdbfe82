"""One call that goes wrong must not take the others with it."""

import ssl

import pytest
import requests
from django.utils import timezone
from urllib3.exceptions import MaxRetryError
from urllib3.exceptions import SSLError as TransportSSLError

from barbershop.tests.factories import ShopFactory
from barbershop.tests.product import eventually
from communications import compliance, delivery
from communications.channels import CHANNELS, DeliveryError, Failure
from communications.channels.connection import connection_failure
from communications.delivery import claim, gate, loop, record
from communications.delivery.inflight import InFlight
from communications.models import AttemptDeparture, DeliveryAttempt, Dispatch, Suppression
from communications.rendering import Prepared
from communications.tests.factories import DispatchFactory
from communications.tests.waiting import state_of, waiting

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def dispatch():
    return DispatchFactory(shop=ShopFactory(name="Main Street"), starts_at=timezone.now())


@pytest.fixture
def one_place(monkeypatch):
    """A process that can make one call at a time."""
    only = InFlight(1)
    monkeypatch.setattr(loop, "in_flight", lambda channel: only)
    return only


def test_a_sender_that_is_no_address_pauses_and_loses_nobody(dispatch, providers, settings):
    settings.SENDGRID_FROM_EMAIL = "not an address"
    (email,) = waiting(dispatch)

    delivery.send_due()

    dispatch.refresh_from_db()
    assert state_of(email) == "pending"
    assert dispatch.state == Dispatch.State.PAUSED
    assert dispatch.paused_reason.startswith("Nothing can be sent:")


def test_a_call_that_makes_the_gate_fail_holds_back_no_other(dispatch, providers, monkeypatch):
    first, second, third = waiting(dispatch, 3, channel="sms")
    refusals = compliance.refusals

    def fail_for_the_second(attempts, **kwargs):
        if DeliveryAttempt.objects.filter(pk__in=attempts, communications=second).exists():
            raise RuntimeError("planted")
        return refusals(attempts, **kwargs)

    monkeypatch.setattr(compliance, "refusals", fail_for_the_second)
    delivery.send_due()

    assert [state_of(sms) for sms in (first, second, third)] == ["accepted", "claimed", "accepted"]
    assert len(providers.accepted()) == 2


def test_a_fault_of_ours_during_a_call_is_unknown_and_other_shops_go_on(
    dispatch, providers, monkeypatch
):
    (sms,) = waiting(dispatch, channel="sms")
    other = DispatchFactory(starts_at=timezone.now())
    (email,) = waiting(other)

    class Broken:
        def send(self, call):
            raise RuntimeError("planted")

    monkeypatch.setitem(CHANNELS, "sms", Broken())
    delivery.send_due()

    assert [state_of(sms), state_of(email)] == ["unknown", "accepted"]


def test_a_text_that_cannot_be_made_is_blocked_alone(dispatch, providers, monkeypatch):
    good, bad = waiting(dispatch, 2)
    value = Prepared.value

    def fail_for_bad(self, slot, row):
        if row["uuid"] == bad.uuid:
            raise KeyError("planted")
        return value(self, slot, row)

    monkeypatch.setattr(Prepared, "value", fail_for_bad)
    delivery.send_due()

    bad.refresh_from_db()
    assert (bad.send_state, bad.reason) == ("blocked", "render_error")
    assert state_of(good) == "accepted"
    assert [line["to"] for line in providers.accepted()] == [good.address]


def test_no_call_begins_without_a_free_place(dispatch, providers, one_place):
    one_place.reserve(owner=dispatch.shop_id)  # a call that hangs
    texts = waiting(dispatch, 2, channel="sms")

    assert delivery.send_due() == 0

    assert [state_of(sms) for sms in texts] == ["pending", "pending"]
    assert providers.accepted() == []
    one_place.give_back(owner=dispatch.shop_id)
    delivery.send_due()
    assert len(providers.accepted()) == 2


def test_an_answer_that_comes_after_its_deadline_is_written_down(
    dispatch, providers, one_place, monkeypatch
):
    (sms,) = waiting(dispatch, channel="sms")
    monkeypatch.setattr(loop, "DEADLINE", 0.05)
    providers.set_fault("slow")

    delivery.send_due()
    assert state_of(sms) == "unknown"

    providers.clear_faults()
    # The place is free again when the call has ended.
    eventually(lambda: one_place.reserve(owner=dispatch.shop_id))
    one_place.give_back(owner=dispatch.shop_id)
    delivery.send_due()

    assert state_of(sms) == "accepted"
    assert len(providers.accepted()) == 1


def test_a_stop_is_heard_between_calls(dispatch, providers):
    waiting(dispatch, claim.SMS_BATCH + 1, channel="sms")
    answers = iter([False, False, False, True])

    delivery.send_due(stop=lambda: next(answers, True))

    states = set(DeliveryAttempt.objects.values_list("state", flat=True))
    assert states == {"accepted"}
    assert 0 < len(providers.accepted()) < claim.SMS_BATCH + 2


def test_a_late_refusal_of_a_call_that_was_swept_rejects_nobody(dispatch, providers):
    first, second = waiting(dispatch, 2)
    now = timezone.now()
    (attempt,) = claim.claim(dispatch=dispatch, channel="email", now=now)
    gate.begin([attempt], now=now)
    delivery.sweep(now=now + gate.CALL_TIME)

    late = DeliveryError("bad address", failure=Failure.REJECTED, status=400, index=0)
    record.failed(attempt, late, now=now + gate.CALL_TIME)

    assert [state_of(first), state_of(second)] == ["unknown", "unknown"]
    assert not AttemptDeparture.objects.exists()


def test_a_stop_that_only_the_provider_heard_suppresses_the_number(dispatch, providers):
    (sms,) = waiting(dispatch, channel="sms")
    now = timezone.now()
    (attempt,) = claim.claim(dispatch=dispatch, channel="sms", now=now)
    gate.begin([attempt], now=now)

    refused = DeliveryError("opted out", failure=Failure.REJECTED, code="21610", status=400)
    record.failed(attempt, refused, now=now)

    sms.refresh_from_db()
    assert (sms.send_state, sms.reason) == ("rejected", "21610")
    suppression = Suppression.objects.get()
    assert (suppression.shop, suppression.address_hmac) == (dispatch.shop, sms.address_hmac)
    assert suppression.cause == Suppression.Cause.STOP
    said = sms.customer.consents.filter(decision="opted_out").values_list("topic", "source")
    assert set(said) == {("marketing", "sms_stop"), ("appointments", "sms_stop")}


def test_a_message_released_from_a_cancelled_dispatch_is_cancelled(dispatch, providers):
    (email,) = waiting(dispatch)
    now = timezone.now()
    claim.claim(dispatch=dispatch, channel="email", now=now)
    Dispatch.objects.update(state=Dispatch.State.CANCELLED)

    delivery.sweep(now=now + claim.LEASE)

    assert state_of(email) == "cancelled"


def _tls(reason: Exception) -> requests.exceptions.SSLError:
    return requests.exceptions.SSLError(MaxRetryError(None, "/", TransportSSLError(reason)))


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (_tls(ssl.SSLCertVerificationError("self-signed")), Failure.NOT_SENT),
        (_tls(ssl.SSLError("decryption failed or bad record mac")), Failure.UNKNOWN),
        (requests.ConnectTimeout(), Failure.NOT_SENT),
        (requests.ReadTimeout(), Failure.UNKNOWN),
        (requests.ConnectionError("reset by peer"), Failure.UNKNOWN),
    ],
)
def test_only_what_proves_that_nothing_was_sent_counts_as_not_sent(error, failure):
    assert connection_failure(error).failure is failure
