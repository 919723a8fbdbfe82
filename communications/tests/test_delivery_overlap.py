"""Several calls on the wire at once, and one that hangs among them."""

import datetime as dt
import hashlib

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from barbershop.tests.factories import ShopFactory
from barbershop.tests.product import eventually
from communications import delivery
from communications.channels import CHANNELS
from communications.delivery import claim, gate, loop, record
from communications.delivery.inflight import InFlight
from communications.models import CustomerCommunication, DeliveryAttempt, Dispatch
from communications.tests.crowd import crowd
from communications.tests.factories import DispatchFactory
from communications.tests.waiting import state_of, waiting

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def dispatch():
    return DispatchFactory(shop=ShopFactory(name="Main Street"), starts_at=timezone.now())


class HangsFor:
    """The real channel; the sandbox never answers calls to one address."""

    def __init__(self, providers, channel, address):
        self.providers, self.real, self.address = providers, CHANNELS[channel], address

    def send(self, call):
        if self.address in _addresses(call):
            self.providers.set_fault("hang")
            return self.real.send(call)
        eventually(lambda: self.providers.faults.drawn["hang"])
        self.providers.clear_faults()
        return self.real.send(call)


def _addresses(call):
    if hasattr(call, "to"):
        return [call.to]
    return [one["to"][0]["email"] for one in call.personalizations]


def test_call_that_hangs_ends_by_its_deadline_and_other_shops_go_on(
    dispatch, providers, monkeypatch
):
    (hanging,) = waiting(dispatch)
    (other,) = waiting(DispatchFactory(starts_at=timezone.now()))
    monkeypatch.setitem(CHANNELS, "email", HangsFor(providers, "email", hanging.address))
    monkeypatch.setattr(loop, "DEADLINE", 2.0)

    delivery.send_due()

    assert [state_of(hanging), state_of(other)] == ["unknown", "accepted"]
    late, quick = DeliveryAttempt.objects.order_by("pk")
    assert quick.answered_at < late.answered_at
    assert late.error.startswith("timeout")
    assert loop.in_flight("email").reserve(owner=dispatch.shop_id) == 1  # but one place is taken
    loop.in_flight("email").give_back(owner=dispatch.shop_id)


def test_hanging_emails_leave_the_texts_alone(dispatch, providers, monkeypatch):
    (hanging,) = waiting(dispatch)
    texts = waiting(dispatch, 3, channel="sms")
    real = HangsFor(providers, "email", hanging.address)
    monkeypatch.setitem(CHANNELS, "email", real)
    monkeypatch.setitem(CHANNELS, "sms", HangsFor(providers, "sms", "nobody"))
    monkeypatch.setattr(loop, "DEADLINE", 2.0)

    delivery.send_due()

    assert state_of(hanging) == "unknown"
    assert [state_of(sms) for sms in texts] == ["accepted"] * 3


def test_one_shop_never_has_more_than_half_of_the_places():
    places = InFlight(8)

    assert places.reserve(100, owner=1) == 4
    assert places.reserve(1, owner=1) == 0
    assert places.reserve(100, owner=2) == 4
    assert places.reserve(1, owner=3) == 0
    places.give_back(2, owner=2)
    assert places.reserve(1, owner=3) == 1


def test_limit_is_kept_to_the_message(dispatch, providers):
    crowd(dispatch, [f"p{n}@example.test" for n in range(7)])
    waiting(dispatch, 7, channel="sms")

    assert delivery.send_due(limit=3) == 3
    assert delivery.send_due(limit=6) == 6
    assert delivery.send_due() == 5

    assert len(providers.accepted()) == 14


def test_calls_of_a_joint_gate_cost_as_many_queries_as_one(dispatch, providers):
    waiting(dispatch, 7, channel="sms")
    now = timezone.now()
    one = claim.claim(dispatch=dispatch, channel="sms", now=now, limit=1)
    six = claim.claim(dispatch=dispatch, channel="sms", now=now)

    counts = []
    for attempts in (one, six):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert len(gate.begin(attempts, now=now)) == len(attempts)
        counts.append(len(queries))

    # The first to see a content reads it and its links as well.
    assert counts[1] == counts[0] - 2


