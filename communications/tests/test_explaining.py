"""Every rule by itself adds up to what the freeze decides."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from barbershop.models import ClosedDay
from barbershop.tests.factories import ShopFactory
from communications import compliance
from communications.compliance import Terms, findings
from communications.models import DeliveryAttempt, Suppression
from communications.tests.reports import in_call
from customers.models import Customer
from customers.tests.consents import opt_in
from customers.tests.factories import AppointmentFactory, CustomerFactory

pytestmark = [pytest.mark.django_db, pytest.mark.quiet_hours]

Cause = Suppression.Cause
NEW_YORK = ZoneInfo("America/New_York")
NOON = dt.datetime(2026, 6, 1, 12, tzinfo=NEW_YORK).astimezone(dt.UTC)
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


def test_rules_carry_what_was_found_as_values(crowd):
    customer = Customer.objects.for_shop(crowd).order_by("pk").first()

    found = compliance.rules(
        customer, channel="sms", topic="marketing", terms=Terms(excludes_booked=True), now=NIGHT
    )

    nine = NOON.replace(day=2, hour=13)  # UTC
    assert [(rule.name, rule.found) for rule in found] == [
        ("erased", findings.Erased(None)),
        ("address", findings.Address(is_known=True)),
        ("suppressions", findings.Suppressions(())),
        ("held", findings.Held(is_held=False)),
        ("consent", findings.Consent("opted_in", is_needed=True)),
        ("an appointment coming up", findings.Exclusion(is_so=False)),
        ("time zones", findings.TimeZones(("America/New_York",), ("NY",))),
        ("quiet hours", findings.Hours(is_open=False, opens_at=nine)),
        ("texts in 7 days", findings.Cap(had=0, most=1)),
        ("messages in 7 days", findings.Cap(had=0, most=2)),
    ]


def found_of(customer, name, *, channel="sms", now=NOON, ahead=0, **terms):
    """What one rule has found."""
    rules = compliance.rules(
        customer, channel=channel, topic="marketing", terms=Terms(**terms), now=now, ahead=ahead
    )
    (found,) = [rule.found for rule in rules if rule.name == name]
    return found


def test_rules_of_whoever_is_held_back_carry_the_values():
    shop = ShopFactory(suspended_at=NOON - DAY, suspended_reason="Complaints")
    somebody = agreed(shop, "unproven", phone="+18002340100")
    erased = agreed(shop, erased_at=NOON + 5 * DAY / 8)
    for cause in ("stop", "held"):
        Suppression.objects.create(
            shop=shop, channel="sms", address_hmac=somebody.phone_hmac, cause=cause
        )
    visit = AppointmentFactory(customer=somebody, status="booked", starts_at=NIGHT + DAY)

    assert found_of(erased, "erased") == findings.Erased(dt.date(2026, 6, 2))
    assert found_of(somebody, "suppressions") == findings.Suppressions((Cause.HELD, Cause.STOP))
    assert found_of(somebody, "held") == findings.Held(is_held=True)
    needed, free = (
        found_of(somebody, "consent", kind=kind) for kind in ("marketing", "transactional")
    )
    assert needed == findings.Consent("unproven", is_needed=True)
    assert free == findings.Consent("unproven", is_needed=False)
    booked = found_of(visit.customer, "an appointment coming up", excludes_booked=True)
    assert booked == findings.Exclusion(is_so=True)
    suspended = findings.Suspension(NOON - DAY, "Complaints")
    assert found_of(somebody, "suspension of the shop") == suspended
    assert found_of(somebody, "time zones") == findings.TimeZones((), ("US",))
    assert found_of(somebody, "messages in 7 days", ahead=1) == findings.Cap(0, 2, ahead=1)


def test_consent_to_an_email_is_needed_where_the_number_is_from_abroad():
    shop = ShopFactory()
    here, abroad = CustomerFactory(shop=shop), CustomerFactory(shop=shop, phone="+442079460000")

    asked = [found_of(each, "consent", channel="email") for each in (here, abroad)]

    assert asked == [findings.Consent("", is_needed=needed) for needed in (False, True)]


def test_hours_tell_open_from_closed_and_from_closed_for_too_long():
    shop = ShopFactory()
    somebody = agreed(shop)
    evening = NOON.replace(day=2, hour=0)  # 20:00 there, in UTC

    day = found_of(somebody, "quiet hours")
    ClosedDay.objects.bulk_create(ClosedDay(shop=shop, weekday=day) for day in range(7))
    closed = found_of(somebody, "quiet hours")

    assert day == findings.Hours(is_open=True, until=evening)
    assert closed == findings.Hours(is_open=False)


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (findings.Erased(dt.date(2026, 5, 4)), "on 2026-05-04"),
        (findings.Erased(None), "no"),
        (findings.Address(is_known=True), "there is one"),
        (findings.Address(is_known=False), "none"),
        (findings.Suppressions((Cause.BOUNCED, Cause.STOP)), "bounced, stop"),
        (findings.Suppressions(()), "none"),
        (findings.Held(is_held=True), "a reply waits for a person"),
        (findings.Held(is_held=False), "no"),
        (findings.Consent("stale", is_needed=True), "stale; it is needed"),
        (findings.Consent("", is_needed=False), "nothing was said; none is needed"),
        (findings.Exclusion(is_so=True), "yes"),
        (findings.Exclusion(is_so=False), "no"),
        (findings.Suspension(NOON, "Spam"), "since 2026-06-01 12:00 EDT: Spam"),
        (
            findings.TimeZones(("America/Chicago", "America/New_York"), ("TN",)),
            "America/Chicago, America/New_York (TN)",
        ),
        (findings.TimeZones((), ("US",)), "nobody knows (US)"),
        (findings.Hours(is_open=True, until=NOON), "open until 2026-06-01 12:00 EDT"),
        (findings.Hours(is_open=True), "open"),
        (findings.Hours(is_open=False, opens_at=NOON), "closed, opens 2026-06-01 12:00 EDT"),
        (findings.Hours(is_open=False), "closed for more than 3 days"),
        (findings.Cap(had=1, most=2), "had 1 of 2"),
        (findings.Cap(0, 2, ahead=1), "had 0 of 2, and gets this by another channel"),
    ],
)
def test_gates_own_words_are_these(found, words):
    assert found.in_words(NEW_YORK) == words
