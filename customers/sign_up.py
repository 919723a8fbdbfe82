"""Signing up on the public page: who it was, which words he agreed to, and what confirms it.

Every sign-up leaves an ``OptInRequest``; the consent itself is recorded at once, or when the
person has shown that the address is his: by a reply from it, or by the link that was sent to it.
Sending that message, and lifting what the person had stopped, is ``communications.opting_in``.
"""

import datetime as dt
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from barbershop.models import Barbershop
from customers import consent
from customers.addresses import address_hmac
from customers.channels import ADDRESS_FIELDS, Channel, Topic
from customers.consent import Statement
from customers.disclosures import Disclosure
from customers.models import ContactConsent, Customer, OptInRequest

Decision = ContactConsent.Decision
SIGN_UP_PAGE = "sign_up_page"
WAITS = dt.timedelta(hours=72)
ADDRESS_FIELD = {channel: address for channel, (address, _) in ADDRESS_FIELDS.items()}

# More than these within the time are somebody's program, or somebody who annoys somebody else. A
# shop's own wireless network is one IP for everybody who signs up in it.
MOST_PER_ADDRESS, PER_ADDRESS = 3, dt.timedelta(hours=24)
MOST_PER_IP, PER_IP = 30, dt.timedelta(hours=1)


_steps: list[Callable] = []


def after_sign_up(step: Callable) -> Callable:
    """Have ``step(shop=, customers=, came_by=, now=)`` run in the transaction of each sign-up that
    came by something: for an upper floor, which knows what that is."""
    if step not in _steps:
        _steps.append(step)
    return step


@dataclass(frozen=True, kw_only=True)
class Person:
    """What somebody says of himself."""

    first_name: str
    last_name: str = ""
    language: str = ""

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(frozen=True, kw_only=True)
class Ticked:
    """One box that was ticked: the normalised address, and the words that stood beside it."""

    address: str
    disclosure: Disclosure
    must_confirm: bool = False

    @property
    def channel(self) -> str:
        return self.disclosure.channel

    @property
    def field(self) -> str:
        return ADDRESS_FIELD[Channel(self.channel)]


def is_too_often(*, address: str, now: dt.datetime) -> bool:
    """Whether one address has been signed up too often lately, in whichever shop."""
    lately = OptInRequest.objects.filter(asked_at__gt=now - PER_ADDRESS)
    return lately.filter(address_hmac=address_hmac(address)).count() >= MOST_PER_ADDRESS


def is_crowd(*, ip: str | None, now: dt.datetime) -> bool:
    """Whether too many sign-ups came from one place lately."""
    lately = OptInRequest.objects.filter(asked_at__gt=now - PER_IP)
    return bool(ip) and lately.filter(ip=ip).count() >= MOST_PER_IP


@transaction.atomic
def request(
    *,
    shop: Barbershop,
    person: Person,
    ticked: Sequence[Ticked],
    now: dt.datetime,
    ip: str | None = None,
    user_agent: str = "",
    source: str = SIGN_UP_PAGE,
    customer: Customer | None = None,
    came_by: str = "",
) -> list[OptInRequest]:
    """Record a sign-up for the customer who has the address, or for a new one.

    Args:
        customer: whose it is, where that is known already.
        came_by: the word of a link that led here; who has asked ``after_sign_up`` reads it.

    Whoever once said no on a channel has to confirm, whatever the shop's setting: a stranger could
    have typed his address.

    Returns:
        One request per ticked box. Those that wait for nothing have ``confirmed_at``.
    """
    # One sign-up of a shop after the other: two at once would make one person twice.
    Barbershop.objects.select_for_update(no_key=True).get(pk=shop.pk)
    if customer is None:
        customers = _customers(shop, person, ticked)
    else:
        customers = {box.channel: customer for box in ticked}
    refused = _refused(customers)
    requests = []
    for box in ticked:
        whose = customers[box.channel]
        waits = box.must_confirm or (whose.pk, box.channel) in refused
        requests.append(
            OptInRequest.objects.create(
                shop=shop,
                customer=whose,
                channel=box.channel,
                address_hmac=address_hmac(box.address),
                typed_name=person.full_name,
                source=source,
                disclosure_version=box.disclosure.version,
                disclosure_text=box.disclosure.text,
                ip=ip,
                user_agent=user_agent[:300],
                asked_at=now,
                expires_at=now + WAITS,
                confirmed_at=None if waits else now,
            )
        )
    consent.record_many([_statement(r, at=now) for r in requests if r.confirmed_at], now=now)
    if came_by and requests:
        whose = list({each.pk: each for each in customers.values()}.values())
        for step in _steps:
            step(shop=shop, customers=whose, came_by=came_by, now=now)
    return requests


def confirm_by_link(
    uuid: UUID, *, now: dt.datetime, ip: str | None = None, user_agent: str = ""
) -> list[ContactConsent]:
    """Record the consent that an email's link confirms; nothing when none waits any more."""
    waiting = OptInRequest.objects.filter(uuid=uuid, channel=Channel.EMAIL)
    note = f"Confirmed by the link, from {ip or 'nowhere known'}, {user_agent}"
    return _confirm(waiting, at=now, now=now, note=note)


