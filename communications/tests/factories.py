import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from barbershop.tests.factories import ShopFactory
from communications.models import (
    CustomerCommunication,
    Dispatch,
    InboundMessage,
    MessageContent,
)
from customers.addresses import address_hmac
from customers.tests.factories import CustomerFactory


class DispatchFactory(DjangoModelFactory):
    class Meta:
        model = Dispatch

    shop = factory.SubFactory(ShopFactory)
    state = Dispatch.State.RUNNING


class ContentFactory(DjangoModelFactory):
    class Meta:
        model = MessageContent

    dispatch = factory.SubFactory(DispatchFactory)
    shop = factory.SelfAttribute("dispatch.shop")
    channel = "email"
    variant_label = "A"
    subject = "Hello {{ customer_first_name }}"
    text = "Hi {{ customer_first_name }}, see you at {{ shop_name }}."


class CommunicationFactory(DjangoModelFactory):
    """A message that waits to be sent."""

    class Meta:
        model = CustomerCommunication

    dispatch = factory.SubFactory(DispatchFactory)
    shop = factory.SelfAttribute("dispatch.shop")
    channel = "email"
    content = factory.SubFactory(
        ContentFactory,
        dispatch=factory.SelfAttribute("..dispatch"),
        channel=factory.SelfAttribute("..channel"),
    )
    customer = factory.SubFactory(CustomerFactory, shop=factory.SelfAttribute("..shop"))
    address = factory.LazyAttribute(
        lambda o: o.customer.email if o.channel == "email" else o.customer.phone
    )
    address_hmac = factory.LazyAttribute(lambda o: address_hmac(o.address))
    queued_at = factory.LazyFunction(timezone.now)


class InboundMessageFactory(DjangoModelFactory):
    """An answer by text that waits for a person."""

    class Meta:
        model = InboundMessage

    shop = factory.SubFactory(ShopFactory)
    channel = "sms"
    customer = factory.SubFactory(CustomerFactory, shop=factory.SelfAttribute("..shop"))
    event_key = factory.Sequence(lambda n: f"inbound:SM{n}")
    address = "+12125550199"
    address_hmac = factory.LazyAttribute(lambda o: address_hmac(o.address))
    body = "why do you keep texting"
    received_at = factory.LazyFunction(timezone.now)
    outcome = InboundMessage.Outcome.HELD
