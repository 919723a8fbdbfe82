"""Rate limits and the breaker, as the loop obeys them."""

import datetime as dt
from time import monotonic, sleep

import pytest
from django.utils import timezone

from barbershop.tests.factories import ShopFactory
from communications import accounts, delivery
from communications.delivery import breaker, claim, gate, loop, rate
from communications.models import (
    AttemptDeparture,
    CustomerCommunication,
    ProviderAccount,
)
from communications.tests.crowd import crowd
from communications.tests.factories import DispatchFactory
from communications.tests.waiting import state_of, waiting

pytestmark = pytest.mark.django_db(transaction=True)

NOW = timezone.now()
SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def dispatch():
    return DispatchFactory(shop=ShopFactory(name="Main Street"), starts_at=NOW)


def account_of(dispatch, channel="email") -> ProviderAccount:
    return accounts.account_for(shop=dispatch.shop, channel=channel)


def limit(dispatch, per_second, *, channel="email"):
    found = ProviderAccount.objects.filter(pk=account_of(dispatch, channel).pk)
    found.update(messages_per_second=per_second)


def test_no_more_is_claimed_than_the_rate_allows(dispatch, providers):
    limit(dispatch, 2)
    crowd(dispatch, [f"p{n}@example.test" for n in range(5)])

    assert [delivery.send_due(now=NOW + n * SECOND) for n in range(4)] == [2, 2, 1, 0]


def test_loop_waits_for_the_next_token_and_uses_the_rate_fully(dispatch, providers, monkeypatch):
    limit(dispatch, 40)
    crowd(dispatch, [f"p{n}@example.test" for n in range(60)])
    waited = []
    monkeypatch.setattr(loop, "sleep", lambda seconds: waited.append(seconds) or sleep(seconds))
    began = monotonic()

    assert delivery.send_due() == 60

    assert monotonic() - began > 0.45  # 40 at once, and 20 more at 40 a second
    assert sum(waited) <= 0.55
    assert len(providers.accepted()) == 60


def test_loop_hears_a_stop_while_it_waits_for_a_token(dispatch, providers, monkeypatch):
    limit(dispatch, 0.5)
    crowd(dispatch, ["p1@example.test", "p2@example.test"])
    waited = []
    monkeypatch.setattr(loop, "sleep", waited.append)

    assert delivery.send_due(stop=lambda: bool(waited)) == 1
    assert waited == [pytest.approx(loop.SLICE)]  # the token comes after two seconds


def test_worker_leaves_when_others_take_every_token(dispatch, providers, monkeypatch):
    waiting(dispatch)
    asked = []

    def nothing(**kwargs):
        asked.append(kwargs)
        return rate.Grant(0, wait=0.001)

    monkeypatch.setattr(rate, "take", nothing)

    assert delivery.send_due() == 0
    assert len(asked) == 1 + loop.IN_VAIN


def test_tokens_of_messages_that_the_gate_blocks_are_given_back(dispatch, providers):
    limit(dispatch, 2)
    messages = crowd(dispatch, [f"p{n}@example.test" for n in range(4)])
    for address in ("p0@example.test", "p1@example.test"):
        messages[address].customer.opt_out("email", source="page")

    assert delivery.send_due(now=NOW) == 4  # two were blocked, so that two others could go
    assert len(providers.accepted()) == 2


def test_provider_that_asks_for_patience_is_left_alone_to_the_second(dispatch, providers):
    emails = waiting(dispatch, 2)
    providers.set_fault("429")

    delivery.send_due(now=NOW)
    providers.clear_faults()

    assert [state_of(email) for email in emails] == ["pending", "pending"]
    assert account_of(dispatch).open_until == NOW + SECOND
    assert delivery.send_due(now=NOW + 0.999 * SECOND) == 0
    assert delivery.send_due(now=NOW + SECOND) == 2
    assert len(providers.accepted()) == 2


def test_429_holds_up_every_shop_of_the_account_and_no_other_account(dispatch, providers):
    waiting(dispatch)
    providers.set_fault("429")
    delivery.send_due(now=NOW)
    providers.clear_faults()
    (same,) = waiting(DispatchFactory(starts_at=NOW))
    (text,) = waiting(DispatchFactory(starts_at=NOW), channel="sms")

    delivery.send_due(now=NOW + 0.5 * SECOND)

    assert [state_of(same), state_of(text)] == ["pending", "accepted"]


def test_five_failures_in_a_row_end_the_calls_until_one_trial_succeeds(dispatch, providers):
    texts = waiting(dispatch, 8, channel="sms")
    providers.set_fault("500_before")
    for _ in range(5):
        assert delivery.send_due(limit=1, now=NOW) == 1

    assert delivery.send_due(now=NOW) == 0
    providers.clear_faults()
    later = NOW + breaker.CLOSED
    assert delivery.send_due(now=later) == 1  # the trial, with one message
    assert delivery.send_due(now=later + SECOND) == 2

    assert [state_of(sms) for sms in texts] == ["unknown"] * 5 + ["accepted"] * 3


def test_a_trial_for_which_nobody_waited_is_there_for_the_next_who_asks(dispatch, providers):
    broken = {"failures": breaker.LIMIT, "open_until": NOW}
    ProviderAccount.objects.filter(pk=account_of(dispatch).pk).update(**broken)
    assert claim.claim(dispatch=dispatch, channel="email", now=NOW) == []
    (email,) = waiting(dispatch)

    delivery.send_due(now=NOW)

    assert state_of(email) == "accepted"


def test_provider_that_refuses_a_recipient_is_well(dispatch, providers):
    account = account_of(dispatch)
    ProviderAccount.objects.filter(pk=account.pk).update(failures=4)
    crowd(dispatch, ["sam+invalid@example.test"])

    delivery.send_due(now=NOW)

    assert account_of(dispatch).failures == 0


def test_refused_credentials_are_no_failure_of_the_provider(dispatch, providers):
    waiting(dispatch)
    providers.set_fault("401")

    delivery.send_due(now=NOW)

    assert account_of(dispatch).failures == 0
    dispatch.refresh_from_db()
    assert dispatch.pause_cause == "provider"


def test_breaker_that_opens_after_the_claim_gives_the_messages_back(dispatch, providers):
    (email,) = waiting(dispatch)
    (attempt,) = claim.claim(dispatch=dispatch, channel="email", now=NOW)
    breaker.wait_until(attempt.account_id, NOW + 30 * SECOND)

    assert gate.begin([attempt], now=NOW) == []

    assert state_of(email) == "pending"
    message = CustomerCommunication.objects.get()
    assert message.not_before == NOW + 30 * SECOND
    assert AttemptDeparture.objects.get().outcome == "requeued"


def test_sweeping_up_after_a_dead_worker_is_no_failure_of_the_provider(dispatch, providers):
    waiting(dispatch)
    (attempt,) = claim.claim(dispatch=dispatch, channel="email", now=NOW)
    gate.begin([attempt], now=NOW)

    delivery.sweep(now=NOW + gate.CALL_TIME)

    assert account_of(dispatch).failures == 0


def test_tokens_that_a_claim_has_no_message_for_are_left_to_others(dispatch, providers):
    limit(dispatch, 5)
    crowd(dispatch, ["p1@example.test", "p2@example.test"])
    delivery.send_due(now=NOW)
    other = DispatchFactory(starts_at=NOW)
    crowd(other, [f"q{n}@example.test" for n in range(5)])

    assert delivery.send_due(now=NOW) == 3
