"""What somebody gets from a shop, as he sees and changes it behind the link in a message.

The link proves that he reads the address it was sent to. So he may take anything back, on every
channel; and give anything again for that address. What he newly allows on another channel has to
be confirmed from there.
"""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum

from django.db import transaction

from communications import confirmations, opting_in, suppressions, unsubscribe
from communications.models import CustomerCommunication, Suppression
from communications.suppressions import Address
from customers import consent, kept_out, sign_up
from customers.channels import Channel, Topic
from customers.consent import Statement
from customers.disclosures import Disclosure, shown
from customers.models import ContactConsent, Customer
from customers.sign_up import ADDRESS_FIELD, Person, Ticked

Cause = Suppression.Cause
Decision = ContactConsent.Decision
SOURCE = "preference_page"


class Way(Enum):
    """What allowing it again takes."""

    FREE = "free"
    CONFIRM = "confirm"  # a word from the other address
    START = "start"  # a text from the number: the phone company keeps ours back until then
    CLOSED = "closed"  # complained, bounced or blocked: only the shop can help


@dataclass(frozen=True)
class Choice:
    """One channel and topic: whether he gets it now, and what changing that takes."""

    channel: str
    topic: str
    gets: bool
    way: Way
    disclosure: Disclosure | None = None

    @property
    def key(self) -> str:
        return f"{self.channel}:{self.topic}"

    @property
    def can_change(self) -> bool:
        return self.gets or self.way in {Way.FREE, Way.CONFIRM}


def choices(message: CustomerCommunication, *, language: str) -> list[Choice]:
    """Of every channel on which the receiver can be reached; none for who was erased."""
    customer = _receiver(message)
    if customer is None:
        return []
    return [
        _choice(message, customer, channel, topic, language=language)
        for channel in Channel
        if getattr(customer, ADDRESS_FIELD[channel])
        for topic in Topic
    ]


@transaction.atomic
def save(
    message: CustomerCommunication,
    *,
    offered: Collection[str],
    wanted: Collection[str],
    language: str,
    now: dt.datetime,
    ip: str | None = None,
    user_agent: str = "",
) -> bool:
    """Change what differs. What was not offered to him stays as it is.

    Args:
        offered, wanted: keys of choices, as ``email:marketing``.

    Returns:
        False if the other address was asked to confirm too often already, and was not asked again.
    """
    customer = _receiver(message)
    found = [c for c in choices(message, language=language) if c.key in offered and c.can_change]
    evidence = {"ip": ip, "user_agent": user_agent[:300]}
    gone = [c for c in found if c.gets and c.key not in wanted]
    if message.topic == Topic.MARKETING and any(_is_about(message, c) for c in gone):
        unsubscribe.by_message(message, source=SOURCE, now=now, **evidence)
    _take_back(message, customer, gone, now=now, **evidence)
    new = [c for c in found if not c.gets and c.key in wanted]
    _allow(customer, [c for c in new if c.way is Way.FREE], now=now, **evidence)
    asked = [c for c in new if c.way is Way.CONFIRM]
    return _ask(customer, asked, language=language, now=now, **evidence)


@transaction.atomic
def stop_everything(
    message: CustomerCommunication, *, now: dt.datetime, ip: str | None = None, user_agent: str = ""
) -> None:
    """No more messages of any kind on any channel."""
    evidence = {"ip": ip, "user_agent": user_agent[:300]}
    unsubscribe.by_message(message, source=SOURCE, now=now, **evidence)
    customer = _receiver(message)
    if customer is not None:
        every = choices(message, language=customer.language)
        _take_back(message, customer, every, now=now, **evidence)


def _is_about(message: CustomerCommunication, choice: Choice) -> bool:
    return (choice.channel, choice.topic) == (message.channel, message.topic)


def _receiver(message: CustomerCommunication) -> Customer | None:
    people = Customer.objects.for_shop(message.shop_id).present().select_related("shop")
    return people.filter(pk=message.customer_id).first() if message.customer_id else None


