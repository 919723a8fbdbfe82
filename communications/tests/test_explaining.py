"""Every rule by itself adds up to what the freeze decides."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from barbershop.tests.factories import ShopFactory
from communications import compliance
from communications.compliance import Terms
from communications.models import DeliveryAttempt, Suppression
from communications.tests.reports import in_call
from customers.models import Customer
from customers.tests.consents import opt_in
from customers.tests.factories import AppointmentFactory, CustomerFactory

pytestmark = [pytest.mark.django_db, pytest.mark.quiet_hours]

NOON = dt.datetime(2026, 6, 1, 12, tzinfo=ZoneInfo("America/New_York")).astimezone(dt.UTC)
NIGHT = NOON + dt.timedelta(hours=10)
DAY = dt.timedelta(days=1)


def agreed(shop, decision="opted_in", **fields):
    customer = CustomerFactory(shop=shop, **fields)
    opt_in(customer, "sms", decision=decision)
    return customer


@pytest.fixture
def crowd():
    """One customer for every rule that can stand in the way, and one for none."""
    shop = ShopFactory()
    agreed(shop)
    CustomerFactory(shop=shop)
    CustomerFactory(shop=shop, phone="", email="")
    agreed(shop, "unproven")
    agreed(shop, phone="+18002340100")
    agreed(shop, erased_at=NOON)
    for cause in ("held", "stop", "unsubscribed"):
        somebody = agreed(shop)
        for channel, hmac in (("sms", somebody.phone_hmac), ("email", somebody.email_hmac)):
            Suppression.objects.create(shop=shop, channel=channel, address_hmac=hmac, cause=cause)
    for channel in ("sms", "email"):
        message = in_call(channel=channel, customer=agreed(shop), dispatch__shop=shop)
        DeliveryAttempt.objects.filter(pk=message.attempt_id).update(sending_at=NOON - DAY)
    AppointmentFactory(customer=agreed(shop), status="booked", starts_at=NIGHT + DAY)
    AppointmentFactory(customer=agreed(shop), starts_at=NOON - DAY)
    return shop


@pytest.mark.parametrize("now", [NOON, NIGHT])
@pytest.mark.parametrize("channel", ["sms", "email"])
@pytest.mark.parametrize(
    "terms",
    [
        Terms(),
        Terms(is_cap_exempt=True),
        Terms(excludes_booked=True, excludes_visited_days=3),
        Terms(kind="transactional"),
    ],
)
def test_first_rule_that_does_not_pass_is_the_reason_of_the_freeze(crowd, terms, channel, now):
    verdicts = dict(
        compliance.consider(
            Customer.objects.for_shop(crowd),
            shop=crowd,
            channels=[channel],
            topic="marketing",
            terms=terms,
            now=now,
        )
    )

    for customer in Customer.objects.for_shop(crowd):
        found = compliance.rules(customer, channel=channel, topic="marketing", terms=terms, now=now)
        failed = [rule.reason for rule in found if not rule.passes]
        assert failed[:1] == list(filter(None, [verdicts[customer.pk][channel].refusal]))


def test_rules_say_what_was_found(crowd):
    customer = Customer.objects.for_shop(crowd).order_by("pk").first()

    found = compliance.rules(
        customer, channel="sms", topic="marketing", terms=Terms(excludes_booked=True), now=NIGHT
    )

    assert [(rule.name, rule.found) for rule in found] == [
        ("erased", "no"),
        ("address", "there is one"),
        ("suppressions", "none"),
        ("held", "no"),
        ("consent", "opted_in; it is needed"),
        ("an appointment coming up", "no"),
        ("time zones", "America/New_York (NY)"),
        ("quiet hours", "closed, opens 2026-06-02 09:00 EDT"),
        ("texts in 7 days", "had 0 of 1"),
        ("messages in 7 days", "had 0 of 2"),
    ]
