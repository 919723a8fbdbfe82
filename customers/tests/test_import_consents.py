"""Consent by CSV: proof counts, a claim does not, and an opt-out is never overruled."""

import datetime as dt

import pytest

from customers import consent
from customers.models import ContactConsent, Customer
from customers.tests.consents import opt_in
from customers.tests.csv_files import errors, run
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db


CONSENT = "external_id,phone,sms_consent_at,sms_consent_source,sms_consent_text\n"


def decision(shop):
    people = consent.annotate_decision(Customer.objects.for_shop(shop), channel="sms")
    return people.get().consent_decision


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ("2026-01-05,form,I agree", "opted_in"),
        ("2026-01-05,form,", "unproven"),
        ("2026-01-05,,I agree", "unproven"),
        (",form,I agree", "unproven"),
        ("2026-01-05,,", "unproven"),
        (",,", ""),
    ],
)
def test_consent_to_texts_counts_with_all_three_proofs(shop, cells, expected):
    run(shop, f"{CONSENT}1,2125550123,{cells}\n")

    assert decision(shop) == expected


def test_nobody_who_opted_out_later_is_opted_in_again(shop):
    text = f"{CONSENT}1,2125550123,2026-01-05,form,I agree\n"
    run(shop, text)
    Customer.objects.get().opt_out(
        "sms", source="sms_stop", now=dt.datetime(2026, 2, 1, tzinfo=dt.UTC)
    )

    run(shop, text)

    assert decision(shop) == "opted_out"
    assert ContactConsent.objects.count() == 2


def test_somebody_who_agreed_again_after_opting_out_is_opted_in(shop):
    customer = CustomerFactory(shop=shop, external_id="1", phone="+12125550123")
    customer.opt_out("sms", source="sms_stop", now=dt.datetime(2026, 2, 1, tzinfo=dt.UTC))

    run(shop, f"{CONSENT}1,2125550123,2026-03-05,form,I agree\n")

    assert decision(shop) == "opted_in"


def test_proof_that_arrives_later_replaces_a_claim(shop):
    run(shop, f"{CONSENT}1,2125550123,2026-01-05,,\n")
    run(shop, f"{CONSENT}1,2125550123,2026-01-05,form,I agree\n")

    assert decision(shop) == "opted_in"


def test_an_old_consent_does_not_move_to_a_new_number(shop):
    run(shop, f"{CONSENT}1,2125550123,2026-01-05,form,I agree\n")
    run(shop, f"{CONSENT}1,2125550999,2026-01-05,form,I agree\n")

    assert decision(shop) == "stale"


def test_a_claim_does_not_weaken_a_proof(shop):
    customer = CustomerFactory(shop=shop, external_id="1", phone="+12125550123")
    opt_in(customer, "sms")

    run(shop, f"{CONSENT}1,,2026-05-05,,\n")

    assert decision(shop) == "opted_in"


def test_consent_to_texts_needs_a_number(shop):
    done = run(shop, f"{CONSENT}1,,2026-01-05,form,I agree\n")

    assert errors(done) == [(2, "phone", "Consent to texts needs a phone number.")]
