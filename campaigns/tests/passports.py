"""Somebody who signed up, and texts to him: for tests of the passport."""

import datetime as dt

from campaigns.tests.factories import DefinitionFactory, ExecutionFactory
from communications import opting_in
from communications.tests.reports import in_call
from customers.models import Customer
from customers.sign_up import Person
from customers.tests.factories import CustomerFactory

PHONE = "+12125550123"
# Within the texts' window everywhere in the tests' zones.
NOON = dt.datetime(2026, 11, 24, 17, tzinfo=dt.UTC)


def signed_up(shop) -> Customer:
    """On the public page, two days before; somebody with his number said no at another shop."""
    CustomerFactory(phone=PHONE).opt_out("sms", source="another shop's")
    opting_in.by_page(
        shop=shop,
        person=Person(first_name="Sam", language="en"),
        addresses={"sms": PHONE},
        ip="203.0.113.7",
        user_agent="Phone/1",
        now=NOON - dt.timedelta(days=2),
    )
    return Customer.objects.for_shop(shop).get()


def text_to(customer, *, words="Hi {{ customer_first_name }}, come in.", **more):
    run = ExecutionFactory(definition=DefinitionFactory(shop=customer.shop, name="Autumn"))
    return in_call(
        channel="sms",
        dispatch=run.dispatch,
        customer=customer,
        content__text=words,
        content__channel="sms",
        **more,
    )
