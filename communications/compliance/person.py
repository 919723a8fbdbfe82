"""The rules about a person and his address, asked of the database for many people at once."""

import datetime as dt
from collections.abc import Collection

from django.db.models import Case, CharField, Exists, OuterRef, Q, QuerySet, Value, When

from barbershop.any_of import AnyOf
from barbershop.models import Barbershop
from communications.compliance.terms import Terms
from communications.models import CustomerCommunication, Dispatch, Suppression
from customers import consent, countries, kept_out
from customers.channels import ADDRESS_FIELDS, Channel
from customers.models import Appointment, Customer

Reason = CustomerCommunication.Reason
Cause = Suppression.Cause
Status = Appointment.Status


def annotate_refusal(
    customers: QuerySet[Customer],
    *,
    shop: Barbershop,
    channel: str,
    topic: str,
    kind: str = Dispatch.Kind.MARKETING,
    alias: str = "refusal",
    also: Collection[When] = (),
) -> QuerySet[Customer]:
    """Annotate why each customer may not be written to on a channel; ``""`` when he may.

    Args:
        also: further rules, asked after these; see ``exclusions``.
    """
    address, hmac = ADDRESS_FIELDS[Channel(channel)]
    of_address = Suppression.objects.active().filter(
        shop=shop, channel=channel, address_hmac=OuterRef(hmac)
    )
    suppressed = of_address.exclude(cause=Cause.HELD)
    if kind == Dispatch.Kind.TRANSACTIONAL:
        # Somebody who wants no offers still wants to know about his appointment.
        suppressed = suppressed.exclude(cause=Cause.UNSUBSCRIBED)
    whens = [
        When(erased_at__isnull=False, then=Value(Reason.SUPPRESSED)),
        When(**{address: ""}, then=Value(Reason.NO_ADDRESS)),
        When(Exists(suppressed), then=Value(Reason.SUPPRESSED)),
    ]
    if kind == Dispatch.Kind.MARKETING:
        # We said that he would get none: then not at a new address of his either.
        whens.append(When(kept_out.is_kept_out(shop), then=Value(Reason.SUPPRESSED)))
    if kind != Dispatch.Kind.TRANSACTIONAL:
        held = of_address.filter(cause=Cause.HELD)
        whens.append(When(Exists(held), then=Value(Reason.HELD_FOR_REVIEW)))
    if kind != Dispatch.Kind.TEST:
        customers = consent.annotate_decision(customers, channel=channel, topic=topic)
        whens += _consent_rules(shop=shop, channel=channel, kind=kind)
    whens += also
    return customers.annotate(**{alias: Case(*whens, default=Value(""), output_field=CharField())})


def _consent_rules(*, shop: Barbershop, channel: str, kind: str) -> list[When]:
    if kind == Dispatch.Kind.TRANSACTIONAL:
        # It needs nobody's permission, but who said no to just this topic is not asked twice.
        return [When(consent_decision="opted_out", then=Value(Reason.TOPIC))]
    if consent.is_required(channel=channel, country=shop.country):
        return _asked_of(Q())
    abroad = countries.asking_for_consent()
    return [
        When(consent_decision="opted_out", then=Value(Reason.NO_CONSENT)),
        *_asked_of(abroad),
    ]


def _asked_of(whom: Q) -> list[When]:
    """Consent, of those of whom it is asked."""
    return [
        When(whom & Q(consent_decision="unproven"), then=Value(Reason.UNPROVEN)),
        When(whom & ~Q(consent_decision="opted_in"), then=Value(Reason.NO_CONSENT)),
    ]


def exclusions(terms: Terms, *, now: dt.datetime, booked: str = Reason.EXCLUDED) -> list[When]:
    """Whom a campaign itself leaves out: who comes anyway, and who has just been.

    Args:
        booked: the reason of whoever has an appointment coming up; after the freeze he has made
            it in the meantime.
    """
    own = Appointment.objects.filter(customer=OuterRef("pk"))
    whens = []
    if terms.excludes_booked:
        coming = own.filter(status=Status.BOOKED, starts_at__gte=now)
        whens.append(When(Exists(coming), then=Value(booked)))
    if terms.excludes_visited_days:
        since = now - dt.timedelta(days=terms.excludes_visited_days)
        visited = own.filter(status=Status.COMPLETED, starts_at__gt=since, starts_at__lte=now)
        whens.append(When(Exists(visited), then=Value(Reason.EXCLUDED)))
    return whens


def refusals(
    attempts: Collection[int],
    *,
    dispatch: Dispatch,
    channel: str,
    topic: str,
    now: dt.datetime,
) -> dict[int, str]:
    """The gate: of one topic's messages in claimed calls, those that may not go now, and why.

    Args:
        attempts: ids of calls of the dispatch.

    Returns:
        ``{communication id: reason}``.
    """
    if dispatch.shop.suspended_at is not None:
        inside = CustomerCommunication.objects.filter(attempt__in=attempts, topic=topic)
        return dict.fromkeys(inside.values_list("pk", flat=True), Reason.SHOP_SUSPENDED)
    if dispatch.kind == Dispatch.Kind.TEST:
        return _refused_tests(attempts, dispatch=dispatch, channel=channel)
    members = CustomerCommunication.objects.filter(
        attempt__in=attempts, topic=topic, customer__isnull=False
    )
    # Of one dispatch and channel there is one message a person. Messages and people are asked for
    # apart: joined, the database goes through everybody of the shop for the few in the calls.
    written_to = {
        customer: (pk, hmac)
        for pk, customer, hmac in members.order_by().values_list(
            "pk", "customer_id", "address_hmac"
        )
    }
    _, hmac = ADDRESS_FIELDS[Channel(channel)]
    people = annotate_refusal(
        Customer.objects.for_shop(dispatch.shop).filter(AnyOf("pk", list(written_to))),
        shop=dispatch.shop,
        channel=channel,
        topic=topic,
        kind=dispatch.kind,
        also=exclusions(Terms.of(dispatch), now=now, booked=Reason.BOOKED_MEANWHILE),
    )
    refused = {}
    for customer, reason, today in people.order_by().values_list("pk", "refusal", hmac):
        pk, then = written_to[customer]
        if reason or today != then:
            refused[pk] = reason or Reason.INVALID_ADDRESS
    return refused


def _refused_tests(
    attempts: Collection[int], *, dispatch: Dispatch, channel: str
) -> dict[int, str]:
    suppressed = Suppression.objects.active().filter(shop=dispatch.shop, channel=channel)
    refused = CustomerCommunication.objects.filter(
        attempt__in=attempts, address_hmac__in=suppressed.values("address_hmac")
    )
    return dict.fromkeys(refused.values_list("pk", flat=True), Reason.SUPPRESSED)
