"""Every column of every table is declared: personal, or why it may stay."""

from django.db import models

from barbershop import personal_data
from barbershop.models import Barber
from customers.models import Customer


def test_every_column_is_declared_once():
    assert personal_data.problems() == []


def test_new_column_is_a_problem_until_it_is_declared():
    column = models.CharField(max_length=5)
    column.contribute_to_class(Customer, "nickname")
    try:
        assert personal_data.problems() == ["customers.Customer.nickname is not declared"]
    finally:
        Customer._meta.local_fields.remove(column)
        Customer._meta._expire_cache()
        del Customer.nickname
    assert personal_data.problems() == []


def test_column_that_is_gone_or_named_twice_is_a_problem(monkeypatch):
    before = personal_data.tables()[Barber]
    personal_data.declare(
        Barber,
        key="id shop",
        staff="external_id first_name last_name is_active nickname",
        machine="created_at updated_at shop",
    )
    try:
        assert set(personal_data.problems()) == {
            "barbershop.Barber.nickname does not exist",
            "barbershop.Barber.shop is declared twice",
        }
    finally:
        personal_data.registry._tables[Barber] = before


def test_personal_columns_need_somebody_who_finds_their_rows():
    before = personal_data.tables()[Barber]
    personal_data.declare(
        Barber,
        key="id shop",
        emptied={"first_name": "", "last_name": ""},
        staff="external_id is_active",
        machine="created_at updated_at",
    )
    try:
        assert personal_data.problems() == [
            "barbershop.Barber has personal columns, and nothing finds their rows"
        ]
    finally:
        personal_data.registry._tables[Barber] = before
