import datetime as dt

import pytest
from django.utils import timezone

from campaigns import attribution
from campaigns.models import CampaignResponse
from campaigns.tests.factories import DefinitionFactory, ExecutionFactory
from communications.models import CustomerCommunication, DeliveryAttempt
from communications.tests.factories import CommunicationFactory
from customers.models import Appointment
from customers.tests.factories import AppointmentFactory, CustomerFactory, PaymentFactory

pytestmark = pytest.mark.django_db

Delivery = CustomerCommunication.Delivery
NOW = timezone.now().replace(microsecond=0)
DAY = dt.timedelta(days=1)


def messaged(customer, *, days_ago, reported=True, **times):
    """A response whose message was accepted, and delivered unless there is no report."""
    at = NOW - days_ago * DAY
    run = ExecutionFactory(definition=DefinitionFactory(shop=customer.shop))
    response = CampaignResponse.objects.create(shop=customer.shop, execution=run, customer=customer)
    attempt = DeliveryAttempt.objects.create(
        shop=customer.shop,
        dispatch=run.dispatch,
        channel="email",
        state="accepted",
        claimed_at=at,
        lease_until=at,
        sending_at=at,
        call_deadline=at,
        answered_at=at,
    )
    CommunicationFactory(
        dispatch=run.dispatch,
        customer=customer,
        send_state="in_call",
        attempt=attempt,
        delivered_at=at if reported else None,
        **times,
    )
    return response


def booked(customer, *, days_ago=0.0, status="booked", price=3500):
    at = NOW - days_ago * DAY
    return AppointmentFactory(
        customer=customer, status=status, booked_at=at, starts_at=at + DAY, price=price
    )


def credits(shop=None):
    found = CampaignResponse.objects.exclude(appointment=None).order_by("pk")
    return list(found.values_list("pk", "appointment", "revenue"))


@pytest.fixture
def customer():
    return CustomerFactory()


def test_booking_after_a_delivery_is_credited_to_its_message(customer):
    response = messaged(customer, days_ago=2)
    booking = booked(customer)

    assert attribution.credit(now=NOW) == 1

    response.refresh_from_db()
    assert response.appointment == booking
    assert response.communication == CustomerCommunication.objects.get()
    assert (response.converted_at, response.credited_at) == (booking.booked_at, NOW)
    assert (response.confirmed_at, response.revenue) == (None, 0)


def test_crediting_again_changes_nothing(customer):
    messaged(customer, days_ago=2)
    booked(customer)
    attribution.credit(now=NOW)
    before = CampaignResponse.objects.values().get()

    assert attribution.credit(now=NOW + DAY) == 0
    assert CampaignResponse.objects.values().get() == before


def test_message_without_a_report_counts_from_its_acceptance(customer):
    response = messaged(customer, days_ago=2, reported=False)
    booking = booked(customer)

    attribution.credit(now=NOW)

    assert credits() == [(response.pk, booking.pk, 0)]


def test_bounced_machine_clicked_and_late_messages_get_nothing(customer):
    messaged(customer, days_ago=1, bounced_at=NOW, delivery=Delivery.BOUNCED)
    messaged(customer, days_ago=5, machine_clicked_at=NOW - DAY)
    messaged(customer, days_ago=-1)
    booked(customer)

    attribution.credit(now=NOW)

    assert credits() == []


def test_text_that_failed_and_then_arrived_gets_its_credit(customer):
    response = messaged(customer, days_ago=1, bounced_at=NOW - DAY, delivery=Delivery.DELIVERED)
    booking = booked(customer)

    attribution.credit(now=NOW)

    assert credits() == [(response.pk, booking.pk, 0)]


def test_windows_are_those_of_the_shop(customer):
    response = messaged(customer, days_ago=5)
    booking = booked(customer)
    attribution.credit(now=NOW)
    assert credits() == []

    customer.shop.attribution_delivery_days = 6
    customer.shop.save()
    attribution.credit(now=NOW)
    assert credits() == [(response.pk, booking.pk, 0)]


def test_message_of_another_shop_and_of_another_customer_get_nothing(customer):
    messaged(CustomerFactory(email=customer.email), days_ago=1)
    messaged(CustomerFactory(shop=customer.shop), days_ago=1)
    booked(customer)

    attribution.credit(now=NOW)

    assert credits() == []


def test_held_out_person_is_credited_to_nobody(customer):
    run = ExecutionFactory(definition=DefinitionFactory(shop=customer.shop))
    CampaignResponse.objects.create(
        shop=customer.shop, execution=run, customer=customer, is_holdout=True
    )
    booked(customer)

    attribution.credit(now=NOW)

    assert credits() == []


