"""Customers by CSV: what is kept, what is refused, and that twice is once."""

import datetime as dt
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from barbershop.tests.factories import BarberFactory
from customers import consent, imports
from customers.models import (
    ContactConsent,
    Customer,
    CustomerImport,
    CustomerImportError,
    CustomerTag,
)
from customers.tests.csv_files import counts, errors, run
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db


FULL = (
    "external_id,first_name,last_name,email,phone,birthday,preferred_barber,tags,language,"
    "timezone,zip,sms_consent_at,sms_consent_source,sms_consent_text,email_opted_out\n"
    "c-1,Zoé,O'Brien,ZOE@Example.test,(212) 555-0123,1990-05-17,Tony,vip;beard|vip,EN,"
    'america/new_york,10001,2026-01-05 10:00,counter form,"I agree,\nSTOP ends it",no\n'
)


def test_every_column_is_stored(shop):
    tony = BarberFactory(shop=shop, first_name="Tony")
    BarberFactory(first_name="Tony")

    done = run(shop, FULL)

    assert errors(done) == []
    assert counts(done) == (1, 1, 0, 0, 0)
    customer = Customer.objects.get()
    assert (customer.shop, customer.external_id, customer.source) == (shop, "c-1", "csv")
    assert (customer.full_name, customer.email) == ("Zoé O'Brien", "zoe@example.test")
    assert (customer.phone, customer.birthday) == ("+12125550123", "1990-05-17")
    assert (customer.preferred_barber, customer.language) == (tony, "en")
    assert (customer.timezone, customer.zip) == ("America/New_York", "10001")
    assert sorted(CustomerTag.objects.values_list("tag__name", flat=True)) == ["beard", "vip"]
    entry = ContactConsent.objects.get()
    assert (entry.channel, entry.decision, entry.source) == ("sms", "opted_in", "counter form")
    assert entry.given_at == dt.datetime(2026, 1, 5, 15, tzinfo=dt.UTC)  # ten o'clock in New York
    assert entry.address_hmac == customer.phone_hmac
    assert entry.detail.disclosure_text == "I agree,\nSTOP ends it"
    assert consent.verify(customer)


def test_the_same_file_again_changes_nothing(shop):
    BarberFactory(shop=shop, first_name="Tony")
    text = FULL + "c-2,Ana,,ana@example.test,,,,,,,,,,,yes\nc-3,Eve,,,2125550199,,,,,,,,,,\n"
    text = text.replace("c-3,Eve,,,2125550199,,,,,,,,", "c-3,Eve,,,2125550199,,,,,,,2026-01-05,")
    run(shop, text)
    before = list(ContactConsent.objects.values_list("customer__external_id", "decision"))

    done = run(shop, text)

    assert counts(done) == (3, 0, 0, 3, 0)
    assert list(ContactConsent.objects.values_list("customer__external_id", "decision")) == before
    assert sorted(before) == [("c-1", "opted_in"), ("c-2", "opted_out"), ("c-3", "unproven")]


def test_an_empty_cell_leaves_what_is_known_and_tags_are_added(shop):
    run(shop, "external_id,first_name,email,birthday,tags\n1,Sam,s@example.test,1990-05-17,vip\n")

    done = run(shop, "external_id,first_name,email,birthday,tags\n1,Samuel,,--05-17,beard\n")

    assert counts(done) == (1, 0, 1, 0, 0)
    customer = Customer.objects.get()
    assert (customer.first_name, customer.email) == ("Samuel", "s@example.test")
    assert customer.birthday == "1990-05-17"
    assert CustomerTag.objects.count() == 2


@pytest.mark.parametrize(
    ("column", "cell", "says"),
    [
        ("email", "sam@", "not an email"),
        ("phone", "12", "not a phone number"),
        ("birthday", "1990-02-30", "not a day"),
        ("birthday", "17.05.1990", "not a date"),
        ("birthday", "2027-01-01", "between 1900 and today"),
        ("timezone", "America/New_Yrok", "America/New_York"),
        ("language", "english!", "language"),
        ("zip", "10001-1234-5678", "ZIP"),
        ("preferred_barber", "Tonny", "Did you mean Tony?"),
        ("first_name", "x" * 81, "longer than 80"),
        ("first_name", "Sam\x00", "control character"),
        ("first_name", "Sam\u202e", "control character"),
        ("phone", "555-0147", "no area code"),
        ("tags", "t" * 61, "longer than 60"),
        ("email_opted_out", "perhaps", "neither yes nor no"),
        ("sms_consent_at", "2026-06-16", "between 1900 and now"),
        ("sms_consent_at", "yesterday", "not a time"),
    ],
)
def test_a_bad_cell_refuses_its_row_with_line_column_and_reason(shop, column, cell, says):
    BarberFactory(shop=shop, first_name="Tony")
    good = "good,,\n"

    done = run(shop, f"external_id,{column},last_name\n{good}bad,{cell},\n")

    assert counts(done) == (2, 1, 0, 0, 1)
    [(line, where, message)] = errors(done)
    assert (line, where) == (3, column)
    assert says in message
    assert list(Customer.objects.values_list("external_id", flat=True)) == ["good"]


