"""Erasing by API, page and admin; and what becomes of people whom a file or the API brings back."""

import pytest
from django.test import Client
from django.urls import reverse

from barbershop.models import AuditEntry, Membership
from barbershop.tests.api import person_client, token_client
from barbershop.tests.factories import MembershipFactory, ShopFactory, UserFactory
from communications import compliance
from customers import erasure
from customers.models import ContactConsentDetail, Customer
from customers.tests.csv_files import run
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(shop):
    return CustomerFactory(shop=shop, first_name="Sam", last_name="Adams", external_id="c-1")


@pytest.fixture
def owner(client, shop):
    client.force_login(MembershipFactory(shop=shop).user)
    return client


def refusals(shop, *, channel="email") -> dict[str, str]:
    people = Customer.objects.for_shop(shop).present()
    found = compliance.annotate_refusal(people, shop=shop, channel=channel, topic="marketing")
    return dict(found.values_list("first_name", "refusal"))


def test_api_erases_and_answers_the_same_when_asked_again(person, shop):
    client = token_client(shop)

    first, again = (
        client.post(f"/api/customers/{person.pk}/erase", {"reason": "asked"}).json() for _ in "ab"
    )

    assert (first["is_new"], again["is_new"]) == (True, False)
    assert first["erased_at"] == again["erased_at"]
    assert first["rows"]["customers.customer"] == 1
    assert client.get(f"/api/customers/{person.pk}").status_code == 404
    assert AuditEntry.objects.filter(action="customer.erase").count() == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "reason"),
        ({"reason": ""}, "reason"),
        ({"reason": 5}, "reason"),
        ({"reason": "a\nb"}, "reason"),
        ({"reason": "x" * 201}, "reason"),
        ({"reason": "asked", "everywhere": True}, "everywhere"),
    ],
)
def test_api_refuses_to_erase_without_a_good_reason(person, shop, body, field):
    answer = token_client(shop).post(f"/api/customers/{person.pk}/erase", body)

    assert answer.status_code == 400
    assert list(answer.json()["error"]["fields"]) == [field]
    person.refresh_from_db()
    assert person.erased_at is None


def test_api_takes_no_consent_of_an_erased_person(person, shop):
    client = token_client(shop)
    body = {
        "customer": person.pk,
        "channel": "sms",
        "decision": "opted_in",
        "source": "web form",
        "phone": person.phone,
        "disclosure_text": "I agree.",
        "ip": "203.0.113.9",
        "given_at": "2026-05-01T10:00:00Z",
    }
    before = client.post("/api/consents/", body)
    erasure.erase(person, reason="He asked.")
    after = client.post("/api/consents/", body)

    assert (before.status_code, after.status_code) == (201, 400)
    assert after.json()["error"]["fields"] == {"customer": ["This customer was erased."]}
    assert not ContactConsentDetail.objects.exclude(ip=None).exists()


def test_page_asks_with_numbers_and_erases_with_a_reason(owner, person):
    path = reverse("customer-erase", args=[person.pk])

    asked = owner.get(path)
    without = owner.post(path, {"reason": ""})
    done = owner.post(path, {"reason": "He asked by email"})

    assert ("1", "customer: emptied of what is personal") in asked.context["consequences"]
    assert without.status_code == 400
    assert done.url == reverse("customer", args=[person.pk])
    person.refresh_from_db()
    assert person.erased_at is not None
    assert owner.get(path).url == done.url


def test_page_erases_further_records_that_were_ticked_and_no_others(owner, person, shop):
    twin = CustomerFactory(shop=shop, email=person.email)
    mother = CustomerFactory(shop=shop, phone=person.phone)
    stranger = CustomerFactory(shop=shop)
    path = reverse("customer-erase", args=[person.pk])

    refused = owner.post(path, {"reason": "asked", "also": [stranger.pk]})
    owner.post(path, {"reason": "asked", "also": [twin.pk]})

    assert refused.status_code == 400
    left = Customer.objects.present().values_list("pk", flat=True)
    assert set(left) == {mother.pk, stranger.pk}


