"""Many customers in one call, tags included."""

import pytest

from customers.models import Customer
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db


def test_customers_come_in_bulk_with_their_tags_and_again_unchanged(api, shop):
    CustomerFactory(external_id="c-1", first_name="Intruder")
    items = [
        {"external_id": "c-1", "first_name": "Sam", "tags": ["vip", "beard"]},
        {"external_id": "c-2", "email": "ANA@example.test"},
        {"external_id": "c-2", "tags": ["vip"]},
    ]

    first, again = (api.post("/api/customers/bulk", items).json() for _ in "ab")
    fewer = api.post("/api/customers/bulk", [{"external_id": "c-1", "tags": ["vip"]}]).json()

    assert [item["status"] for item in first["results"]] == ["created", "created", "updated"]
    assert (again["unchanged"], again["created"], again["updated"]) == (3, 0, 0)
    assert [item["status"] for item in fewer["results"]] == ["updated"]
    shown = api.get("/api/customers?ordering=created_at").json()["results"]
    assert [(row["external_id"], row["tags"], row["source"]) for row in shown] == [
        ("c-1", ["vip"], "api"),
        ("c-2", ["vip"], "api"),
    ]
    assert Customer.objects.for_shop(shop).get(external_id="c-2").email == "ana@example.test"


def test_a_changed_tag_moves_updated_at(api, shop):
    body = {"external_id": "c-1", "tags": ["vip"]}
    before = api.post("/api/customers", body).json()["updated_at"]

    api.post("/api/customers/bulk", [body])
    assert api.get("/api/customers").json()["results"][0]["updated_at"] == before
    api.post("/api/customers/bulk", [body | {"tags": ["vip", "beard"]}])
    assert api.get("/api/customers").json()["results"][0]["updated_at"] > before


def test_many_customers_with_tags_ask_the_database_as_often_as_few(
    api, django_assert_num_queries, django_assert_max_num_queries
):
    def people(count):
        return [{"external_id": f"c-{n}", "tags": ["vip", f"t-{n}"]} for n in range(count)]

    api.post("/api/customers/bulk", people(1))
    api.post("/api/customers/bulk", [{"external_id": "c-0", "tags": []}])
    with django_assert_max_num_queries(20) as few:
        api.post("/api/customers/bulk", people(2))
    asked = len(few)
    Customer.objects.filter(external_id="c-1").delete()
    api.post("/api/customers/bulk", [{"external_id": "c-0", "tags": []}])
    with django_assert_num_queries(asked):
        api.post("/api/customers/bulk", people(40))
