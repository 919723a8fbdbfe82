"""Tags as a shop would give them."""

import random
from collections import Counter

from analytics.seed.consents import Book, Decision
from analytics.seed.drafts import TEXT_CLUB
from analytics.seed.people import BULK, Person
from customers.channels import Channel
from customers.models import Appointment, CustomerTag, Tag

REGULAR, STUDENT, BEARD, QUIET = "regular", "student", "beard", "quiet chair"
VISITS_OF_A_REGULAR = 8


def give(people: list[Person], appointments, book: Book, *, rng: random.Random, now) -> None:
    shop = people[0].customer.shop
    names = (REGULAR, STUDENT, BEARD, QUIET, TEXT_CLUB)
    tags = {tag.name: tag for tag in Tag.objects.bulk_create(Tag(shop=shop, name=n) for n in names)}
    visits = Counter(
        row.customer_id for row in appointments if row.status == Appointment.Status.COMPLETED
    )
    rows = [
        CustomerTag(shop=shop, customer=person.customer, tag=tags[name])
        for person in people
        for name in _of(person, visits[person.customer.pk], book, rng=rng, now=now)
    ]
    CustomerTag.objects.bulk_create(rows, batch_size=BULK)


def _of(person: Person, visits: int, book: Book, *, rng, now):
    if visits >= VISITS_OF_A_REGULAR:
        yield REGULAR
    if rng.random() < 0.08:
        yield STUDENT
    if person.service.category == "beard" or "beard" in person.service.name:
        yield BEARD
    if rng.random() < 0.03:
        yield QUIET
    if book.decision(person.customer, Channel.SMS, now) == Decision.OPTED_IN:
        yield TEXT_CLUB
