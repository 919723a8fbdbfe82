"""The sums that the database keeps, against sums in plain Python over the same rows."""

import datetime as dt
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from barbershop.tests.factories import ShopFactory
from customers import visit_summaries
from customers.criteria.view import View
from customers.models import Appointment, Customer, Payment, VisitSummary
from customers.tests.factories import AppointmentFactory, CustomerFactory, PaymentFactory

NOW = dt.datetime(2026, 3, 10, 15, 30, tzinfo=dt.UTC)
EMPTY = (0, None, None, 0, 0, None)
COLUMNS = (
    "visit_count",
    "first_visit_at",
    "last_visit_at",
    "spent",
    "payment_count",
    "last_paid_at",
)

pytestmark = pytest.mark.django_db


def kept(customer) -> tuple:
    return VisitSummary.objects.filter(customer=customer).values_list(*COLUMNS).first() or EMPTY


def summed(customer) -> tuple:
    visits = [a.starts_at for a in customer.appointments.all() if a.status == "completed"]
    paid = list(customer.payments.all())
    return (
        len(visits),
        min(visits, default=None),
        max(visits, default=None),
        sum(p.amount - p.refunded_amount for p in paid),
        sum(p.amount > p.refunded_amount for p in paid),
        max((p.paid_at for p in paid), default=None),
    )


def assert_kept() -> None:
    people = list(Customer.objects.prefetch_related("appointments", "payments"))
    assert {p.pk: kept(p) for p in people} == {p.pk: summed(p) for p in people}


def test_customer_without_visits_and_payments_has_none():
    customer = CustomerFactory()
    AppointmentFactory(customer=customer, status="booked")
    AppointmentFactory(customer=customer, status="no_show")

    assert not VisitSummary.objects.exists()


def test_summary_holds_what_the_rows_come_to():
    customer = CustomerFactory()
    first, last = NOW - dt.timedelta(days=90), NOW + dt.timedelta(days=1, microseconds=1)
    for starts_at in (last, first):
        AppointmentFactory(customer=customer, starts_at=starts_at)
    PaymentFactory(customer=customer, amount=3000, refunded_amount=500, paid_at=first)
    PaymentFactory(customer=customer, amount=900, refunded_amount=900, paid_at=last)

    assert kept(customer) == (2, first, last, 2500, 1, last)
    assert VisitSummary.objects.get().shop_id == customer.shop_id


def moment(days: int) -> dt.datetime:
    return NOW + dt.timedelta(days=days)


# What may happen to one of five rows; each is one statement.
CHANGES = {
    "status": lambda rows, row, n: rows.filter(pk=row).update(
        status=("booked", "completed", "cancelled", "no_show")[n % 4]
    ),
    "time": lambda rows, row, n: rows.filter(pk=row).update(starts_at=moment(n)),
    "all at once": lambda rows, row, n: rows.update(status=("booked", "completed")[n % 2]),
    "deleted": lambda rows, row, n: rows.filter(pk=row).delete(),
    "nothing that counts": lambda rows, row, n: rows.update(price=n),
}


@settings(
    max_examples=60,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([*CHANGES, "another's", "new", "new together", "paid", "given back"]),
            st.integers(0, 9),
            st.integers(0, 50),
        ),
        max_size=12,
    )
)
def test_summaries_follow_every_change(db, changes):
    with transaction.atomic():
        shop = ShopFactory()
        people = [CustomerFactory(shop=shop) for _ in range(3)]
        for name, which, n in changes:
            customer = people[which % 3]
            rows = Appointment.objects.filter(shop=shop)
            ids = list(rows.order_by("pk").values_list("pk", flat=True))
            row = ids[which % len(ids)] if ids else 0
            if name in CHANGES:
                CHANGES[name](rows, row, n)
            elif name == "another's":
                rows.filter(pk=row).update(customer=customer)
            elif name == "new":
                AppointmentFactory(customer=customer, starts_at=moment(-n))
            elif name == "new together":
                Appointment.objects.bulk_create(
                    AppointmentFactory.build(
                        shop=shop, customer=people[i % 3], starts_at=moment(i - n)
                    )
                    for i in range(4)
                )
            elif name == "paid":
                PaymentFactory(customer=customer, amount=n, paid_at=moment(-n))
            else:
                Payment.objects.filter(customer=customer).update(refunded_amount=0, amount=n + 1)
                Payment.objects.filter(customer=customer).update(refunded_amount=which % (n + 1))
        assert_kept()
        transaction.set_rollback(True)


def test_rebuilding_restores_what_was_written_with_triggers_off():
    customer = AppointmentFactory().customer
    PaymentFactory(customer=customer)
    missing = AppointmentFactory().customer
    VisitSummary.objects.filter(customer=customer).update(visit_count=9, spent=1, last_paid_at=None)
    VisitSummary.objects.filter(customer=missing).delete()

    call_command("rebuild_visit_summaries")

    assert_kept()


def test_summary_is_deleted_with_its_customer():
    appointment = AppointmentFactory()
    customer = appointment.customer
    appointment.delete()

    customer.delete()

    assert not VisitSummary.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_operation_of_the_migration_can_be_taken_back_and_done_again():
    operation = visit_summaries.KeepVisitSummaries()
    customer = AppointmentFactory().customer

    with connection.schema_editor() as editor:
        operation.database_backwards("customers", editor, None, None)
    try:
        AppointmentFactory(customer=customer)
        assert kept(customer)[0] == 1
    finally:
        with connection.schema_editor() as editor:
            operation.database_forwards("customers", editor, None, None)

    assert kept(customer)[0] == 2
    AppointmentFactory(customer=customer)
    assert kept(customer)[0] == 3


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_who_writes_about_a_customer_waits_and_then_sums_up_both():
    customer = AppointmentFactory().customer

    def write() -> None:
        try:
            AppointmentFactory(customer=customer)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            AppointmentFactory(customer=customer)
            other = pool.submit(write)
            until(somebody_waits_for_us)
        other.result(timeout=30)

    assert kept(customer)[0] == 3


def somebody_waits_for_us() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM pg_locks"
            " WHERE NOT granted AND transactionid = pg_current_xact_id()::xid)"
        )
        return cursor.fetchone()[0]


def until(condition) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "it did not come to that in 30 s"


def test_view_lists_who_has_a_visit_or_a_payment_after_it():
    shop, now = ShopFactory(), timezone.now()
    came = AppointmentFactory(customer__shop=shop, starts_at=now).customer
    early = AppointmentFactory(customer=came, starts_at=now + dt.timedelta(microseconds=1)).customer
    paid = PaymentFactory(customer__shop=shop, paid_at=now + dt.timedelta(hours=1)).customer
    AppointmentFactory(starts_at=now + dt.timedelta(days=1))  # another shop's
    AppointmentFactory(customer__shop=shop, starts_at=now)

    assert set(View(shop, now).ahead) == {early.pk, paid.pk}
    assert View(shop, now + dt.timedelta(hours=2)).ahead == []


def test_view_does_not_list_too_many(monkeypatch):
    monkeypatch.setattr("customers.criteria.view.MOST_AHEAD", 1)
    shop, now = ShopFactory(), timezone.now()
    PaymentFactory.create_batch(2, customer__shop=shop, paid_at=now + dt.timedelta(hours=1))

    assert View(shop, now).ahead is None
