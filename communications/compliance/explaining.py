"""Every rule for one customer on one channel: what was found, and what follows from it."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from communications import frequency
from communications.compliance import findings
from communications.compliance.moments import Moments, Person
from communications.compliance.person import ADDRESS_FIELDS, exclusions
from communications.compliance.terms import Terms
from communications.models import CustomerCommunication, Dispatch, Suppression
from customers import consent, kept_out
from customers.channels import Channel
from customers.models import Customer

Reason = CustomerCommunication.Reason
Cause = Suppression.Cause


@dataclass(frozen=True)
class Rule:
    """One rule.

    Attributes:
        reason: the word that the ledger has when it does not pass.
        found: what is so.
    """

    name: str
    reason: str
    found: findings.Finding
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
    moments = Moments(customer.shop, terms=terms, now=now)
    if terms.has_hours(channel):
        found += _hours(customer, moments, channel=channel)
    if terms.has_caps(channel):
        found += _caps(customer, moments, channel=channel, ahead=ahead)
    return found


def _address(customer: Customer, *, channel: str, terms: Terms) -> Iterator[Rule]:
    address, hmac = (getattr(customer, name) for name in ADDRESS_FIELDS[Channel(channel)])
    erased = findings.Erased(customer.erased_at.date() if customer.erased_at else None)
    yield Rule("erased", Reason.SUPPRESSED, erased, not customer.erased_at)
    yield Rule("address", Reason.NO_ADDRESS, findings.Address(bool(address)), bool(address))
    active = Suppression.objects.for_shop(customer.shop).active()
    causes = set(active.filter(channel=channel, address_hmac=hmac).values_list("cause", flat=True))
    hard = causes - {Cause.HELD}
    if terms.kind == Dispatch.Kind.TRANSACTIONAL:
        hard -= {Cause.UNSUBSCRIBED}
    found = findings.Suppressions(tuple(map(Cause, sorted(causes))))
    yield Rule("suppressions", Reason.SUPPRESSED, found, not hard)
    if terms.is_marketing and kept_out.count([customer], shop=customer.shop):
        # A rule that is not mentioned while it holds nobody back.
        yield Rule("erased before", Reason.SUPPRESSED, findings.KeptOut(), passes=False)
    if terms.kind != Dispatch.Kind.TRANSACTIONAL:
        is_held = Cause.HELD in causes
        yield Rule("held", Reason.HELD_FOR_REVIEW, findings.Held(is_held), not is_held)


def _consent(customer: Customer, *, channel: str, topic: str, terms: Terms) -> Iterator[Rule]:
    if terms.kind == Dispatch.Kind.TEST:
        return
    one = Customer.objects.filter(pk=customer.pk)
    annotated = consent.annotate_decision(one, channel=channel, topic=topic)
    decision = annotated.values_list("consent_decision", flat=True).get()
    is_transactional = terms.kind == Dispatch.Kind.TRANSACTIONAL
    is_needed = not is_transactional and consent.is_required(
        channel=channel,
        country=customer.shop.country,
        phone=customer.phone,
        timezone=customer.timezone,
        zip=customer.zip,
    )
    reason = Reason.TOPIC if is_transactional else Reason.NO_CONSENT
    if is_needed and decision == "unproven":
        reason = Reason.UNPROVEN
    passes = decision == "opted_in" if is_needed else decision != "opted_out"
    yield Rule("consent", reason, findings.Consent(decision, is_needed), passes)


def _exclusions(customer: Customer, *, terms: Terms, now: dt.datetime) -> Iterator[Rule]:
    one = Customer.objects.filter(pk=customer.pk)
    names = ["an appointment coming up"] if terms.excludes_booked else []
    if days := terms.excludes_visited_days:
        names.append(f"a visit within {days} days")
    for name, when in zip(names, exclusions(terms, now=now), strict=True):
        is_so = one.filter(when.condition).exists()
        yield Rule(name, Reason.EXCLUDED, findings.Exclusion(is_so), not is_so)


def _suspension(shop) -> Iterator[Rule]:
    """A rule that is not mentioned while it holds nobody back."""
    if shop.suspended_at is not None:
        found = findings.Suspension(shop.suspended_at, shop.suspended_reason)
        yield Rule("suspension of the shop", Reason.SHOP_SUSPENDED, found, passes=False)


def _hours(customer: Customer, moments: Moments, *, channel: str) -> Iterator[Rule]:
    somebody = Person.of(customer)
    place = moments.place(somebody)
    where = findings.TimeZones(tuple(sorted(place.zones)), tuple(sorted(place.states)))
    yield Rule("time zones", Reason.UNKNOWN_ZONE, where, bool(place.zones))
    if not place.zones:
        return
    turn = moments.turn(somebody, channel=channel)
    is_open = not turn.refusal and turn.not_before is None
    found = findings.Hours(is_open, until=turn.until, opens_at=turn.not_before)
    yield Rule("quiet hours", Reason.QUIET_WINDOW_MISSED, found, not turn.refusal)


def _caps(customer: Customer, moments: Moments, *, channel: str, ahead: int) -> Iterator[Rule]:
    caps = frequency.caps(
        customer.shop,
        is_exempt=moments.terms.is_cap_exempt,
        now=moments.now,
        addresses=[customer.email_hmac, customer.phone_hmac],
    )
    states = moments.place(Person.of(customer)).states if channel == Channel.SMS else ()
    for verdict in caps.verdicts(
        channel=channel,
        email_hmac=customer.email_hmac,
        phone_hmac=customer.phone_hmac,
        states=states,
        ahead=ahead,
    ):
        found = findings.Cap(verdict.had, verdict.most, verdict.ahead)
        yield Rule(verdict.rule, Reason.FREQUENCY_CAP, found, not verdict.is_over)