def test_claiming_six_texts_costs_as_many_queries_as_one(dispatch, providers):
    waiting(dispatch, 8, channel="sms")
    now = timezone.now()
    claim.claim(dispatch=dispatch, channel="sms", now=now, limit=1)  # makes the account

    counts = []
    for limit in (1, 6):
        with CaptureQueriesContext(connection) as queries:
            assert len(claim.claim(dispatch=dispatch, channel="sms", now=now, limit=limit)) == limit
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_text_call_says_from_whom_and_what(dispatch, providers):
    waiting(dispatch, 2, channel="sms")

    delivery.send_due()

    bodies = {line["message_id"]: line["body"] for line in providers.accepted()}
    for attempt in DeliveryAttempt.objects.select_related("account"):
        body = bodies[attempt.provider_id]
        assert attempt.body_digest == hashlib.sha256(body.encode()).hexdigest()
        assert attempt.sender == providers.accepted()[0]["from"]
        assert attempt.account.provider == "twilio"
        assert attempt.http_status == 201


def test_round_with_nothing_to_do_asks_little():
    DispatchFactory(state="paused")
    waiting(
        DispatchFactory(starts_at=timezone.now() + dt.timedelta(hours=1)),
    )

    with CaptureQueriesContext(connection) as queries:
        assert delivery.send_due() == 0

    asked = [query["sql"] for query in queries if query["sql"].startswith(("SELECT", "UPDATE"))]
    assert len([sql for sql in asked if "clock_timestamp" not in sql]) <= 2


def test_stop_comes_after_the_answers_of_what_was_begun(dispatch, providers):
    waiting(dispatch, 3, channel="sms")
    other = DispatchFactory(starts_at=timezone.now())
    waiting(other)
    begun = []

    def stop():
        begun.append(DeliveryAttempt.objects.exclude(state="claimed").exists())
        return begun[-1]

    delivery.send_due(stop=stop)

    states = set(DeliveryAttempt.objects.values_list("state", flat=True))
    assert states == {"accepted"}
    pending = CustomerCommunication.objects.filter(send_state="pending").count()
    assert (pending, len(providers.accepted())) in {(1, 3), (3, 1)}


def test_halves_of_a_refused_call_wait_in_the_ledger_after_a_stop(dispatch, providers):
    emails = waiting(dispatch, 4)
    providers.set_fault("400_plain")

    delivery.send_due(stop=lambda: DeliveryAttempt.objects.filter(state="released").exists())

    assert [state_of(email) for email in emails] == ["pending"] * 4
    providers.clear_faults()
    delivery.send_due()
    assert len(providers.accepted()) == 4


def test_answers_that_found_no_database_are_written_down_by_the_next_run(
    dispatch, providers, monkeypatch
):
    (email,) = waiting(dispatch)
    accepted_all = record.accepted_all

    def no_database(*args, **kwargs):
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(record, "accepted_all", no_database)
    with pytest.raises(OperationalError):
        delivery.send_due()
    assert state_of(email) == "sending"

    monkeypatch.setattr(record, "accepted_all", accepted_all)
    assert delivery.send_due() == 0
    assert state_of(email) == "accepted"
    assert Dispatch.objects.get().state == "done"


def test_answer_that_cannot_be_written_down_holds_back_no_other(dispatch, providers, monkeypatch):
    bad, good = waiting(dispatch, 2, channel="sms")
    accepted_all = record.accepted_all

    def refuse_bad(answers, **kwargs):
        if any(attempt.communications.filter(pk=bad.pk).exists() for attempt, _ in answers):
            raise ValueError("planted")
        return accepted_all(answers, **kwargs)

    monkeypatch.setattr(record, "accepted_all", refuse_bad)
    delivery.send_due()

    assert [state_of(bad), state_of(good)] == ["sending", "accepted"]
