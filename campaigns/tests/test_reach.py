"""C-01: a campaign reaches exactly those who may be written to, and everybody has a reason."""

import datetime as dt
from collections import Counter

import pytest
from django.utils import timezone

from barbershop.tests.factories import ShopFactory
from campaigns import execution, materialising, waterfall
from campaigns.tests.factories import DefinitionFactory
from communications import delivery
from communications.models import CustomerCommunication, SenderIdentity
from customers import consent
from customers.addresses import address_hmac
from customers.consent import Statement
from customers.models import Customer

PEOPLE, PROVEN, REVOKED, UNPROVEN = 1_000, 300, 50, 200
# Noon of a working day where all of them are, within the texts' window.
NOON = dt.datetime(2026, 11, 24, 17, tzinfo=dt.UTC)


@pytest.fixture
def shop(transactional_db):
    shop = ShopFactory(name="Cedar")
    SenderIdentity.objects.create(
        shop=shop,
        channel="sms",
        address="+15005550006",
        registration="CAMPAIGN-1",
        verified_at=timezone.now(),
    )
    return shop


def people(shop) -> list[Customer]:
    numbers = [f"+1212{2_000_000 + n}" for n in range(PEOPLE)]
    Customer.objects.bulk_create(
        Customer(shop=shop, first_name="Sam", phone=number, phone_hmac=address_hmac(number))
        for number in numbers
    )
    return list(Customer.objects.for_shop(shop).order_by("phone"))


def say(customers, decision, *, at) -> None:
    consent.record_many(
        (
            Statement(
                customer=customer,
                channel="sms",
                decision=decision,
                source="sign_up_page",
                given_at=at,
                disclosure_text="I agree.",
                disclosure_version="sms/2026-11-22/en",
            )
            for customer in customers
        ),
        now=at,
    )


def test_text_campaign_reaches_exactly_those_with_proven_consent(shop, providers):
    everybody = people(shop)
    say(everybody[:PROVEN], "opted_in", at=NOON - dt.timedelta(days=20))
    say(everybody[:REVOKED], "opted_out", at=NOON - dt.timedelta(days=10))
    say(everybody[PROVEN : PROVEN + UNPROVEN], "unproven", at=NOON - dt.timedelta(days=20))
    say(people(ShopFactory())[PROVEN:], "opted_in", at=NOON - dt.timedelta(days=20))  # elsewhere
    definition = DefinitionFactory(
        shop=shop, campaign_type="sms", channels={"sms": {"message": "Come in."}}
    )

    forecast = waterfall.forecast(definition, now=NOON)
    run = execution.start(definition, now=NOON)
    materialising.run(run.pk, now=NOON)
    delivery.send_due(now=NOON)

    reached = [line["to"] for line in providers.accepted()]
    assert sorted(reached) == [customer.phone for customer in everybody[REVOKED:PROVEN]]
    rows = CustomerCommunication.objects.filter(dispatch=run.dispatch).with_state()
    reasons = Counter(rows.filter(state="blocked").values_list("reason", flat=True))
    assert reasons == {"no_consent": 550, "unproven": 200}
    assert sum(reasons.values()) == PEOPLE - (PROVEN - REVOKED) == 750
    assert rows.count() == PEOPLE
    assert (forecast.will_receive, forecast.blocked) == (250, dict(reasons))
