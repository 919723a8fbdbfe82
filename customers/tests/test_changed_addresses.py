"""Consent is given for a number: it goes with the number, and does not come back with it."""

import datetime as dt

import pytest
from django.utils import timezone

from barbershop.tests.api import token_client
from barbershop.tests.factories import ShopFactory
from customers import changed_addresses, consent, criteria
from customers.models import ContactConsent, Customer
from customers.tests.consents import opt_in
from customers.tests.csv_files import run
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db

OLD, NEW = "+12125550123", "+12125550177"
TODAY = {"sms": {"phone": OLD}, "email": {"email": "old@example.test"}}
OTHER = {"sms": {"phone": NEW}, "email": {"email": "new@example.test"}}
CONSENT = "external_id,phone,sms_consent_at,sms_consent_source,sms_consent_text\n"


@pytest.fixture
def shop():
    return ShopFactory()


@pytest.fixture
def sam(shop):
    return CustomerFactory(shop=shop, external_id="A", **TODAY["sms"], **TODAY["email"])


def decision(customer, channel="sms") -> str:
    people = Customer.objects.filter(pk=customer.pk)
    return consent.annotate_decision(people, channel=channel).get().consent_decision


def by_saving(customer, **fields):
    for name, value in fields.items():
        setattr(customer, name, value)
    customer.save()


def by_api(customer, **fields):
    answer = token_client(customer.shop).patch(f"/api/customers/{customer.pk}/", fields)
    assert answer.status_code == 200


def by_bulk(customer, **fields):
    items = [{"external_id": customer.external_id} | fields]
    answer = token_client(customer.shop).post("/api/customers/bulk/", items)
    assert answer.json()["updated"] == 1, answer.json()


def by_file(customer, **fields):
    ((name, value),) = fields.items()
    assert run(customer.shop, f"external_id,{name}\nA,{value}\n").updated == 1


@pytest.mark.parametrize("change", [by_saving, by_api, by_bulk, by_file])
@pytest.mark.parametrize("channel", ["sms", "email"])
def test_address_that_comes_back_brings_no_consent_with_it(sam, change, channel):
    opt_in(sam, channel)
    neighbour = CustomerFactory(shop=sam.shop)
    opt_in(neighbour, channel)

    change(sam, **OTHER[channel])
    away = decision(sam, channel)
    change(sam, **TODAY[channel])

    assert (away, decision(sam, channel)) == ("stale", "stale")
    ended = sam.consents.latest().get(channel=channel)
    assert (ended.decision, ended.source) == ("unproven", "address changed")
    assert consent.verify(sam)
    assert decision(neighbour, channel) == "opted_in"


def test_number_that_is_taken_away_and_given_back_brings_no_consent(sam):
    opt_in(sam, "sms")
    by_saving(sam, phone="")
    other = CustomerFactory(shop=sam.shop, phone=OLD)

    by_saving(sam, phone=OLD)

    assert (decision(sam), decision(other)) == ("stale", "")


def test_consent_given_after_the_change_counts_though_signed_before_it_was_entered(sam):
    agreed = timezone.now() - dt.timedelta(days=30)
    signed = timezone.now() - dt.timedelta(days=2)
    for given_at, number in ((agreed, OLD), (signed, NEW)):
        by_saving(sam, phone=number)
        consent.record(
            customer=sam,
            channel="sms",
            decision="opted_in",
            source="paper form",
            given_at=given_at,
        )

    assert decision(sam) == "opted_in"
    assert sam.consents.filter(source="address changed").get().given_at == agreed


def test_saving_anything_else_ends_nothing(sam, django_assert_num_queries):
    opt_in(sam, "sms")
    by_saving(sam, first_name="Samuel")
    sam.last_name = "Poe"
    with django_assert_num_queries(1):
        sam.save(update_fields=["last_name"])

    assert decision(sam) == "opted_in"
    assert sam.consents.count() == 1


def test_end_of_consent_is_written_once(sam):
    opt_in(sam, "sms")
    by_saving(sam, phone=NEW)
    by_saving(sam, phone=OLD)

    assert changed_addresses.end_consents([sam]) == 0
    assert sam.consents.count() == 2


def test_ended_consent_is_what_start_gives_back(sam):
    opt_in(sam, "sms")
    sam.opt_out("sms", source="sms_stop")
    by_saving(sam, phone=NEW)
    by_saving(sam, phone=OLD)

    words = sam.consents.order_by(*ContactConsent.LATEST_FIRST).values_list("decision", flat=True)
    assert list(words) == ["opted_out", "unproven", "opted_in"]


def test_an_opt_out_is_not_ended(sam):
    sam.opt_out("sms", source="staff")
    by_saving(sam, phone=NEW)

    assert decision(sam) == "opted_out"
    assert sam.consents.count() == 1


def test_who_loaded_the_customer_before_a_change_ends_nothing_given_since(sam):
    earlier = Customer.objects.get(pk=sam.pk)
    by_saving(sam, phone=NEW)
    opt_in(sam, "sms")

    earlier.email = "new@example.test"
    earlier.save(update_fields=["email", "email_hmac"])

    assert decision(sam) == "opted_in"


def test_many_customers_cost_as_many_queries_as_one(shop, django_assert_num_queries):
    people = [CustomerFactory(shop=shop) for _ in range(5)]
    for each in people:
        opt_in(each, "sms")
        each.phone = each.phone.replace("+1212", "+1646")
        each.prepare()
    Customer.objects.bulk_update(people, ["phone", "phone_hmac"])

    with django_assert_num_queries(8):
        assert changed_addresses.end_consents(people[:1]) == 1
    with django_assert_num_queries(8):
        assert changed_addresses.end_consents(people) == 4


def test_proof_in_a_file_that_names_no_number_proves_nothing(shop, sam):
    by_file(sam, phone=NEW)

    run(
        shop,
        "external_id,sms_consent_at,sms_consent_source,sms_consent_text\n"
        "A,2026-02-01,form,I agree\n",
    )

    assert decision(sam) == "unproven"


def test_file_with_a_new_number_and_its_proof_counts(shop, sam):
    run(shop, f"{CONSENT}A,{OLD},2026-01-05,form,I agree\n")
    run(shop, f"{CONSENT}A,{NEW},2026-03-05,form,I agree\n")

    assert decision(sam) == "opted_in"


def test_old_file_does_not_renew_a_consent_that_has_ended(shop, sam):
    old = f"{CONSENT}A,{OLD},2026-01-05,form,I agree\n"
    run(shop, old)
    by_file(sam, phone=NEW)

    run(shop, old)

    sam.refresh_from_db()
    assert (sam.phone, decision(sam)) == (OLD, "stale")


def test_criteria_see_what_the_gate_sees(shop, sam):
    other = CustomerFactory(shop=shop)
    for each in (sam, other):
        opt_in(each, "email")
    by_saving(sam, email="new@example.test")
    by_saving(sam, email="old@example.test")

    found = {
        word: set(
            criteria.parse({"consent": {"channel": "email", "decision": word}})
            .select(shop=shop)
            .values_list("pk", flat=True)
        )
        for word in ("stale", "opted_in", "unproven")
    }

    assert found == {"stale": {sam.pk}, "opted_in": {other.pk}, "unproven": set()}