def _choice(message, customer: Customer, channel: Channel, topic: Topic, *, language) -> Choice:
    hmac = getattr(customer, f"{ADDRESS_FIELD[channel]}_hmac")
    causes = set(
        Suppression.objects.for_shop(customer.shop)
        .active()
        .filter(channel=channel, address_hmac=hmac)
        .values_list("cause", flat=True)
    )
    people = Customer.objects.filter(pk=customer.pk)
    said = consent.annotate_decision(people, channel=channel, topic=topic).get().consent_decision
    is_offer = topic == Topic.MARKETING
    if is_offer and kept_out.count([customer], shop=customer.shop):
        causes.add(Cause.ERASED)
    if is_offer:
        needs = consent.is_required(
            channel=channel,
            country=customer.shop.country,
            phone=customer.phone,
            timezone=customer.timezone,
            zip=customer.zip,
        )
        allowed = said == Decision.OPTED_IN or (not needs and said != Decision.OPTED_OUT)
        gets = allowed and not causes
    else:
        gets = said != Decision.OPTED_OUT and not causes - {Cause.UNSUBSCRIBED}
    is_here = channel == message.channel and hmac == message.address_hmac
    return Choice(
        channel=str(channel),
        topic=str(topic),
        gets=gets,
        way=_way(causes, is_here=is_here, is_offer=is_offer),
        disclosure=(
            shown(shop=customer.shop, channel=channel, language=language) if is_offer else None
        ),
    )


def _way(causes: set[str], *, is_here: bool, is_offer: bool) -> Way:
    if causes - opting_in.OWN:
        return Way.CLOSED
    if is_here:
        return Way.FREE
    if Cause.STOP in causes:
        return Way.START
    return Way.CONFIRM if is_offer else Way.FREE


def _take_back(message, customer: Customer, found: list[Choice], *, now, **evidence) -> None:
    addresses = {
        (choice.channel, hmac)
        for choice in found
        if choice.topic == Topic.MARKETING
        # Who reads an old address means that one too.
        for hmac in (
            getattr(customer, f"{ADDRESS_FIELD[Channel(choice.channel)]}_hmac"),
            message.address_hmac if choice.channel == message.channel else "",
        )
        if hmac
    }
    suppressions.add_many(
        Address(customer.shop_id, channel, hmac, Cause.UNSUBSCRIBED)
        for channel, hmac in sorted(addresses)
    )
    statements = [
        _statement(customer, choice, Decision.OPTED_OUT, now=now, **evidence) for choice in found
    ]
    unsubscribe.record_news(statements, now=now)


def _allow(customer: Customer, found: list[Choice], *, now, **evidence) -> None:
    statements = [
        _statement(customer, choice, Decision.OPTED_IN, now=now, **evidence) for choice in found
    ]
    if statements:
        opting_in.record_own(statements, now=now)


def _ask(customer: Customer, found: list[Choice], *, language, now, ip, user_agent) -> bool:
    """Let the other address confirm, as after a sign-up; whether it could be asked again."""
    ticked = [
        Ticked(address=address, disclosure=choice.disclosure, must_confirm=True)
        for choice in found
        if not sign_up.is_too_often(
            address=(address := getattr(customer, ADDRESS_FIELD[Channel(choice.channel)])), now=now
        )
    ]
    if not ticked:
        return not found
    person = Person(first_name=customer.first_name, last_name=customer.last_name, language=language)
    for asked in sign_up.request(
        shop=customer.shop,
        person=person,
        ticked=ticked,
        source=SOURCE,
        customer=customer,
        ip=ip,
        user_agent=user_agent,
        now=now,
    ):
        confirmations.send(asked, language=language, now=now)
    return len(ticked) == len(found)


def _statement(customer, choice: Choice, decision: str, *, now, ip, user_agent) -> Statement:
    is_in = decision == Decision.OPTED_IN and choice.disclosure
    return Statement(
        customer=customer,
        channel=choice.channel,
        topic=choice.topic,
        decision=decision,
        source=SOURCE,
        given_at=now,
        disclosure_text=choice.disclosure.text if is_in else "",
        disclosure_version=choice.disclosure.version if is_in else "",
        ip=ip,
        user_agent=user_agent,
    )
