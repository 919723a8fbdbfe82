"""The copy of everything that is held about one person."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from analytics.tests.whole_person import everything_about, whole_database
from barbershop import personal_data
from barbershop.models import AuditEntry, Membership
from barbershop.tests.api import person_client, token_client
from barbershop.tests.factories import MembershipFactory
from communications.tests.factories import CommunicationFactory
from customers import erasure, export
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db

MARK = "qzfirstqz"


@pytest.fixture
def person(shop):
    everything_about(shop=shop, mark="wxsecondwx", phone="+12125550172", ip="203.0.113.72")
    return everything_about(shop=shop, mark=MARK, phone="+12125550171", ip="203.0.113.71")


def written(customer) -> dict:
    return json.loads("".join(export.as_json(customer)))


def test_export_covers_every_table_and_column_with_personal_data(person):
    sections = written(person)["sections"]

    for table in personal_data.holders():
        rows = sections[table.name]["rows"]
        assert rows, table.name
        for name in table.emptied:
            assert any(row[name] not in (None, "", {}) for row in rows) or (
                name in {"timezone", "language", "preferred_barber"}
            ), (table.name, name)


def test_export_says_all_that_the_database_knows_of_him_and_nothing_of_others(person):
    text = "".join(export.as_json(person)).lower()

    tables = {line.split(":")[0] for line in whole_database().splitlines() if MARK in line.lower()}
    shown = json.loads(text)["sections"]
    filled = {
        table.model._meta.db_table
        for table in personal_data.holders()
        if MARK in json.dumps(shown[table.name])
    }
    # A payload may know him by his number alone.
    assert tables - filled == set()
    assert "wxsecondwx" not in text
    assert "+12125550172" not in text


def test_export_shows_messages_as_they_were_read(shop):
    person = CustomerFactory(shop=shop, first_name="Sam")
    CommunicationFactory(
        dispatch__shop=shop,
        customer=person,
        content__subject="Hello {{ customer_first_name }}",
        content__text='Code {{ offer_code }}, {{ customer_last_name | default: "friend" }}',
        values={"offer_code": "SUMMER-1"},
    )

    (row,) = written(person)["sections"]["communications.customercommunication"]["rows"]

    assert row["subject"] == "Hello Sam"
    assert row["text"].startswith(f"Code SUMMER-1, {person.last_name}\n\n--\n{shop.name}\n")
    assert row["text"].endswith("Unsubscribe: [your link to unsubscribe]")


def test_export_of_many_rows_asks_as_often_as_of_few(shop):
    person = CustomerFactory(shop=shop)

    def make():
        CommunicationFactory(dispatch__shop=shop, customer=person)

    make()
    with CaptureQueriesContext(connection) as few:
        written(person)
    for _ in range(5):
        make()
    with CaptureQueriesContext(connection) as many:
        written(person)

    assert len(many) == len(few)
    assert len(few) < 80


def test_export_of_an_erased_person_has_no_personal_value(person):
    erasure.erase(person, reason="asked")

    text = "".join(export.as_json(person)).lower()

    assert MARK not in text
    assert json.loads(text)["sections"]["customers.payment"]["rows"][0]["amount"] == 3500


def test_api_exports_to_managers_and_to_tokens_that_may_send(person, shop):
    for client in (
        person_client(shop, Membership.Role.MANAGER),
        token_client(shop, scopes=("read", "send")),
    ):
        answer = client.get(f"/api/customers/{person.pk}/export")

        assert answer.status_code == 200
        assert json.loads(answer.getvalue())["customer"] == person.pk
        assert answer["Content-Disposition"] == f'attachment; filename="customer-{person.pk}.json"'
    assert AuditEntry.objects.filter(action="customer.export").count() == 2


@pytest.mark.parametrize("role", ["staff", "read_only"])
def test_staff_may_neither_export_nor_erase(person, shop, role):
    client = person_client(shop, role)

    assert client.get(f"/api/customers/{person.pk}/export").status_code == 403
    answer = client.post(f"/api/customers/{person.pk}/erase", {"reason": "asked"})
    assert answer.status_code == 403
    person.refresh_from_db()
    assert person.erased_at is None


def test_tokens_that_read_and_write_may_neither_export_nor_erase(person, shop):
    client = token_client(shop, scopes=("read", "write"))

    assert client.get(f"/api/customers/{person.pk}/export").status_code == 403
    assert client.post(f"/api/customers/{person.pk}/erase", {"reason": "asked"}).status_code == 403


def test_readable_page_shows_his_values_and_escapes_them(client, shop):
    person = CustomerFactory(shop=shop, first_name="<b>Sam</b>", zip="10001")
    client.force_login(MembershipFactory(shop=shop).user)

    page = client.get(f"/customers/{person.pk}/data/").getvalue().decode()
    file = client.get(f"/customers/{person.pk}/data.html")

    assert "&lt;b&gt;Sam&lt;/b&gt;" in page
    assert "<b>Sam</b>" not in page
    assert person.email in page
    assert "10001" in file.getvalue().decode()
    assert file["Content-Disposition"] == f'attachment; filename="customer-{person.pk}.html"'


def test_download_as_json_is_noted_in_the_audit_log(client, shop):
    person = CustomerFactory(shop=shop)
    owner = MembershipFactory(shop=shop).user
    client.force_login(owner)

    answer = client.get(f"/customers/{person.pk}/data.json")

    assert json.loads(answer.getvalue())["shop"] == shop.name
    entry = AuditEntry.objects.get(action="customer.export")
    assert (entry.actor, entry.detail.after) == (owner, {"form": "json"})


@pytest.mark.parametrize("path", ["data/", "data.html", "data.json", "erase/"])
def test_staff_sees_no_page_about_all_data(client, shop, path):
    person = CustomerFactory(shop=shop)
    client.force_login(MembershipFactory(shop=shop, role="staff").user)

    assert client.get(f"/customers/{person.pk}/{path}").status_code == 403


@pytest.mark.parametrize("path", ["data/", "data.html", "data.json", "erase/"])
def test_anothers_customer_is_not_there(client, shop, path):
    client.force_login(MembershipFactory(shop=shop).user)

    assert client.get(f"/customers/{CustomerFactory().pk}/{path}").status_code == 404
