"""Batches that a provider refuses, and answers that come in an unusual order."""

import datetime as dt

import pytest
from django.utils import timezone

from barbershop.tests.factories import ShopFactory
from communications import delivery
from communications.channels import Answer
from communications.delivery import claim, gate, record, transitions
from communications.models import CustomerCommunication, DeliveryAttempt
from communications.sandbox import running_sandbox
from communications.tests.crowd import crowd
from communications.tests.factories import DispatchFactory
from communications.tests.waiting import state_of, waiting

pytestmark = pytest.mark.django_db(transaction=True)

THOUSAND = [f"p{n}@example.test" for n in range(1000)]


@pytest.fixture
def dispatch():
    return DispatchFactory(shop=ShopFactory(name="Main Street"), starts_at=timezone.now())


def with_one(bad: str) -> list[str]:
    return [*THOUSAND[:617], bad, *THOUSAND[618:]]


@pytest.mark.parametrize(
    ("bad", "calls"), [("sam+invalid@example.test", 3), ("sam+poison@example.test", 22)]
)
def test_one_bad_address_in_a_thousand_costs_few_calls_and_nobody_else(
    dispatch, providers, bad, calls
):
    messages = crowd(dispatch, with_one(bad))

    assert delivery.send_due() >= 1000

    assert state_of(messages[bad]) == "rejected"
    accepted = CustomerCommunication.objects.accepted()
    assert accepted.count() == 999
    assert sorted(line["to"] for line in providers.accepted()) == sorted(
        accepted.values_list("address", flat=True)
    )
    assert providers.stats()["requests"] <= calls


def test_call_that_is_too_large_goes_in_halves(dispatch, settings):
    messages = crowd(dispatch, THOUSAND[:80])
    with running_sandbox(events=False, max_body=25_000) as sandbox:
        settings.EMAIL_BACKEND = "anymail.backends.sendgrid.EmailBackend"
        settings.SENDGRID_API_URL = sandbox.sendgrid_url

        delivery.send_due()

        assert sorted(line["to"] for line in sandbox.accepted()) == sorted(messages)
    assert DeliveryAttempt.objects.filter(state="released").exists()
    assert CustomerCommunication.objects.accepted().count() == 80


@pytest.mark.parametrize("fault", ["500_after", "500_before", "drop_after_accept"])
def test_ambiguous_answer_to_a_batch_is_never_followed_by_another_call(dispatch, providers, fault):
    crowd(dispatch, THOUSAND[:20])
    providers.set_fault(fault)
    delivery.send_due()
    providers.clear_faults()

    for hours in (1, 30):
        later = timezone.now() + dt.timedelta(hours=hours)
        delivery.sweep(now=later)
        delivery.send_due(now=later)

    assert providers.stats()["requests"] == 1
    assert DeliveryAttempt.objects.get().state == "unknown"


def test_providers_id_is_kept_although_its_report_was_first(dispatch, providers):
    first, second = waiting(dispatch, 2, channel="sms")
    now = timezone.now()
    attempts = claim.claim(dispatch=dispatch, channel="sms", now=now)
    gate.begin(attempts, now=now)
    reported = DeliveryAttempt.objects.filter(pk=attempts[0].pk)
    transitions.move(reported, to="accepted", from_=["sending"], now=now)

    record.accepted_all(
        [(attempt, Answer(status=201, provider_id=f"SM{attempt.pk}")) for attempt in attempts],
        now=now,
    )

    assert [state_of(first), state_of(second)] == ["accepted", "accepted"]
    assert {a.provider_id for a in DeliveryAttempt.objects.all()} == {
        f"SM{attempt.pk}" for attempt in attempts
    }


def test_answer_never_replaces_the_id_that_is_known(dispatch, providers):
    waiting(dispatch, channel="sms")
    now = timezone.now()
    (attempt,) = claim.claim(dispatch=dispatch, channel="sms", now=now)
    gate.begin([attempt], now=now)
    DeliveryAttempt.objects.update(state="accepted", provider_id="SM-reported")

    record.accepted(attempt, Answer(status=201, provider_id="SM-answered"), now=now)

    assert DeliveryAttempt.objects.get().provider_id == "SM-reported"
