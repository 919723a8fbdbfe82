"""Every rule for one customer on one channel: what was found, and what follows from it."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from communications import frequency, quiet_hours
from communications.compliance.moments import LONGEST_WAIT, Moments, Person
from communications.compliance.person import ADDRESS_FIELDS, exclusions
from communications.compliance.terms import Terms
from communications.models import CustomerCommunication, Dispatch, Suppression
from customers import consent
from customers.channels import Channel
from customers.models import Customer

Reason = CustomerCommunication.Reason
Cause = Suppression.Cause


@dataclass(frozen=True)
class Rule:
    """One rule.

    Attributes:
        reason: the word that the ledger has when it does not pass.
        found: what is so, in words.
    """

    name: str
    reason: str
    found: str
    passes: bool


def rules(
    customer: Customer,
    *,
    channel: str,
    topic: str,
    terms: Terms,
    now: dt.datetime,
    ahead: int = 0,
) -> list[Rule]:
    """What the freeze asks, in its order: the first that does not pass is the reason.

    ``ahead`` messages of the same campaign go to him before, on other channels.

    The verdict that counts is that of ``consider``; a test holds the two together.
    """
    found = [*_address(customer, channel=channel, terms=terms)]
    found += _consent(customer, channel=channel, topic=topic, terms=terms)
    found += _exclusions(customer, terms=terms, now=now)
    found += _suspension(customer.shop)
    somebody = Person(
        customer.email_hmac, customer.phone_hmac, customer.phone, customer.timezone, customer.zip
    )
    if terms.has_hours(channel):
        found += _hours(customer, somebody, channel=channel, terms=terms, now=now)
    if terms.has_caps(channel):
        found += _caps(customer, somebody, channel=channel, terms=terms, now=now, ahead=ahead)
    return found


def _address(customer: Customer, *, channel: str, terms: Terms) -> Iterator[Rule]:
    address, hmac = (getattr(customer, name) for name in ADDRESS_FIELDS[Channel(channel)])
    erased = f"on {customer.erased_at:%Y-%m-%d}" if customer.erased_at else "no"
    yield Rule("erased", Reason.SUPPRESSED, erased, not customer.erased_at)
    yield Rule("address", Reason.NO_ADDRESS, "there is one" if address else "none", bool(address))
    active = Suppression.objects.for_shop(customer.shop).active()
    causes = set(active.filter(channel=channel, address_hmac=hmac).values_list("cause", flat=True))
    hard = causes - {Cause.HELD}
    if terms.kind == Dispatch.Kind.TRANSACTIONAL:
        hard -= {Cause.UNSUBSCRIBED}
    yield Rule("suppressions", Reason.SUPPRESSED, ", ".join(sorted(causes)) or "none", not hard)
    if terms.kind != Dispatch.Kind.TRANSACTIONAL:
        held = "a reply waits for a person" if Cause.HELD in causes else "no"
        yield Rule("held", Reason.HELD_FOR_REVIEW, held, Cause.HELD not in causes)


def _consent(customer: Customer, *, channel: str, topic: str, terms: Terms) -> Iterator[Rule]:
    if terms.kind == Dispatch.Kind.TEST:
        return
    one = Customer.objects.filter(pk=customer.pk)
    annotated = consent.annotate_decision(one, channel=channel, topic=topic)
    decision = annotated.values_list("consent_decision", flat=True).get()
    said = decision or "nothing was said"
    if terms.kind == Dispatch.Kind.TRANSACTIONAL:
        yield Rule("consent", Reason.TOPIC, f"{said}; none is needed", decision != "opted_out")
    elif not consent.is_required(
        channel=channel, country=customer.shop.country, phone=customer.phone
    ):
        yield Rule("consent", Reason.NO_CONSENT, f"{said}; none is needed", decision != "opted_out")
    else:
        reason = Reason.UNPROVEN if decision == "unproven" else Reason.NO_CONSENT
        yield Rule("consent", reason, f"{said}; it is needed", decision == "opted_in")


def _exclusions(customer: Customer, *, terms: Terms, now: dt.datetime) -> Iterator[Rule]:
    one = Customer.objects.filter(pk=customer.pk)
    names = ["an appointment coming up"] if terms.excludes_booked else []
    if days := terms.excludes_visited_days:
        names.append(f"a visit within {days} days")
    for name, when in zip(names, exclusions(terms, now=now), strict=True):
        is_so = one.filter(when.condition).exists()
        yield Rule(name, Reason.EXCLUDED, "yes" if is_so else "no", not is_so)


def _suspension(shop) -> Iterator[Rule]:
    """A rule that is not mentioned while it holds nobody back."""
    if shop.suspended_at is not None:
        said = f"since {_at(shop.suspended_at, shop)}: {shop.suspended_reason}"
        yield Rule("suspension of the shop", Reason.SHOP_SUSPENDED, said, passes=False)


def _hours(customer, somebody: Person, *, channel, terms, now) -> Iterator[Rule]:
    place = somebody.place(customer.shop)
    where = ", ".join(sorted(place.zones)) or "nobody knows"
    states = f" ({', '.join(sorted(place.states))})" if place.states else ""
    yield Rule("time zones", Reason.UNKNOWN_ZONE, where + states, bool(place.zones))
    if not place.zones:
        return
    hours = quiet_hours.hours_of(customer.shop)
    turn = Moments(customer.shop, terms=terms, now=now).turn(somebody, channel=channel)
    window = quiet_hours.window(place, hours=hours, now=now)
    if turn.refusal:
        said = f"closed for more than {LONGEST_WAIT.days} days"
    elif turn.not_before:
        said = f"closed, opens {_at(turn.not_before, customer.shop)}"
    else:
        said = f"open until {_at(window.until, customer.shop)}" if window.until else "open"
    yield Rule("quiet hours", Reason.QUIET_WINDOW_MISSED, said, not turn.refusal)


def _caps(customer, somebody: Person, *, channel, terms, now, ahead) -> Iterator[Rule]:
    caps = frequency.caps(
        customer.shop,
        is_exempt=terms.is_cap_exempt,
        now=now,
        addresses=[somebody.email_hmac, somebody.phone_hmac],
    )
    states = somebody.place(customer.shop).states if channel == Channel.SMS else ()
    for verdict in caps.verdicts(
        channel=channel,
        email_hmac=somebody.email_hmac,
        phone_hmac=somebody.phone_hmac,
        states=states,
        ahead=ahead,
    ):
        also = ", and gets this by another channel" if verdict.ahead else ""
        found = f"had {verdict.had} of {verdict.most}{also}"
        yield Rule(verdict.rule, Reason.FREQUENCY_CAP, found, not verdict.is_over)


def _at(moment: dt.datetime, shop) -> str:
    return f"{moment.astimezone(shop.zone):%Y-%m-%d %H:%M %Z}"
