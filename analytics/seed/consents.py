"""What people said about being written to: every state there is, with its proof."""

import datetime as dt
import random
from collections import defaultdict

from analytics.seed.people import Person
from communications.models import CustomerCommunication
from customers.channels import Channel
from customers.consent import Decision, Statement, record_many

Reason = CustomerCommunication.Reason

DISCLOSURE = (
    "I agree to receive marketing text messages from {shop} at this number. Consent is not a "
    "condition of purchase. Message and data rates may apply. Reply STOP to opt out."
)
NEWS = "Yes, send me news and offers from {shop} by email. I can opt out at any time."
VERSION = "demo-1"
IP = "192.0.2.{}"  # RFC 5737: an address of nobody
AGENT = "Mozilla/5.0 (demonstration)"

# Shares of those who have a phone or an email address; the rest never said anything.
TEXTS = (("proven", 0.58), ("unproven", 0.16), ("stopped", 0.07))
EMAILS = (("proven", 0.26), ("stopped", 0.06))


class Book:
    """All statements, for questions about one moment."""

    def __init__(self, statements: list[Statement]):
        self.statements = sorted(statements, key=lambda each: each.given_at)
        self._by_address = defaultdict(list)
        for each in self.statements:
            self._by_address[each.customer.pk, each.channel].append(each)

    def decision(self, customer, channel: str, at: dt.datetime) -> str:
        """The latest decision at a moment, or nothing."""
        said = [s.decision for s in self._by_address[customer.pk, channel] if s.given_at <= at]
        return said[-1] if said else ""

    def refusals(self, people: list[Person], channel: str, at: dt.datetime) -> dict[int, str]:
        """Why who could not be written to at a moment, by customer id."""
        found = {}
        for person in people:
            customer = person.customer
            decision = self.decision(customer, channel, at)
            if not (customer.email if channel == Channel.EMAIL else customer.phone):
                found[customer.pk] = Reason.NO_ADDRESS
            elif channel == Channel.SMS and decision == Decision.UNPROVEN:
                found[customer.pk] = Reason.UNPROVEN
            elif decision == Decision.OPTED_OUT or (
                channel == Channel.SMS and decision != Decision.OPTED_IN
            ):
                found[customer.pk] = Reason.NO_CONSENT
        return found


def invent(people: list[Person], *, rng: random.Random, now: dt.datetime) -> Book:
    """What everybody said; not saved."""
    statements = []
    for person in people:
        if person.customer.phone:
            kind = _drawn(TEXTS, rng)
            statements += _statements(person.customer, Channel.SMS, kind, rng=rng, now=now)
        if person.customer.email:
            kind = _drawn(EMAILS, rng)
            statements += _statements(person.customer, Channel.EMAIL, kind, rng=rng, now=now)
    return Book(statements)


def _drawn(shares, rng) -> str:
    draw = rng.random()
    for kind, share in shares:
        if draw < share:
            return kind
        draw -= share
    return ""


def _statements(customer, channel: str, kind: str, *, rng, now) -> list[Statement]:
    if not kind:
        return []
    common = {
        "customer": customer,
        "channel": channel,
        "address": customer.phone if channel == Channel.SMS else customer.email,
    }
    joined = customer.joined_at + dt.timedelta(minutes=rng.randrange(1, 90))
    if kind == "unproven":
        return [Statement(**common, decision=Decision.UNPROVEN, source="old list", given_at=joined)]
    text = DISCLOSURE if channel == Channel.SMS else NEWS
    agreed = Statement(
        **common,
        decision=Decision.OPTED_IN,
        source=rng.choice(("booking page", "booking page", "tablet at the counter")),
        given_at=joined,
        disclosure_text=text.format(shop=customer.shop.name),
        disclosure_version=VERSION,
        ip=IP.format(rng.randrange(1, 255)),
        user_agent=AGENT,
    )
    if kind == "proven":
        return [agreed]
    left = Statement(
        **common,
        decision=Decision.OPTED_OUT,
        source="told the staff",
        given_at=joined + (now - joined) * rng.uniform(0.1, 0.98),
    )
    return [agreed, left]


def save(book: Book) -> None:
    """Append everything to the chains, in the order in which it was said."""
    record_many(book.statements)
