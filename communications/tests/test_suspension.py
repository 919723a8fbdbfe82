"""While a shop is suspended nothing of it begins; afterwards what waits goes on."""

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from barbershop import suspension
from barbershop.models import Barbershop
from barbershop.tests.factories import ShopFactory, UserFactory
from communications import compliance, delivery
from communications.compliance import Terms
from communications.delivery import claim, gate, retry
from communications.models import CustomerCommunication, Dispatch
from communications.tests.factories import DispatchFactory
from communications.tests.test_delivery_order import in_another_connection
from communications.tests.waiting import state_of, waiting
from customers.models import Customer
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def root():
    return UserFactory(is_superuser=True)


@pytest.fixture
def dispatch():
    return DispatchFactory(shop=ShopFactory(), starts_at=timezone.now())


def test_campaign_of_a_suspended_shop_waits_and_goes_on_afterwards(dispatch, root, providers):
    emails = [*waiting(dispatch, 2), *waiting(dispatch, channel="sms")]
    (other,) = waiting(DispatchFactory(starts_at=timezone.now()))
    suspension.suspend(dispatch.shop, by=root, reason="Complaints")

    delivery.send_due()

    assert [state_of(email) for email in emails] == ["pending"] * 3
    assert state_of(other) == "accepted"
    assert Dispatch.objects.get(pk=dispatch.pk).state == "running"

    suspension.lift(dispatch.shop, by=root, reason="Settled")
    delivery.send_due()

    assert [state_of(email) for email in emails] == ["accepted"] * 3
    assert len(providers.accepted()) == 4


@pytest.mark.parametrize("channel", ["email", "sms"])
def test_shop_that_is_suspended_after_the_claim_begins_nothing(dispatch, root, channel):
    (message,) = waiting(dispatch, channel=channel)
    (attempt,) = claim.claim(dispatch=dispatch, channel=channel, now=timezone.now())
    suspension.suspend(dispatch.shop, by=root, reason="Complaints")

    assert gate.begin([attempt], now=timezone.now()) == []

    attempt.refresh_from_db()
    assert (state_of(message), attempt.state) == ("pending", "released")
    assert attempt.error == "the shop is suspended"


@pytest.mark.parametrize("kind", ["transactional", "test"])
def test_what_is_of_use_only_at_once_is_refused_for_good(dispatch, root, providers, kind):
    Dispatch.objects.update(kind=kind)
    (message,) = waiting(dispatch)
    suspension.suspend(dispatch.shop, by=root, reason="Complaints")

    delivery.send_due()
    suspension.lift(dispatch.shop, by=root, reason="Settled")
    delivery.send_due()

    message.refresh_from_db()
    assert (message.send_state, message.reason) == ("blocked", "shop_suspended")
    assert Dispatch.objects.get(pk=dispatch.pk).state == "done"
    assert providers.accepted() == []


def considered(shop, *, now):
    verdicts = compliance.consider(
        Customer.objects.for_shop(shop),
        shop=shop,
        channels=["email"],
        topic="marketing",
        terms=Terms(),
        now=now,
    )
    return [by_channel["email"].refusal for _, by_channel in verdicts]


def test_whoever_is_frozen_meanwhile_is_blocked_and_told_why(root):
    shop, now = ShopFactory(), timezone.now()
    somebody, nobody = CustomerFactory(shop=shop), CustomerFactory(shop=shop, email="")
    assert considered(shop, now=now) == ["", "no_address"]

    suspension.suspend(shop, by=root, reason="Complaints")

    assert considered(shop, now=now) == ["shop_suspended", "no_address"]
    for customer, refusal in ((somebody, "shop_suspended"), (nobody, "no_address")):
        customer.refresh_from_db()
        found = compliance.rules(
            customer, channel="email", topic="marketing", terms=Terms(), now=now
        )
        assert next(rule.reason for rule in found if not rule.passes) == refusal
    (said,) = [rule.found for rule in found if rule.reason == "shop_suspended"]
    assert said.reason == "Complaints"


def test_person_releases_what_a_suspension_has_blocked(dispatch, root, providers):
    emails = waiting(dispatch, 2)
    CustomerCommunication.objects.update(send_state="blocked", reason="shop_suspended")
    Dispatch.objects.update(state="done")
    Barbershop.objects.update(suspended_at=None)

    assert retry.retry_failed(dispatch, by=root) == 2
    delivery.send_due()

    assert [state_of(email) for email in emails] == ["accepted"] * 2


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer")
def test_suspension_waits_for_a_gate_that_has_looked_and_not_yet_committed(
    dispatch, root, monkeypatch
):
    """Else somebody could read "is suspended", and a call would begin after that."""
    (email,) = waiting(dispatch)
    (attempt,) = claim.claim(dispatch=dispatch, channel="email", now=timezone.now())
    refusals = compliance.refusals
    answered = []

    def suspend():
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '300ms'")
        return suspension.suspend(dispatch.shop, by=root, reason="Complaints")

    def asked_meanwhile(*args, **kwargs):
        answered.extend(in_another_connection(suspend))
        return refusals(*args, **kwargs)

    monkeypatch.setattr(compliance, "refusals", asked_meanwhile)

    assert len(gate.begin([attempt], now=timezone.now())) == 1
    assert [type(answer) for answer in answered] == [OperationalError]
    assert Barbershop.objects.get(pk=dispatch.shop_id).suspended_at is None
    assert state_of(email) == "sending"
