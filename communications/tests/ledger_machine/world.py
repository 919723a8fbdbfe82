"""The shop and its people, made once; every walk begins with them and its own dispatch."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from barbershop.models import Barbershop, User
from barbershop.tests.factories import MembershipFactory, ShopFactory
from communications import outbox
from communications.models import Dispatch
from communications.outbox import Recipient
from customers import consent
from customers.channels import Channel
from customers.models import Customer
from customers.tests.factories import CustomerFactory

START = dt.datetime(2030, 5, 6, 16, 0, tzinfo=dt.UTC)  # noon in New York
PEOPLE = 9
# The third has the first one's addresses, the fourth has permitted no texts, the fifth has no
# addresses at all.
SAME, UNASKED, NOWHERE = 2, 3, 4


@dataclass(frozen=True)
class World:
    shop: Barbershop
    owner: User
    people: list[Customer]


def make() -> World:
    shop = ShopFactory()
    people = [_person(shop, number) for number in range(PEOPLE)]
    return World(shop, MembershipFactory(shop=shop).user, people)


def _person(shop: Barbershop, number: int) -> Customer:
    address = {SAME: 0}.get(number, number)
    person = CustomerFactory(
        shop=shop,
        email="" if number == NOWHERE else f"person{address}@example.test",
        phone="" if number == NOWHERE else f"+1212555012{address}",
    )
    if number != UNASKED:
        consent.record(
            customer=person,
            channel="sms",
            decision="opted_in",
            source="paper form",
            given_at=START - dt.timedelta(days=30),
            address=person.phone,
            disclosure_text="I agree to receive texts from this shop.",
            disclosure_version="2030-1",
        )
    return person


def open_dispatch(world: World, kind: str) -> Dispatch:
    return outbox.open_dispatch(shop=world.shop, kind=kind, by=world.owner, starts_at=START)


def recipients(
    world: World, dispatch: Dispatch, *, channel: str, numbers: Iterable[int]
) -> list[Recipient]:
    content = outbox.add_content(
        dispatch=dispatch, channel=channel, subject="Hello", text="Come in.", variant_label="A"
    )
    email = channel == Channel.EMAIL
    return [
        Recipient(
            customer_id=person.pk,
            channel=channel,
            address=person.email if email else person.phone,
            address_hmac=person.email_hmac if email else person.phone_hmac,
            content_id=content.pk,
        )
        for person in (world.people[number] for number in numbers)
    ]