def test_click_that_becomes_known_after_the_booking_moves_the_credit(customer):
    clicked = messaged(customer, days_ago=5)
    delivered = messaged(customer, days_ago=1)
    booking = booked(customer)
    attribution.credit(now=NOW)
    assert credits() == [(delivered.pk, booking.pk, 0)]

    CustomerCommunication.objects.filter(dispatch=clicked.execution.dispatch_id).update(
        clicked_at=NOW - 2 * DAY
    )
    attribution.credit(now=NOW, customer_ids=[customer.pk])

    assert credits() == [(clicked.pk, booking.pk, 0)]


@pytest.mark.parametrize("status", ["cancelled", "no_show"])
def test_booking_that_is_not_kept_gives_its_credit_to_the_next_one(customer, status):
    response = messaged(customer, days_ago=2)
    first, second = booked(customer, days_ago=1), booked(customer)
    attribution.credit(now=NOW)
    assert credits() == [(response.pk, first.pk, 0)]

    Appointment.objects.filter(pk=first.pk).update(status=status)
    attribution.credit(now=NOW)
    assert credits() == [(response.pk, second.pk, 0)]

    Appointment.objects.filter(pk=second.pk).update(status=status)
    attribution.credit(now=NOW)
    assert credits() == []


def test_completed_visit_without_a_payment_is_worth_its_price(customer):
    response = messaged(customer, days_ago=2)
    booking = booked(customer, status="completed", price=4200)

    attribution.credit(now=NOW)

    assert credits() == [(response.pk, booking.pk, 4200)]
    response.refresh_from_db()
    assert response.confirmed_at == booking.starts_at


def test_paid_booking_is_worth_what_was_paid_less_what_was_refunded(customer):
    response = messaged(customer, days_ago=2)
    booking = booked(customer, status="completed", price=9900)
    PaymentFactory(customer=customer, appointment=booking, amount=4000, paid_at=NOW)
    PaymentFactory(
        customer=customer, appointment=booking, amount=1000, refunded_amount=300, paid_at=NOW + DAY
    )
    PaymentFactory(customer=customer, amount=7777)  # for something else

    attribution.credit(now=NOW)

    assert credits() == [(response.pk, booking.pk, 4700)]
    response.refresh_from_db()
    assert response.confirmed_at == NOW


def test_whole_refund_takes_the_credit_back(customer):
    messaged(customer, days_ago=2)
    booking = booked(customer, status="completed")
    payment = PaymentFactory(customer=customer, appointment=booking, amount=4000)
    attribution.credit(now=NOW)
    assert len(credits()) == 1

    payment.refunded_amount = 4000
    payment.save()
    attribution.credit(now=NOW)

    assert credits() == []


def test_payment_that_becomes_known_later_is_found_by_its_change(customer):
    response = messaged(customer, days_ago=2)
    booking = booked(customer)
    attribution.credit(now=NOW)
    Appointment.objects.update(updated_at=NOW - DAY)

    assert attribution.credit(now=NOW, changed_since=NOW - DAY / 2) == 0
    PaymentFactory(customer=customer, appointment=booking, amount=4000, paid_at=NOW)
    assert attribution.credit(now=NOW, changed_since=NOW - DAY / 2) == 1

    assert credits() == [(response.pk, booking.pk, 4000)]


def test_booking_moved_to_another_customer_changes_hands(customer):
    messaged(customer, days_ago=2)
    other = CustomerFactory(shop=customer.shop)
    theirs = messaged(other, days_ago=2)
    booking = booked(customer)
    attribution.credit(now=NOW)

    Appointment.objects.filter(pk=booking.pk).update(customer=other)
    attribution.credit(now=NOW)
    attribution.credit(now=NOW)

    assert credits() == [(theirs.pk, booking.pk, 0)]


def test_credit_for_a_booking_long_ago_is_left_alone(customer):
    response = messaged(customer, days_ago=2)
    booking = booked(customer)
    attribution.credit(now=NOW)
    much_later = NOW + attribution.LOOK_BACK + 10 * DAY
    Appointment.objects.filter(pk=booking.pk).update(status="cancelled")

    assert attribution.credit(now=much_later) == 0
    assert credits() == [(response.pk, booking.pk, 0)]


def test_number_of_queries_does_not_grow_with_the_bookings(customer, django_assert_max_num_queries):
    for _ in range(20):
        each = CustomerFactory(shop=customer.shop)
        messaged(each, days_ago=1)
        booked(each)

    with django_assert_max_num_queries(14):
        assert attribution.credit(shop=customer.shop, now=NOW) == 20


def test_credited_money_is_the_money_of_the_bookings_to_the_cent(customer):
    expected = 0
    for number in range(12):
        each = CustomerFactory(shop=customer.shop)
        messaged(each, days_ago=1)
        messaged(each, days_ago=2, clicked_at=NOW - DAY)
        booking = booked(each, status="completed", price=1000 + number)
        if number % 2:
            PaymentFactory(customer=each, appointment=booking, amount=2000 + number)
        expected += 2000 + number if number % 2 else 1000 + number

    attribution.credit(now=NOW)
    attribution.credit(now=NOW)

    assert len(credits()) == 12
    assert sum(revenue for _, _, revenue in credits()) == expected
