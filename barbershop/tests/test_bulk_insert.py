import datetime as dt
import zoneinfo

import pytest
from django.core.exceptions import FieldDoesNotExist
from django.db import IntegrityError, transaction
from django.db.transaction import TransactionManagementError

from barbershop import bulk_insert as module
from barbershop.bulk_insert import bulk_insert
from barbershop.models import ApiToken, Barber
from barbershop.tests.factories import ShopFactory
from communications.models import CustomerCommunication
from communications.tests.factories import ContentFactory
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db

AT = dt.datetime(2031, 7, 1, 9, 30, 15, 123456, tzinfo=zoneinfo.ZoneInfo("America/New_York"))
# What the COPY format itself uses, and what it must not touch.
AWKWARD = (
    "",
    "\\N",
    "\\",
    "a\tb",
    "a\nb\r\nc",
    "\\.",
    '"quoted"',
    "it's",
    "%s",
    "é 漢字 💈",
    "\x01",
)


def stored(model, *, without=("id", "uuid")):
    rows = [dict(row) for row in model.objects.order_by("pk").values()]
    return [{key: row[key] for key in row if key not in without} for row in rows]


def test_rows_are_what_bulk_create_would_have_written():
    content = ContentFactory()
    people = CustomerFactory.create_batch(3, shop=content.shop)
    fields = ("customer", "address", "values", "not_before", "dedupe_key", "send_state", "reason")
    rows = [
        (people[0].pk, "a@example.test", {"n": ["\t", None, 1]}, AT, None, "pending", ""),
        (people[1].pk, "", {}, None, "key", "blocked", "no_address"),
        (people[2].pk, "c@example.test", {}, None, None, "pending", ""),
    ]
    same = {"shop": content.shop_id, "dispatch": content.dispatch_id, "content": content.pk}
    same |= {"channel": "email", "queued_at": AT}
    written = bulk_insert(CustomerCommunication, fields=fields, rows=iter(rows), same=same)
    found = stored(CustomerCommunication)
    CustomerCommunication.objects.all().delete()
    attnames = {"shop": "shop_id", "dispatch": "dispatch_id", "content": "content_id"}
    attnames["customer"] = "customer_id"
    CustomerCommunication.objects.bulk_create(
        CustomerCommunication(
            **{
                attnames.get(name, name): value
                for name, value in {**same, **dict(zip(fields, row, strict=True))}.items()
            }
        )
        for row in rows
    )

    assert written == 3
    assert found == stored(CustomerCommunication)


@pytest.mark.parametrize("text", AWKWARD)
def test_text_arrives_as_it_was_given(text):
    shop = ShopFactory()

    bulk_insert(
        Barber,
        fields=("first_name", "last_name"),
        rows=[(text, "next"), ("next", text)],
        same={"shop": shop.pk},
    )

    found = Barber.objects.order_by("pk").values_list("first_name", "last_name")
    assert list(found) == [(text, "next"), ("next", text)]


def test_defaults_are_made_for_every_row():
    content = ContentFactory()
    people = CustomerFactory.create_batch(3, shop=content.shop)

    bulk_insert(
        CustomerCommunication,
        fields=("customer",),
        rows=[(person.pk,) for person in people],
        same={"shop": content.shop_id, "dispatch": content.dispatch_id, "content": content.pk}
        | {"channel": "email"},
    )

    rows = CustomerCommunication.objects.all()
    assert len({row.uuid for row in rows}) == 3
    assert {row.topic for row in rows} == {"marketing"}
    assert {row.attempt_id for row in rows} == {None}


def test_time_of_creation_is_set():
    shop = ShopFactory()

    bulk_insert(ApiToken, fields=("digest",), rows=[("d",)], same={"shop": shop.pk, "name": "t"})

    assert ApiToken.objects.get().created_at is not None


def test_value_that_changes_between_rows_is_not_taken_for_the_one_before():
    shop = ShopFactory()
    names = ["A", "A", "B", "A", "", "B"]

    bulk_insert(
        Barber, fields=("first_name",), rows=[(name,) for name in names], same={"shop": shop.pk}
    )

    assert list(Barber.objects.order_by("pk").values_list("first_name", flat=True)) == names


def test_more_rows_than_one_statement_holds_are_all_written(monkeypatch):
    monkeypatch.setattr(module, "PER_STATEMENT", 2)
    shop = ShopFactory()
    rows = ((f"B{number}",) for number in range(5))

    assert bulk_insert(Barber, fields=("first_name",), rows=rows, same={"shop": shop.pk}) == 5
    assert Barber.objects.for_shop(shop).count() == 5


def test_no_rows_are_no_error():
    assert bulk_insert(Barber, fields=("first_name",), rows=[], same={"shop": 1}) == 0


@pytest.mark.django_db(transaction=True)
def test_one_row_that_breaks_a_constraint_leaves_none(monkeypatch):
    monkeypatch.setattr(module, "PER_STATEMENT", 1)
    shop = ShopFactory()
    rows = [("1", "Tony"), ("1", "Maria")]

    with pytest.raises(IntegrityError):
        bulk_insert(Barber, fields=("external_id", "first_name"), rows=rows, same={"shop": shop.pk})

    assert Barber.objects.count() == 0


def test_transaction_that_has_failed_takes_no_rows():
    shop = ShopFactory()
    with transaction.atomic():
        transaction.set_rollback(True)
        with pytest.raises(TransactionManagementError):
            bulk_insert(Barber, fields=("first_name",), rows=[("A",)], same={"shop": shop.pk})


def test_row_of_another_width_is_refused():
    shop = ShopFactory()

    with pytest.raises(ValueError, match="2 values for 1 fields"):
        bulk_insert(Barber, fields=("first_name",), rows=[("A", "B")], same={"shop": shop.pk})


def test_unknown_field_is_refused():
    with pytest.raises(FieldDoesNotExist):
        bulk_insert(Barber, fields=("nobody",), rows=[("A",)])
