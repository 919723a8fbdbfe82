"""The chain of consent, and what it permits now."""

import datetime as dt

import pytest
from django.db import connection
from django.utils import timezone

from barbershop.models import AppendOnlyError
from barbershop.tests.factories import ShopFactory
from barbershop.tests.tampering import execute as tamper
from customers import consent, countries
from customers.models import ConsentChain, ContactConsent, ContactConsentDetail, Customer
from customers.tests.consents import opt_in
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db


def decision(customer, channel="sms", topic="marketing"):
    people = Customer.objects.for_shop(customer.shop)
    annotated = consent.annotate_decision(people, channel=channel, topic=topic)
    return annotated.get(pk=customer.pk).consent_decision


def test_who_never_said_anything_has_no_decision():
    customer = CustomerFactory()
    opt_in(CustomerFactory(phone=customer.phone), "sms")

    assert decision(customer) == ""


@pytest.mark.parametrize("word", ["opted_in", "unproven", "opted_out"])
def test_the_latest_entry_decides(word):
    customer = CustomerFactory()
    opt_in(customer, "sms")
    opt_in(customer, "sms", decision=word)

    assert decision(customer) == word


def test_channels_and_topics_are_decided_apart():
    customer = CustomerFactory()
    opt_in(customer, "sms")

    assert decision(customer, "email") == ""
    assert decision(customer, topic="appointments") == ""


def test_another_phone_number_makes_consent_to_texts_stale():
    customer = CustomerFactory(phone="+12125550001")
    opt_in(customer, "sms")
    opt_in(customer, "email")
    customer.phone, customer.email = "+12125550002", "new@example.test"
    customer.save()

    assert decision(customer) == "stale"
    assert decision(customer, "email") == "stale"


def test_an_opt_out_outlives_the_number():
    customer = CustomerFactory(phone="+12125550001")
    customer.opt_out("sms", source="sms_stop")
    customer.phone = "+12125550002"
    customer.save()

    assert decision(customer) == "opted_out"


def test_marketing_email_needs_consent_outside_the_united_states():
    assert not consent.is_required(channel="email", country="US")
    assert consent.is_required(channel="email", country="CA")
    assert consent.is_required(channel="email", country="DE")
    assert consent.is_required(channel="sms", country="US")


@pytest.mark.parametrize(
    ("signs", "needs"),
    [
        ({"phone": ""}, False),
        ({"phone": "+12125550100"}, False),
        ({"phone": "+17872340100"}, False),  # Puerto Rico
        ({"phone": "+18005550100"}, False),
        ({"phone": "+14165550100"}, True),  # Toronto
        ({"phone": "+18765550100"}, True),  # Jamaica
        ({"phone": "+4930123456"}, True),
        *(
            ({"phone": "", "timezone": zone}, False)
            for zone in ("America/New_York", "US/Eastern", "Pacific/Guam", "UTC", "Etc/GMT+5")
        ),
        ({"phone": "", "timezone": "America/Toronto"}, True),
        ({"phone": "", "timezone": "Europe/Paris"}, True),
        ({"phone": "+12125550100", "timezone": "Europe/Berlin"}, True),
        *(
            ({"phone": "", "zip": code}, False)
            for code in ("10001", "10001-1234", "100011234", "2134", "2134-1234", "501")
        ),
        *(
            ({"phone": "", "zip": code}, True)
            for code in ("M5V 3L9", "M5V3L9", "SW1A 1AA", "1012 AB", "560001", "01310-100", "x")
        ),
        ({"phone": "+12125550100", "zip": "M5V 3L9"}, True),
    ],
)
def test_marketing_email_needs_consent_where_the_customers_country_asks_for_it(signs, needs):
    customer = CustomerFactory(**signs)

    assert consent.is_required(channel="email", country="US", **signs) is needs
    found = Customer.objects.filter(countries.asking_for_consent(), pk=customer.pk)
    assert found.exists() is needs


def test_nobody_has_said_anything_in_the_future():
    customer = CustomerFactory()
    now = timezone.now()
    consent.record(
        customer=customer,
        channel="email",
        decision="opted_out",
        source="provider_unsubscribe",
        given_at=dt.datetime(3000, 1, 1, tzinfo=dt.UTC),
        now=now,
    )
    opt_in(customer, "email")

    assert customer.consents.get(seq=1).given_at == now
    assert decision(customer, "email") == "opted_in"
    assert consent.verify(customer)