@pytest.mark.parametrize(
    ("cell", "birthday"),
    [
        ("1988-02-29", "1988-02-29"),
        ("--02-29", "--02-29"),
        ("02-29", "--02-29"),
        ("2/29/1988", "1988-02-29"),
    ],
)
def test_birthdays_are_read_in_four_forms(shop, cell, birthday):
    run(shop, f"external_id,birthday\n1,{cell}\n")

    assert Customer.objects.get().birthday == birthday


@pytest.mark.parametrize("name", ["=SUM(A1)", "@home", "-Ana", "+Eve", "{{discount}}<b>\"'"])
def test_a_name_that_looks_like_a_formula_is_kept_as_it_is(shop, name):
    quoted = name.replace('"', '""')

    run(shop, f'external_id,first_name,phone\n1,"{quoted}",\'+12125550123\n')

    assert Customer.objects.get().first_name == name
    assert Customer.objects.get().phone == "+12125550123"


def test_an_exports_guard_against_formulas_is_taken_off(shop):
    run(shop, "external_id,first_name\n1,'=SUM(A1)\n2,'tis me\n")

    assert list(Customer.objects.values_list("first_name", flat=True)) == ["=SUM(A1)", "'tis me"]


def test_a_row_needs_somebody_and_no_more_cells_than_columns(shop):
    done = run(shop, "external_id,first_name,email\n,Sam,\n1,Sam,,x\n2,Ana\n")

    assert [(line, column) for line, column, _ in errors(done)] == [(2, ""), (3, "")]
    assert Customer.objects.get().external_id == "2"


def test_a_dry_run_says_the_same_and_changes_nothing(shop):
    BarberFactory(shop=shop, first_name="Tony")
    CustomerFactory(shop=shop, external_id="k", first_name="Known")
    text = FULL + "k,Changed,,,,,,,,,,,,,\nbad,,,sam@,,,,,,,,,,,\nc-1,,,,,,,,,,,,,,\n"

    tried = run(shop, text, dry_run=True)

    assert list(Customer.objects.values_list("first_name", flat=True)) == ["Known"]
    assert not ContactConsent.objects.exists()
    assert not CustomerTag.objects.exists()
    done = run(shop, text)
    assert counts(tried) == counts(done) == (4, 1, 1, 0, 2)
    assert errors(tried) == errors(done)
    assert (tried.is_dry_run, done.is_dry_run) == (True, False)


@pytest.mark.parametrize("text", ["", "external_id,email\n", "1,Sam\n", "external_id,shoe\n1,2\n"])
def test_a_file_that_cannot_be_used_leaves_no_trace(shop, text):
    with pytest.raises(imports.ImportRefused):
        run(shop, text)

    assert not CustomerImport.objects.exists()
    assert not Customer.objects.exists()


def test_the_callers_file_stays_open_and_may_be_read_again(shop):
    file = io.BytesIO(b"external_id\n1\n")

    for _ in range(2):
        imports.run(shop=shop, file=file, filename="C:\\lists\\people.csv")

    assert not file.closed
    assert set(CustomerImport.objects.values_list("filename", flat=True)) == {"people.csv"}


def test_the_number_of_queries_does_not_grow_with_the_rows(shop, django_assert_max_num_queries):
    header = "external_id,phone,sms_consent_at,sms_consent_source,sms_consent_text,tags,email\n"
    body = "".join(
        f"{n},21255{n:05d},2026-01-05,form,I agree,vip;t{n % 3},c{n}@example.test\n"
        for n in range(400)
    )

    with django_assert_max_num_queries(80):
        done = run(shop, header + body)

    assert counts(done) == (400, 400, 0, 0, 0)
    assert not CustomerImportError.objects.exists()


@pytest.mark.parametrize(("dry_run", "expected"), [(False, True), (True, False)])
def test_the_planner_is_told_about_growing_tables(shop, monkeypatch, dry_run, expected):
    monkeypatch.setattr("customers.imports.running.LEARN_AFTER", {1})

    with CaptureQueriesContext(connection) as queries:
        run(shop, "external_id\n1\n", dry_run=dry_run)

    assert any(q["sql"] == 'ANALYZE "customers"' for q in queries) is expected
