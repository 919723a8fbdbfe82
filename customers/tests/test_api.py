"""The API of this floor: rows in, bad rows out, and nobody else's rows ever."""

import pytest

from barbershop.models import AuditEntry
from barbershop.tests.factories import BarberFactory
from customers import consent
from customers.models import Appointment, ContactConsent, Customer
from customers.tests.consents import opt_in
from customers.tests.factories import (
    AppointmentFactory,
    CustomerFactory,
    PaymentFactory,
    SegmentFactory,
)

pytestmark = pytest.mark.django_db


def error_of(response):
    return response.json()["error"]


def test_a_customer_is_created_with_everything_that_was_said(api, shop):
    barber = BarberFactory(shop=shop, external_id="b-1")

    response = api.post(
        "/api/customers/",
        {
            "external_id": "c-1",
            "first_name": "Sam",
            "email": "Sam@Example.COM",
            "phone": "(212) 555-0123",
            "birthday": "--02-29",
            "tags": ["vip", "beard", "vip"],
            "preferred_barber_external_id": "b-1",
            "timezone": "America/Chicago",
        },
    )

    body = response.json()
    assert response.status_code == 201, body
    assert (body["email"], body["phone"]) == ("sam@example.com", "+12125550123")
    assert (body["birthday"], body["tags"]) == ("--02-29", ["beard", "vip"])
    assert body["preferred_barber"] == barber.pk
    assert body["consent"] == {"email": "none", "sms": "none"}
    assert (body["visit_count"], body["spent"], body["source"]) == (0, 0, "api")


def test_posting_a_known_external_id_updates_and_keeps_what_is_left_out(api, shop):
    CustomerFactory(shop=shop, external_id="c-1", first_name="Sam", email="sam@example.test")

    response = api.post("/api/customers", {"external_id": "c-1", "first_name": "Samuel"})

    assert response.status_code == 200
    customer = Customer.objects.get()
    assert (customer.first_name, customer.email) == ("Samuel", "sam@example.test")


def test_a_new_value_of_what_is_only_read_is_refused_and_the_same_one_is_not(api, shop):
    customer = CustomerFactory(shop=shop, first_name="Sam")
    path = f"/api/customers/{customer.pk}"
    read = api.get(path).json()

    refused = api.patch(path, {"consent": {"email": "opted_in", "sms": "none"}, "spent": 9})
    taken = api.patch(path, {**read, "first_name": "Samuel"})

    assert set(error_of(refused)["fields"]) == {"consent", "spent"}
    assert (taken.status_code, taken.json()["first_name"]) == (200, "Samuel")


def test_a_row_that_is_not_there_is_named(api):
    fields = error_of(api.post("/api/customers", {"first_name": "S", "preferred_barber": 76}))

    assert fields["fields"] == {"preferred_barber": ["There is no barber 76 in this shop."]}


@pytest.mark.parametrize("phone", ["+15005550006", "(212) 555-0123", "1-900-555-0123"])
def test_numbers_with_an_area_code_are_taken(api, phone):
    assert api.post("/api/customers", {"phone": phone}).status_code == 201


def test_an_external_id_of_another_shop_is_free_here(api):
    CustomerFactory(external_id="c-1", email="sam@example.test")

    response = api.post("/api/customers/", {"external_id": "c-1", "email": "sam@example.test"})

    assert response.status_code == 201
    assert Customer.objects.count() == 2


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "not an address"),
        ("phone", "12"),
        ("phone", "555-0147"),
        ("first_name", 5),
        ("first_name", "Sam\u0007"),
        ("first_name", "Sam\r\nSmith"),
        ("last_name", "\u202eSmith"),
        ("tags", [5]),
        ("tags", ["v\u0007ip"]),
        ("external_id", 5),
        ("consent", {"sms": "opted_in"}),
        ("spent", 5),
        ("birthday", "1990-02-30"),
        ("birthday", 19900230),
        ("timezone", "Mars/Olympus"),
        ("first_name", "x" * 81),
        ("tags", "vip"),
        ("tags", [{}]),
        ("preferred_barber", 999_999_999_999_999_999_999),
        ("frist_name", "Sam"),
    ],
)
def test_a_wrong_value_is_refused_on_its_own_field(api, field, value):
    response = api.post("/api/customers/", {"external_id": "c-1", field: value})

    assert response.status_code == 400
    assert [name.split(".")[0] for name in error_of(response)["fields"]] == [field]
    assert not Customer.objects.exists()


def test_a_customer_of_whom_nothing_is_said_is_refused(api):
    assert api.post("/api/customers/", {}).status_code == 400
    assert api.post("/api/customers/", {"tags": ["vip"]}).status_code == 400
    assert not Customer.objects.exists()