def test_each_customers_chain_is_whole_and_its_own():
    first, second = CustomerFactory(), CustomerFactory()
    entries = [
        consent.Statement(
            customer=customer,
            channel=channel,
            decision="opted_in",
            source="form",
            given_at=timezone.now(),
        )
        for channel in ("sms", "email")
        for customer in (first, second)
    ]

    recorded = consent.record_many(entries)

    assert [entry.seq for entry in recorded] == [1, 1, 2, 2]
    assert recorded[2].previous_hash == recorded[0].hash
    assert consent.verify(first)
    assert consent.verify(second)
    assert consent.verify(CustomerFactory())


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE contact_consents SET decision = 'opted_in' WHERE id = %s",
        "UPDATE contact_consents SET given_at = '2020-01-01 00:00:00+00:00' WHERE id = %s",
        "UPDATE contact_consents SET source = 'other' WHERE id = %s",
    ],
)
def test_a_changed_entry_breaks_the_chain(tampering):
    customer = CustomerFactory()
    opt_in(customer, "sms")
    entry = customer.opt_out("sms", source="sms_stop")
    opt_in(customer, "email")

    tamper("contact_consents", tampering, [entry.pk])

    assert not consent.verify(customer)


def test_an_entry_cut_off_at_the_end_breaks_the_chain():
    customer = CustomerFactory()
    opt_in(customer, "sms")
    entry = customer.opt_out("sms", source="sms_stop")

    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM contact_consent_details WHERE consent_id = %s", [entry.pk])
    tamper("contact_consents", "DELETE FROM contact_consents WHERE id = %s", [entry.pk])

    assert not consent.verify(customer)


def test_erasing_the_detail_leaves_the_chain_whole():
    customer = CustomerFactory(phone="+12125550123")
    opt_in(customer, "sms")

    ContactConsentDetail.objects.update(address="", disclosure_text="", ip=None, user_agent="")

    assert consent.verify(customer)
    row = ContactConsent.objects.values().get()
    assert not any("2125550123" in str(value) for value in row.values())


def test_entries_cannot_be_changed_or_deleted():
    entry = opt_in(CustomerFactory(), "sms")

    for attempt in (entry.save, entry.delete, ContactConsent.objects.all().delete):
        with pytest.raises(AppendOnlyError):
            attempt()


def test_opting_out_says_when_and_where():
    customer = CustomerFactory(shop=ShopFactory())
    at = dt.datetime(2026, 3, 1, 9, tzinfo=dt.UTC)

    entry = customer.opt_out("sms", source="sms_stop", now=at)

    assert (entry.decision, entry.source, entry.given_at) == ("opted_out", "sms_stop", at)
    assert entry.shop == customer.shop
    assert entry.address_hmac == customer.phone_hmac


def test_an_opt_in_said_earlier_but_recorded_later_does_not_undo_an_opt_out():
    customer = CustomerFactory()
    now = timezone.now()
    customer.opt_out("email", source="one_click", now=now)

    consent.record(
        customer=customer,
        channel="email",
        decision="opted_in",
        source="paper form",
        given_at=now - dt.timedelta(days=30),
    )

    assert decision(customer, "email") == "opted_out"
    assert [entry.decision for entry in customer.consents.latest()] == ["opted_out"]
    assert consent.verify(customer)


def test_of_two_things_said_at_once_the_later_entry_counts():
    customer = CustomerFactory()
    now = timezone.now()
    for word in ("opted_out", "opted_in"):
        consent.record(
            customer=customer, channel="email", decision=word, source="form", given_at=now
        )

    assert decision(customer, "email") == "opted_in"
    assert customer.consents.latest().get().decision == "opted_in"


def test_heads_of_chains_are_made_in_one_order_whoever_asks():
    people = [CustomerFactory() for _ in range(3)]

    consent.record_many(
        consent.Statement(
            customer=customer,
            channel="email",
            decision="opted_in",
            source="form",
            given_at=timezone.now(),
        )
        for customer in reversed(people)
    )

    heads = ConsentChain.objects.order_by("pk").values_list("customer", flat=True)
    assert list(heads) == [customer.pk for customer in people]