def confirm_by_reply(
    *, address_hmac: str, shop_ids: Collection[int], at: dt.datetime, now: dt.datetime
) -> list[ContactConsent]:
    """Record what a reply of YES from this number confirms; nothing when no sign-up waits.

    One YES answers one question: where sign-ups of several people or shops wait for this number,
    the newest is meant.

    Args:
        at: when the reply was given.
    """
    waiting = OptInRequest.objects.filter(
        channel=Channel.SMS, address_hmac=address_hmac, shop__in=shop_ids
    )
    return _confirm(waiting, at=at, now=now, note="Confirmed by a reply from the number")


def is_confirmed(asked: OptInRequest) -> bool:
    """Whether it was confirmed, and is about somebody who still has the address."""
    return asked.confirmed_at is not None and _is_his(asked, asked.customer)


def is_open(asked: OptInRequest, *, now: dt.datetime) -> bool:
    """Whether it can still be confirmed."""
    is_waiting = asked.confirmed_at is None and now < asked.expires_at
    return is_waiting and _is_his(asked, asked.customer)


@transaction.atomic
def _confirm(
    requests: QuerySet[OptInRequest], *, at: dt.datetime, now: dt.datetime, note: str
) -> list[ContactConsent]:
    """Record the newest of these that can be; those of the same person are settled by it."""
    waiting = requests.filter(confirmed_at=None, asked_at__lte=at, expires_at__gt=at)
    held = list(waiting.select_for_update().order_by("pk"))
    people = Customer.objects.in_bulk([r.customer_id for r in held])
    # Erased since, or reached at another address: then this one's word is nobody's.
    alive = [asked for asked in held if _is_his(asked, people[asked.customer_id])]
    if not alive:
        return []
    newest = max(alive, key=lambda asked: (asked.asked_at, asked.pk))
    about = (newest.customer_id, newest.channel, newest.topic)
    settled = [r.pk for r in alive if (r.customer_id, r.channel, r.topic) == about]
    OptInRequest.objects.filter(pk__in=settled).update(confirmed_at=now)
    newest.customer = people[newest.customer_id]
    return consent.record_many([_statement(newest, at=at, note=note)], now=now)


def _is_his(asked: OptInRequest, customer: Customer) -> bool:
    is_present = customer.erased_at is None
    return is_present and _hmac_of(customer, asked.channel) == asked.address_hmac


def _statement(asked: OptInRequest, *, at: dt.datetime, note: str = "") -> Statement:
    told = [note and f"Asked {asked.asked_at:%Y-%m-%d %H:%M} UTC. {note}"]
    if asked.typed_name not in {"", asked.customer.full_name}:
        told.insert(0, f"Signed up as {asked.typed_name}.")
    return Statement(
        customer=asked.customer,
        channel=asked.channel,
        topic=asked.topic,
        decision=Decision.OPTED_IN,
        source=asked.source,
        given_at=at,
        disclosure_text=asked.disclosure_text,
        disclosure_version=asked.disclosure_version,
        ip=asked.ip,
        user_agent=asked.user_agent,
        note=" ".join(filter(None, told)),
    )


def _hmac_of(customer: Customer, channel: str) -> str:
    return getattr(customer, f"{ADDRESS_FIELD[Channel(channel)]}_hmac")


def _refused(customers: dict[str, Customer]) -> set[tuple[int, str]]:
    """(customer, channel) of those whose last word about marketing there was no."""
    latest = ContactConsent.objects.filter(customer__in=customers.values()).latest()
    said = latest.filter(decision=Decision.OPTED_OUT, topic=Topic.MARKETING)
    return set(said.values_list("customer_id", "channel"))


def _customers(shop: Barbershop, person: Person, ticked) -> dict[str, Customer]:
    """By channel the customer whose address it is; names that are there already stay."""
    wanted = Q()
    for box in ticked:
        wanted |= Q(**{f"{box.field}_hmac": address_hmac(box.address)})
    known = list(Customer.objects.for_shop(shop).present().filter(wanted).order_by("pk"))
    # Families share an address: whoever has this name, else whoever was there first.
    known.sort(key=lambda customer: (not _is_called(customer, person), customer.pk))
    found: dict[str, Customer] = {}
    for box in ticked:
        hmac = address_hmac(box.address)
        holder = next((c for c in known if _hmac_of(c, box.channel) == hmac), None)
        if holder is not None:
            found[box.channel] = holder
    for box in ticked:
        if box.channel not in found:
            found[box.channel] = _take_address(box, shop, person, list(found.values()))
    return found


def _take_address(box: Ticked, shop: Barbershop, person: Person, others) -> Customer:
    """Nobody has this address: it is another one of the same person, or a new customer's.

    An address is added only to who is called the same: the form is open to everybody, and knowing
    somebody's number must not be enough to get his mail.
    """
    for customer in others:
        if not getattr(customer, box.field) and _is_called(customer, person):
            setattr(customer, box.field, box.address)
            customer.save(update_fields=[box.field, f"{box.field}_hmac", "updated_at"])
            return customer
    return Customer.objects.create(
        shop=shop,
        first_name=person.first_name,
        last_name=person.last_name,
        language=person.language,
        source=Customer.Source.SIGN_UP,
        **{box.field: box.address},
    )


def _is_called(customer: Customer, person: Person) -> bool:
    mine = (customer.first_name.casefold(), customer.last_name.casefold())
    said = (person.first_name.casefold(), person.last_name.casefold())
    return bool(mine[0]) and mine[0] == said[0] and (not said[1] or not mine[1] or mine == said)
