import datetime as dt

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from barbershop.tests.factories import ShopFactory
from customers.models import Appointment, Customer, CustomerSegment, Payment


class CustomerFactory(DjangoModelFactory):
    class Meta:
        model = Customer

    class Params:
        # An erased customer has neither name nor address.
        gone = factory.LazyAttribute(lambda o: o.erased_at is not None)
        number = factory.Sequence(lambda n: n)

    shop = factory.SubFactory(ShopFactory)
    erased_at = None
    first_name = factory.LazyAttribute(lambda o: "" if o.gone else "Sam")
    last_name = factory.LazyAttribute(lambda o: "" if o.gone else f"Number{o.number}")
    email = factory.LazyAttribute(lambda o: "" if o.gone else f"customer{o.number}@example.test")
    phone = factory.LazyAttribute(lambda o: "" if o.gone else f"+1212555{o.number % 10000:04d}")


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
