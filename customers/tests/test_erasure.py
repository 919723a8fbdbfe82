"""The verb that erases: what it leaves alone, what it says beforehand, who may be the same."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from barbershop import audit, personal_data
from barbershop.models import AuditDetail, AuditEntry, Membership
from barbershop.tests.factories import MembershipFactory, ShopFactory
from customers import erasure, kept_out
from customers.models import Customer
from customers.tests.factories import AppointmentFactory, CustomerFactory

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 20, 17, 0, tzinfo=dt.UTC)


@pytest.fixture
def person():
    return CustomerFactory(first_name="Sam", last_name="Adams", external_id="crm-4711")


def test_whoever_saves_a_person_loaded_before_his_erasure_is_refused(person):
    stale = Customer.objects.get(pk=person.pk)
    erasure.erase(person, reason="asked")
    stale.zip = "10001"

    with pytest.raises(IntegrityError), transaction.atomic():
        stale.save()

    person.refresh_from_db()
    assert (person.first_name, person.zip) == ("", "")
    assert person.erased_at is not None


def test_reason_is_kept_without_his_name_and_address(person):
    said = f"sam adams ({person.email}, {person.phone}) asked; Samantha took the call"

    erasure.erase(person, reason=said)

    kept = AuditDetail.objects.get(entry__action="customer.erase").after["reason"]
    assert kept == "… (…, …) asked; Samantha took the call"


def test_erasure_is_in_the_audit_log_with_who_did_it(person):
    owner = MembershipFactory(shop=person.shop).user

    erasure.erase(person, by=owner, reason="asked", now=NOW)

    entry = AuditEntry.objects.get(action="customer.erase")
    assert (entry.actor, entry.object_id, entry.at) == (owner, str(person.pk), NOW)


def test_consequences_are_told_in_numbers(person):
    AppointmentFactory.create_batch(2, customer=person)
    AppointmentFactory(customer=CustomerFactory(shop=person.shop))
    CustomerFactory(shop=person.shop, phone=person.phone)

    told = erasure.foresee(person)

    assert (1, "customer: emptied of what is personal") in told
    assert (2, "visits and bookings: emptied of what is personal; times and prices stay") in told
    assert (2, "addresses kept as a keyed hash only, and never written to again") in told
    assert told[-1] == (
        1,
        "other customer has one of these addresses: nothing is sent there for them either, "
        "and no offer elsewhere",
    )


def test_same_person_elsewhere_is_offered_where_one_may_erase(person):
    organization = person.shop.organization
    mine, staffed, foreign = (
        ShopFactory(organization=organization),
        ShopFactory(organization=organization),
        ShopFactory(),
    )
    boss = MembershipFactory(shop=person.shop).user
    MembershipFactory(user=boss, shop=mine, role=Membership.Role.MANAGER)
    MembershipFactory(user=boss, shop=staffed, role=Membership.Role.STAFF)
    MembershipFactory(user=boss, shop=foreign)
    same = CustomerFactory(shop=mine, email=person.email)
    CustomerFactory(shop=mine)
    for shop in (staffed, foreign):
        CustomerFactory(shop=shop, email=person.email)

    assert list(erasure.elsewhere(person, by=boss)) == [same]


def test_audit_of_somebody_with_the_same_address_keeps_its_words(person):
    mother = CustomerFactory(shop=person.shop, phone=person.phone)
    hers = audit.record(shop=person.shop, action="x", target=mother, after={"phone": person.phone})
    about_a_tag = audit.record(shop=person.shop, action="y", after={"said": person.phone})

    erasure.erase(person, reason="asked")

    details = dict(AuditDetail.objects.values_list("entry", "after"))
    assert details[hers.pk] == {"phone": mother.phone}
    assert details[about_a_tag.pk] is None


def test_name_that_two_people_share_names_nobody(person):
    CustomerFactory(shop=person.shop, first_name="Sam", last_name="Adams")
    entry = audit.record(shop=person.shop, action="x", after={"said": "Sam Adams"})

    erasure.erase(person, reason="asked")

    assert AuditDetail.objects.get(entry=entry).after == {"said": "Sam Adams"}


def test_reason_of_an_erasure_outlives_the_sweep(person):
    erasure.erase(person, reason="asked by email")

    erasure.sweep()

    assert AuditDetail.objects.get(entry__action="customer.erase").after["reason"] == (
        "asked by email"
    )


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("The 'To' number +12125550123 is not valid", (), "The 'To' number … is not valid"),
        ("no such mailbox: sam.o'x@shop.example.test", (), "no such mailbox: sam.o'…"),
        ("call (212) 555-0123 now", (), "call … now"),
        ("HTTP 503 after 10 s, code 21610", (), "HTTP 503 after 10 s, code 21610"),
        ("Sam and Samantha", ("Sam",), "… and Samantha"),
        ("nothing", ("",), "nothing"),
    ],
)
def test_addresses_and_names_are_struck_out(text, words, expected):
    assert personal_data.strike_out(text, words) == expected


def test_people_who_come_back_are_recognised_by_either_address(person):
    email, phone, shop = person.email, person.phone, person.shop
    erasure.erase(person, reason="asked", now=timezone.now())
    by_email = CustomerFactory(shop=shop, email=email)
    by_phone = CustomerFactory(shop=shop, phone=phone)
    CustomerFactory(shop=shop)
    CustomerFactory(email=email)  # another shop's

    found = kept_out.annotate(Customer.objects.present()).filter(is_kept_out=True)

    assert set(found) == {by_email, by_phone}
    assert kept_out.count([by_email, by_phone, CustomerFactory(shop=shop)], shop=shop) == 2


def test_sentence_about_people_who_come_back_counts_them():
    assert kept_out.in_words(0) == ""
    assert kept_out.in_words(1).startswith("1 person asked to be erased before")
    assert kept_out.in_words(1200).startswith("1,200 people asked to be erased before")