@pytest.mark.parametrize("reason", ["", "  ", "a\nb", "x" * 201])
def test_admin_asks_for_a_reason_and_erases_with_one_only(person, shop, reason):
    boss = UserFactory(is_staff=True)
    MembershipFactory(user=boss, shop=shop, role=Membership.Role.MANAGER)
    client = Client()
    client.force_login(boss)
    path = reverse("admin:customers_customer_changelist")
    chosen = {"action": "erase", "_selected_action": [person.pk]}

    asked = client.post(path, chosen)
    without = client.post(
        path, chosen | {"confirm_token": asked.context["token"], "reason": reason}
    )
    person.refresh_from_db()
    before = person.erased_at
    token = without.context["token"]
    client.post(
        path, chosen | {"confirm_token": token, "reason": "Sam Adams asked for it by letter"}
    )

    assert b"customer: emptied of what is personal" in asked.content
    assert b'name="reason"' in asked.content
    assert before is None
    person.refresh_from_db()
    assert person.erased_at is not None
    entry = AuditEntry.objects.get(action="customer.erase")
    assert (entry.actor, entry.detail.after["reason"]) == (
        boss,
        "\N{HORIZONTAL ELLIPSIS} asked for it by letter",
    )


def test_admin_offers_no_erasure_to_staff(person, shop):
    worker = UserFactory(is_staff=True)
    MembershipFactory(user=worker, shop=shop, role=Membership.Role.STAFF)
    client = Client()
    client.force_login(worker)

    client.post(
        reverse("admin:customers_customer_changelist"),
        {"action": "erase", "_selected_action": [person.pk]},
    )

    person.refresh_from_db()
    assert person.erased_at is None


def test_person_brought_back_by_a_file_is_kept_out_and_the_import_says_so(person, shop):
    erasure.erase(person, reason="asked")
    text = f"external_id,first_name,email\nc-1,Back,{person.email}\nc-2,New,new@example.test\n"

    checked, done, again = (run(shop, text, dry_run=dry) for dry in (True, False, False))

    assert [each.kept_out for each in (checked, done, again)] == [1, 1, 1]
    assert (done.created, again.unchanged) == (2, 2)
    assert refusals(shop) == {"Back": "suppressed", "New": ""}


def test_consent_in_a_file_does_not_bring_an_erased_number_back(person, shop):
    erasure.erase(person, reason="asked")

    run(
        shop,
        "first_name,phone,sms_consent_at,sms_consent_source,sms_consent_text\n"
        f"Back,{person.phone},2026-01-02,paper form,I agree to texts\n",
    )

    assert refusals(shop, channel="sms") == {"Back": "suppressed"}


def test_person_brought_back_by_the_api_is_kept_out_and_the_answer_says_so(person, shop):
    client = token_client(shop)
    email, phone = person.email, person.phone
    erasure.erase(person, reason="asked")

    single = client.post("/api/customers", {"first_name": "Back", "email": email})
    bulk = client.post(
        "/api/customers/bulk",
        [{"first_name": "Again", "phone": phone}, {"first_name": "New", "email": "n@example.test"}],
    )

    assert (single.status_code, single.json()["is_kept_out"]) == (201, True)
    assert bulk.json()["note"].startswith("1 person asked to be erased before")
    assert refusals(shop) == {"Back": "suppressed", "Again": "no_address", "New": ""}
    assert refusals(shop, channel="sms")["Again"] == "suppressed"


def test_answer_kept_for_a_repeated_request_does_not_bring_him_back(shop):
    client = token_client(shop)
    body, key = {"first_name": "Sam", "email": "sam@example.test"}, {"HTTP_IDEMPOTENCY_KEY": "k1"}
    made = client.post("/api/customers", body, **key).json()
    erasure.erase(Customer.objects.get(pk=made["id"]), reason="asked")

    repeated = client.post("/api/customers", body, **key)

    assert (repeated.status_code, repeated.json()["error"]["code"]) == (410, "erased")
    assert not Customer.objects.for_shop(shop).present().exists()


def test_page_of_an_import_says_who_is_kept_out(owner, person, shop):
    erasure.erase(person, reason="asked")
    done = run(shop, f"first_name,email\nBack,{person.email}\n")

    answer = owner.get(reverse("customers-imported", args=[done.pk]))

    assert b"1 person asked to be erased before" in answer.content


def test_person_client_of_another_shop_finds_nobody_to_erase(person):
    client = person_client(ShopFactory())

    answer = client.post(f"/api/customers/{person.pk}/erase", {"reason": "asked"})

    assert answer.status_code == 404
