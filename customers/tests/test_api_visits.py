"""Appointments and payments by API, one or many."""

import datetime as dt

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from psycopg.errors import DeadlockDetected

from barbershop import deadlocks
from barbershop.tests.factories import BarberFactory
from customers.models import Appointment, Payment
from customers.tests.factories import (
    AppointmentFactory,
    CustomerFactory,
    PaymentFactory,
)

pytestmark = pytest.mark.django_db


def error_of(response):
    return response.json()["error"]


def visit(n, **changes):
    return {
        "external_id": f"v-{n}",
        "customer_external_id": "c-1",
        "status": "completed",
        "starts_at": "2026-05-01T10:00:00Z",
        "booked_at": "2026-04-30T10:00:00Z",
        "price": 3500,
    } | changes


def test_appointments_come_in_bulk_and_again_without_doubling(api, shop):
    CustomerFactory(shop=shop, external_id="c-1")

    first = api.post("/api/appointments/bulk", [visit(1), visit(2)]).json()
    second = api.post("/api/appointments/bulk/", [visit(1), visit(2, price=4000)]).json()

    assert (first["created"], first["updated"], first["errors"]) == (2, 0, 0)
    assert (second["created"], second["updated"], second["unchanged"]) == (0, 1, 1)
    assert sorted(Appointment.objects.values_list("price", flat=True)) == [3500, 4000]


def test_a_bad_item_is_refused_and_the_good_ones_are_kept(api, shop):
    CustomerFactory(shop=shop, external_id="c-1")
    CustomerFactory(external_id="c-2")

    answer = api.post(
        "/api/appointments/bulk",
        [visit(1), visit(2, customer_external_id="c-2"), visit(3, price=-1), "x", visit(4)],
    ).json()

    assert [item["status"] for item in answer["results"]] == [
        "created",
        "error",
        "error",
        "error",
        "created",
    ]
    assert "customer_external_id" in answer["results"][1]["error"]["fields"]


def test_a_time_without_offset_is_in_the_shops_zone(api, shop):
    CustomerFactory(shop=shop, external_id="c-1")

    api.post("/api/appointments/", visit(1, starts_at="2026-05-01T10:00:00"))

    assert Appointment.objects.get().starts_at == dt.datetime(2026, 5, 1, 14, tzinfo=dt.UTC)


def test_a_payment_belongs_to_the_customer_of_its_appointment(api, shop):
    visit = AppointmentFactory(customer=CustomerFactory(shop=shop))
    other = CustomerFactory(shop=shop)
    payment = {"appointment": visit.pk, "amount": 3500, "paid_at": "2026-05-01T10:00:00Z"}

    wrong = api.post("/api/payments/", payment | {"customer": other.pk})
    right = api.post("/api/payments/", payment | {"customer": visit.customer_id})

    assert (wrong.status_code, right.status_code) == (400, 201)
    assert "appointment" in error_of(wrong)["fields"]
    assert Payment.objects.get().customer == visit.customer


def test_more_cannot_be_given_back_than_was_paid(api, shop):
    payment = PaymentFactory(customer=CustomerFactory(shop=shop), amount=1000)

    response = api.patch(f"/api/payments/{payment.pk}", {"refunded_amount": 1001})

    assert response.status_code == 400
    assert "refunded_amount" in error_of(response)["fields"]


@pytest.mark.parametrize("name", ["customer", "barber", "service"])
def test_rows_of_another_shop_do_not_exist_for_an_appointment(api, shop, name):
    stranger = {
        "customer": lambda: CustomerFactory(),
        "barber": lambda: BarberFactory(),
        "service": lambda: AppointmentFactory(),
    }[name]()
    body = {
        "customer": CustomerFactory(shop=shop).pk,
        "starts_at": "2026-05-01T10:00:00Z",
    } | {name: stranger.pk + 10_000 if name == "service" else stranger.pk}

    response = api.post("/api/appointments/", body)

    assert response.status_code == 400
    assert list(error_of(response)["fields"]) == [name]


def test_a_payment_is_not_of_the_day_after_tomorrow(api, shop):
    customer = CustomerFactory(shop=shop)
    now = timezone.now()

    def pay(**ahead):
        paid_at = (now + dt.timedelta(**ahead)).isoformat()
        return api.post("/api/payments", {"customer": customer.pk, "amount": 1, "paid_at": paid_at})

    assert [pay(hours=23).status_code, pay(hours=25).status_code] == [201, 400]


@pytest.mark.services
def test_bulk_waits_for_others_before_it_writes_anything(api, shop):
    """In the order in which who changes one visit waits: the visit, then its customer's sums."""
    customer = CustomerFactory(shop=shop, external_id="c-1")
    AppointmentFactory(customer=customer, external_id="v-1")

    with CaptureQueriesContext(connection) as asked:
        answer = api.post(
            "/api/appointments/bulk",
            [visit(1), visit(2)],
        )

    assert (answer.json()["updated"], answer.json()["created"]) == (1, 1)
    statements = [query["sql"] for query in asked]
    held, summed, written = (
        next(index for index, sql in enumerate(statements) if found in sql)
        for found in ("FOR NO KEY UPDATE", "hold_visit_summaries", 'INSERT INTO "appointments"')
    )
    assert held < summed < written


@pytest.mark.parametrize("path", ["", "bulk"])
def test_deadlock_that_does_not_end_asks_to_send_it_again(api, shop, monkeypatch, path):
    def deadlock(*args, **kwargs):
        raise OperationalError("deadlock detected") from DeadlockDetected("deadlock detected")

    monkeypatch.setattr(deadlocks, "LONGEST_PAUSE", 0)
    monkeypatch.setattr(Appointment, "save", deadlock)
    monkeypatch.setattr(Appointment.objects, "bulk_create", deadlock)
    CustomerFactory(shop=shop, external_id="c-1")

    answer = api.post(f"/api/appointments/{path}", [visit(1)] if path else visit(1))

    assert (answer.status_code, answer["Retry-After"]) == (503, "1")
    assert error_of(answer) == {
        "code": "busy",
        "message": "Others change the same rows; send it again.",
        "fields": {},
    }
    assert not Appointment.objects.exists()
