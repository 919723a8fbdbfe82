"""C-01, C-16: a campaign reaches exactly those who may be written to; everybody has a reason."""

import datetime as dt
from collections import Counter

import pytest
from django.utils import timezone

from barbershop.models import Barbershop
from barbershop.tests.factories import ShopFactory
from campaigns import execution, materialising, waterfall
from campaigns.tests.factories import DefinitionFactory
from communications import delivery
from communications.models import CustomerCommunication, SenderIdentity
from customers import consent
from customers.addresses import address_hmac
from customers.consent import Statement
from customers.models import Customer
from customers.tests.factories import CustomerFactory

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


def test_of_four_campaigns_in_a_day_three_arrive_in_florida(shop, providers):
    """C-16, to the provider: of two shops of one organisation, whose own caps are wide."""
    florida, new_york = "+13055550100", "+12122340100"
    sister = ShopFactory(organization=shop.organization, name="Cedar South")
    SenderIdentity.objects.create(
        shop=sister,
        channel="sms",
        address="+12125550102",
        registration="CAMPAIGN-2",
        verified_at=timezone.now(),
    )
    for each in (shop, sister):
        Barbershop.objects.filter(pk=each.pk).update(cap_messages=100, cap_sms=100)
        each.refresh_from_db()
        made = CustomerFactory.create_batch(2, shop=each)
        for customer, number in zip(made, (florida, new_york), strict=True):
            customer.phone, customer.phone_hmac = number, address_hmac(number)
            customer.save()
        say(made, "opted_in", at=NOON - dt.timedelta(days=20))

    runs = []
    for hours, where in enumerate((shop, sister, shop, sister)):
        at = NOON + dt.timedelta(hours=hours)
        definition = DefinitionFactory(
            shop=where, campaign_type="sms", channels={"sms": {"message": f"Offer {hours}"}}
        )
        run = execution.start(definition, now=at)
        materialising.run(run.pk, now=at)
        delivery.send_due(now=at)
        runs.append(run.dispatch)

    reached = Counter(line["to"] for line in providers.accepted())
    assert reached == {florida: 3, new_york: 4}
    last = CustomerCommunication.objects.with_state().get(dispatch=runs[-1], address=florida)
    assert (last.state, last.reason) == ("blocked", "frequency_cap")