def test_customers_cannot_be_deleted(api, shop):
    customer = CustomerFactory(shop=shop)

    assert api.delete(f"/api/customers/{customer.pk}/").status_code == 405


def test_visit_facts_and_consent_are_shown(api, shop):
    customer = CustomerFactory(shop=shop)
    AppointmentFactory(customer=customer)
    AppointmentFactory(customer=customer, status=Appointment.Status.NO_SHOW)
    PaymentFactory(customer=customer, amount=5000, refunded_amount=1000)
    opt_in(customer, "sms")

    body = api.get(f"/api/customers/{customer.pk}").json()

    assert (body["visit_count"], body["spent"]) == (1, 4000)
    assert body["consent"] == {"email": "none", "sms": "opted_in"}


def test_customers_are_found_by_address_tag_and_name_in_this_shop_only(api, shop):
    sam = CustomerFactory(shop=shop, first_name="Samir", email="sam@example.test")
    CustomerFactory(email="sam@example.test", first_name="Samir")
    CustomerFactory(shop=shop, first_name="Ana", email="")
    api.patch(f"/api/customers/{sam.pk}", {"tags": ["vip"]})

    for query in ("email=SAM@example.test", "tag=vip", "search=samir", "has_email=true"):
        results = api.get(f"/api/customers/?{query}").json()["results"]
        assert [row["id"] for row in results] == [sam.pk], query


def test_an_opt_in_needs_the_wording_that_was_shown(api, shop):
    customer = CustomerFactory(shop=shop)
    said = {
        "customer": customer.pk,
        "channel": "sms",
        "decision": "opted_in",
        "source": "web form",
        "phone": customer.phone,
        "given_at": "2026-05-01T10:00:00Z",
    }

    bare = api.post("/api/consents/", said)
    proven = api.post("/api/consents/", said | {"disclosure_text": "I agree."})

    assert bare.status_code == 400
    assert "disclosure_text" in error_of(bare)["fields"]
    assert proven.status_code == 201, proven.json()
    assert ContactConsent.objects.get().detail.disclosure_text == "I agree."
    assert consent.verify(customer)
    (entry,) = AuditEntry.objects.for_shop(shop)
    assert (entry.action, entry.object_id) == ("consent.record", str(proven.json()["id"]))
    assert entry.token is not None
    assert entry.detail.after == {
        "channel": "sms",
        "topic": "marketing",
        "decision": "opted_in",
    }


def test_an_unknown_choice_is_refused_naming_those_there_are(api, shop):
    body = {"customer": CustomerFactory(shop=shop).pk, "channel": "fax"}

    assert "email, sms" in error_of(api.post("/api/consents/", body))["fields"]["channel"][0]


def test_consent_in_the_future_is_refused(api, shop):
    response = api.post(
        "/api/consents/",
        {
            "customer": CustomerFactory(shop=shop).pk,
            "channel": "email",
            "decision": "opted_out",
            "source": "phone call",
            "given_at": "2999-01-01T00:00:00Z",
        },
    )

    assert response.status_code == 400
    assert not ContactConsent.objects.exists()


def test_consents_cannot_be_changed_or_deleted(api, shop):
    entry = opt_in(CustomerFactory(shop=shop), "sms")

    for method in (api.put, api.patch, api.delete):
        assert method(f"/api/consents/{entry.pk}/").status_code == 405


def test_a_segment_says_its_criteria_back_and_counts(api, shop):
    AppointmentFactory(customer=CustomerFactory(shop=shop), days_ago=40)
    AppointmentFactory(customer=CustomerFactory(shop=shop), days_ago=5)
    AppointmentFactory(days_ago=40)

    made = api.post(
        "/api/segments/", {"name": "Lapsed", "criteria": {"last_visit_days": {"min": 30}}}
    ).json()

    assert "30" in made["sentence"]
    assert api.get(f"/api/segments/{made['id']}/count").json() == {"count": 1}


def test_an_unknown_criterion_is_refused_naming_the_nearest(api):
    response = api.post(
        "/api/segments/", {"name": "Lapsed", "criteria": {"last_visit_day": {"min": 30}}}
    )

    assert response.status_code == 400
    fields = error_of(response)["fields"]
    assert "last_visit_days" in fields["criteria.last_visit_day"][0]


def test_a_segment_name_is_taken_once_per_shop(api, shop):
    SegmentFactory(shop=shop, name="VIP")
    SegmentFactory(name="Lapsed")

    assert api.post("/api/segments/", {"name": "VIP"}).status_code == 400
    assert api.post("/api/segments/", {"name": "Lapsed"}).status_code == 201
