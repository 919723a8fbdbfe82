"""The last line: what the database refuses to hold twice, whatever the code above it does."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from barbershop.tests.factories import ShopFactory
from communications.models import Budget, BudgetReservation, ProviderAccount, ProviderEvent
from communications.tests.factories import CommunicationFactory, DispatchFactory
from communications.tests.reports import in_call
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db


def assert_refused(name: str, make) -> None:
    """The constraint of this name refuses the second row; SQLite names columns instead."""
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        make()
    assert name in str(caught.value) or "UNIQUE constraint failed" in str(caught.value)


def beside(message, **changed):
    """Another message of the same run, to somebody else unless told."""
    given = {"customer": CustomerFactory(shop=message.shop)} | changed
    return CommunicationFactory(dispatch=message.dispatch, content=message.content, **given)


def test_one_person_has_one_message_per_channel_of_a_run():
    first = CommunicationFactory()

    assert_refused(
        "communication_once_per_person_and_channel",
        lambda: beside(first, customer=first.customer, address="other@example.test"),
    )
    CommunicationFactory(dispatch=first.dispatch, channel="sms", customer=first.customer)
    CommunicationFactory(
        dispatch=DispatchFactory(shop=first.shop), content=first.content, customer=first.customer
    )


def test_one_address_is_written_to_once_per_run():
    first = CommunicationFactory()

    assert_refused("communication_once_per_address", lambda: beside(first, address=first.address))
    beside(first, address=first.address, send_state="blocked", reason="duplicate_address")
    beside(first, address="", send_state="blocked", reason="no_address")
    beside(first, address="", send_state="blocked", reason="no_address")


def test_one_occurrence_is_messaged_once_whatever_the_run():
    first = CommunicationFactory(dedupe_key="7:1:12:birthday:2027")

    assert_refused(
        "communication_dedupe_key_once",
        lambda: CommunicationFactory(dedupe_key=first.dedupe_key),
    )
    beside(first, dedupe_key=None)
    beside(first, dedupe_key=None)


def test_one_event_is_stored_once():
    first = ProviderEvent.objects.create(
        provider="sendgrid", event_key="e-1", kind="delivered", payload={}
    )

    assert_refused(
        "provider_event_once_per_key",
        lambda: ProviderEvent.objects.create(
            provider="sendgrid", event_key=first.event_key, kind="opened", payload={}
        ),
    )
    ProviderEvent.objects.create(provider="twilio", event_key="e-1", kind="sent", payload={})


def test_one_call_reserves_once_from_a_budget():
    call = in_call(state="claimed").attempt
    budget = Budget.objects.create(shop=call.shop, limit_micros=100)
    given = {"shop": call.shop, "budget": budget, "attempt": call, "amount_micros": 1}
    BudgetReservation.objects.create(**given)

    assert_refused(
        "budget_reservation_once_per_call", lambda: BudgetReservation.objects.create(**given)
    )


def test_one_month_of_a_shop_has_one_budget():
    shop, month = ShopFactory(), timezone.now().date().replace(day=1)
    Budget.objects.create(shop=shop, month=month, limit_micros=100)

    assert_refused(
        "budget_once_per_month",
        lambda: Budget.objects.create(shop=shop, month=month, limit_micros=200),
    )
    Budget.objects.create(shop=ShopFactory(), month=month, limit_micros=100)


def test_installation_has_one_account_of_a_name():
    given = {"shop": None, "provider": "twilio", "name": "default"}
    ProviderAccount.objects.create(**given)

    assert_refused(
        "provider_account_name_once_for_all", lambda: ProviderAccount.objects.create(**given)
    )
    ProviderAccount.objects.create(**given | {"shop": ShopFactory()})
