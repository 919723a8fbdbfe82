"""The list of customers and the import page."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from barbershop.models import Membership
from barbershop.tests.factories import MembershipFactory, ShopFactory
from barbershop.tests.query_counts import assert_same_queries
from customers import consent
from customers.models import Customer, CustomerImport, CustomerTag, Tag
from customers.tests.factories import AppointmentFactory, CustomerFactory, PaymentFactory

pytestmark = pytest.mark.django_db
Role = Membership.Role


@pytest.fixture
def owner(client, shop):
    client.force_login(MembershipFactory(shop=shop, role=Role.OWNER).user)
    return client


def names(answer) -> list[str]:
    return [person.last_name for person in answer.context["page_obj"].object_list]


def visitor(shop, last_name, *, visits=1, **fields):
    person = CustomerFactory(shop=shop, last_name=last_name, **fields)
    for number in range(visits):
        AppointmentFactory(customer=person, days_ago=10 * (number + visits))
        PaymentFactory(customer=person, amount=3500)
    return person


def agree(person, channel, decision):
    consent.record(
        customer=person,
        channel=channel,
        decision=decision,
        source="form",
        given_at=timezone.now(),
    )


def upload(client, text: str, **fields):
    file = SimpleUploadedFile("people.csv", text.encode(), content_type="text/csv")
    return client.post("/customers/import/", {"file": file, **fields}, follow=True)


def test_list_shows_visits_money_and_whom_to_write_to_of_this_shops_people(owner, shop):
    person = visitor(shop, "Adams", visits=2)
    agree(person, "sms", "opted_in")
    agree(person, "sms", "opted_out")
    visitor(ShopFactory(), "Intruder")

    (row,) = owner.get("/customers/").context["page_obj"].object_list

    assert (row.last_name, row.visit_count, row.spent) == ("Adams", 2, 7000)
    assert [(one.channel.label, one.words) for one in row.may_write] == [
        ("Email", "yes"),
        ("SMS", "said no"),
    ]


def test_erased_people_are_not_listed(owner, shop):
    CustomerFactory(shop=shop, erased_at=timezone.now())

    assert names(owner.get("/customers/")) == []


@pytest.mark.parametrize("query", ["sam adams", "ADAMS", "adams@", "(212) 555-0199"])
def test_search_finds_by_name_address_and_number(owner, shop, query):
    CustomerFactory(shop=shop, last_name="Adams", email="adams@example.test", phone="+12125550199")
    CustomerFactory(shop=shop, last_name="Brown", phone="+12125550001")

    assert names(owner.get("/customers/", {"q": query})) == ["Adams"]


def test_filters_narrow_together(owner, shop):
    both = CustomerFactory(shop=shop, last_name="Both")
    no_email = CustomerFactory(shop=shop, last_name="Silent", email="")
    CustomerFactory(shop=shop, last_name="Untagged")
    tag = Tag.objects.create(shop=shop, name="VIP")
    for person in (both, no_email):
        CustomerTag.objects.create(shop=shop, customer=person, tag=tag)

    assert names(owner.get("/customers/?tag=VIP&has=email")) == ["Both"]


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("name", ["Adams", "Brown", "Clark"]),
        ("visits", ["Brown", "Adams", "Clark"]),
        ("spent", ["Brown", "Adams", "Clark"]),
        ("last_visit", ["Adams", "Brown", "Clark"]),
        ("nonsense", ["Adams", "Brown", "Clark"]),
    ],
)
def test_list_is_sorted_as_asked(owner, shop, sort, order):
    visitor(shop, "Clark", visits=0)
    visitor(shop, "Adams", visits=1)
    visitor(shop, "Brown", visits=3)

    assert names(owner.get(f"/customers/?sort={sort}")) == order


def test_list_asks_the_same_of_the_database_with_one_row_and_with_three(owner, shop):
    assert_same_queries(owner, "/customers/", make=lambda: visitor(shop, "Adams"))


def test_check_says_what_an_import_would_do_and_changes_nothing(owner, shop):
    answer = upload(owner, "first_name,email\nSam,sam@example.test\nAl,nonsense\n", dry_run="on")

    done = answer.context["done"]
    assert (done.rows, done.created, done.rejected, done.is_dry_run) == (2, 1, 1, True)
    assert [error.line for error in answer.context["page_obj"]] == [3]
    assert not Customer.objects.for_shop(shop).exists()


def test_import_keeps_the_good_rows(owner, shop):
    upload(owner, "first_name,email\nSam,sam@example.test\nAl,nonsense\n")

    assert [person.email for person in Customer.objects.for_shop(shop)] == ["sam@example.test"]


def test_unknown_column_is_refused_by_name_beside_the_field(owner, shop):
    answer = upload(owner, "first_name,emial\nSam,sam@example.test\n")

    assert answer.status_code == 400
    assert "emial" in str(answer.context["form"].errors["file"])
    assert not CustomerImport.objects.exists()


def test_import_without_a_file_says_what_is_missing(owner):
    answer = owner.post("/customers/import/")

    assert answer.status_code == 400
    assert b"There is a problem" in answer.content


def test_file_above_the_limit_is_refused(owner, settings):
    settings.CSV_BODY_LIMIT = 10

    answer = upload(owner, "first_name,email\nSam,sam@example.test\n")

    assert "larger" in str(answer.context["form"].errors["file"])


def test_anothers_import_is_not_there(owner):
    theirs = CustomerImport.objects.create(
        shop=ShopFactory(), filename="theirs.csv", started_at=timezone.now()
    )

    assert owner.get(f"/customers/imports/{theirs.pk}/").status_code == 404


def test_who_only_reads_may_look_but_not_import(client, shop):
    client.force_login(MembershipFactory(shop=shop, role=Role.READ_ONLY).user)

    assert b"Import a CSV file" not in client.get("/customers/?q=x").content
    assert upload(client, "email\nsam@example.test\n").status_code == 403
    assert not Customer.objects.for_shop(shop).exists()


@pytest.mark.parametrize("path", ["/customers/", "/customers/import/"])
def test_stranger_is_asked_to_sign_in(client, path):
    assert client.get(path).url == f"/login/?next={path}"
