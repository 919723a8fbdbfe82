import datetime as dt

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from barbershop.tests.factories import ShopFactory
from customers.models import Appointment, Customer, CustomerSegment, Payment


class CustomerFactory(DjangoModelFactory):
    class Meta:
        model = Customer

    shop = factory.SubFactory(ShopFactory)
    first_name = "Sam"
    last_name = factory.Sequence(lambda n: f"Number{n}")
    email = factory.Sequence(lambda n: f"customer{n}@example.test")
    phone = factory.Sequence(lambda n: f"+1212555{n % 10000:04d}")


class AppointmentFactory(DjangoModelFactory):
    """A visit that took place ``days_ago`` days ago, booked the day before."""

    class Meta:
        model = Appointment

    class Params:
        days_ago = 10

    customer = factory.SubFactory(CustomerFactory)
    shop = factory.SelfAttribute("customer.shop")
    status = Appointment.Status.COMPLETED
    starts_at = factory.LazyAttribute(lambda o: timezone.now() - dt.timedelta(days=o.days_ago))
    booked_at = factory.LazyAttribute(lambda o: o.starts_at - dt.timedelta(days=1))
    price = 3500


class PaymentFactory(DjangoModelFactory):
    class Meta:
        model = Payment

    customer = factory.SubFactory(CustomerFactory)
    shop = factory.SelfAttribute("customer.shop")
    amount = 3500
    paid_at = factory.LazyFunction(timezone.now)


class SegmentFactory(DjangoModelFactory):
    class Meta:
        model = CustomerSegment

    shop = factory.SubFactory(ShopFactory)
    name = factory.Sequence(lambda n: f"Segment {n}")
