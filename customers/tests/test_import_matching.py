"""Which customer a row is about, and when that cannot be told."""

import pytest

from customers import erasure
from customers.models import Customer
from customers.tests.csv_files import NOW, counts, errors, run
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db


def test_rows_are_told_apart_by_external_id_then_email_then_phone(shop):
    CustomerFactory(shop=shop, external_id="1", email="a@example.test", phone="", first_name="A")
    CustomerFactory(shop=shop, email="b@example.test", phone="", first_name="B")
    CustomerFactory(shop=shop, email="", phone="+12125550003", first_name="C")
    for intruder in ("b@example.test", "d@example.test"):
        CustomerFactory(external_id="1", email=intruder, phone="+12125550003")

    done = run(
        shop,
        "external_id,first_name,email,phone\n"
        "1,A2,new@example.test,\n,B2,b@example.test,\n,C2,,212-555-0003\n,D,d@example.test,\n",
    )

    assert counts(done) == (4, 1, 3, 0, 0)
    names = Customer.objects.for_shop(shop).values_list("first_name", flat=True)
    assert sorted(names) == ["A2", "B2", "C2", "D"]
    others = Customer.objects.exclude(shop=shop).values_list("first_name", flat=True)
    assert set(others) == {"Sam"}


def test_an_external_id_that_is_new_takes_over_the_same_person_without_one(shop):
    known = CustomerFactory(shop=shop, first_name="Ann", last_name="", email="a@example.test")

    run(shop, "external_id,first_name,email\n7,Bob,a@example.test\n8,ann,a@example.test\n")

    known.refresh_from_db()
    assert known.external_id == "8"
    assert Customer.objects.get(external_id="7").first_name == "Bob"
    assert Customer.objects.count() == 2


@pytest.mark.parametrize("gap", [0, 600])
@pytest.mark.parametrize("dry_run", [False, True])
def test_a_second_row_about_the_same_person_is_refused(shop, gap, dry_run):
    between = "".join(f"g{n},,,\n" for n in range(gap))

    done = run(
        shop,
        "external_id,email,phone,first_name\n"
        "1,,,\n,a@example.test,,\n,,2125550003,\n2,family@example.test,,\n"
        + between
        + "1,,,\n,A@example.test,,\n,,2125550003,\n3,family@example.test,,\n9,a@example.test,,\n",
        dry_run=dry_run,
    )

    start = 6 + gap
    assert errors(done) == [
        (start, "external_id", "This external_id is on line 2 already."),
        (start + 1, "email", "This email address is on line 3 already."),
        (start + 2, "phone", "This phone number is on line 4 already."),
        (start + 4, "email", "This email address is on line 3 already."),
    ]
    assert counts(done) == (9 + gap, 5 + gap, 0, 0, 4)


def test_a_row_that_could_be_about_two_customers_is_refused(shop):
    CustomerFactory.create_batch(2, shop=shop, email="family@example.test")

    done = run(shop, "email,first_name\nfamily@example.test,Zed\n")

    [(line, column, message)] = errors(done)
    assert (line, column) == (2, "email")
    assert message == "2 customers have this email address: give the external_id."


def test_an_erased_customer_is_not_brought_back(shop):
    gone = CustomerFactory(shop=shop, external_id="1")
    erasure.erase(gone, reason="asked", now=NOW)

    run(shop, "external_id,first_name\n1,Sam\n")

    gone.refresh_from_db()
    assert (gone.first_name, gone.external_id) == ("", "")
