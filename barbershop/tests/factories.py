"""Factories that surprise nobody: the least that is valid, every value readable."""

import datetime as dt

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from barbershop.models import (
    Barber,
    Barbershop,
    Membership,
    Opening,
    Organization,
    Service,
    User,
)


class OrganizationFactory(DjangoModelFactory):
    class Meta:
        model = Organization

    name = factory.Sequence(lambda n: f"Organization {n}")
    slug = factory.Sequence(lambda n: f"organization-{n}")


class ShopFactory(DjangoModelFactory):
    class Meta:
        model = Barbershop

    organization = factory.SubFactory(OrganizationFactory)
    name = factory.Sequence(lambda n: f"Shop {n}")
    slug = factory.Sequence(lambda n: f"shop-{n}")
    timezone = "America/New_York"
    postal_address = "1 Test Street, Springfield, NY 10001"
    phone = "+12125550100"
    booking_url = "https://book.example.test/"


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"user{n}@example.test")


class MembershipFactory(DjangoModelFactory):
    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    shop = factory.SubFactory(ShopFactory)
    organization = factory.SelfAttribute("shop.organization")
    role = Membership.Role.OWNER


class BarberFactory(DjangoModelFactory):
    class Meta:
        model = Barber

    shop = factory.SubFactory(ShopFactory)
    first_name = "Tony"


class ServiceFactory(DjangoModelFactory):
    class Meta:
        model = Service

    shop = factory.SubFactory(ShopFactory)
    name = "Haircut"
    price = 3500


class OpeningFactory(DjangoModelFactory):
    """Tomorrow, at a time of its own."""

    class Meta:
        model = Opening

    class Params:
        number = factory.Sequence(lambda n: n)

    barber = factory.SubFactory(BarberFactory)
    shop = factory.SelfAttribute("barber.shop")
    starts_at = factory.LazyAttribute(
        lambda o: timezone.now() + dt.timedelta(days=1, minutes=o.number)
    )
