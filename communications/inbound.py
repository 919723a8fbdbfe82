"""Answers by text: who said it, to which shops, and what it changes.

Several shops may write from one number. A reply does not say which of them it is for, so STOP
counts for every one of them that wrote to the person: the safe side.
"""

import datetime as dt

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from communications import suppressions, unsubscribe
from communications.facts import Facts, write
from communications.inbound_words import Meaning, meaning
from communications.models import (
    CustomerCommunication,
    Incident,
    ProviderEvent,
    SenderIdentity,
    Suppression,
)
from communications.suppressions import Address
from customers.addresses import address_hmac, normalise_phone
from customers.channels import Channel, Topic
from customers.consent import Statement
from customers.models import ContactConsent, Customer

Decision = ContactConsent.Decision
STOPPED = "sms_stop"  # the source of the consent entries that STOP leaves


def fold(event: ProviderEvent, *, now: dt.datetime) -> set[int]:
    """Let one answer take effect and return the messages that it answers."""
    payload = event.payload
    try:
        sender = address_hmac(normalise_phone(_text(payload, "From")))
        number = normalise_phone(_text(payload, "To"))
    except ValidationError:
        # Short codes and names of senders are nobody we could have written to.
        return set()
    shops = _shops(number=number, sender=sender)
    messages = _newest_messages(sender=sender, shops=shops)
    if not shops:
        return set()
    body = _text(payload, "Body")
    at = event.occurred_at or event.received_at
    said = meaning(body, opt_out_type=_text(payload, "OptOutType"))
    answered = messages[:1]
    times = {message.uuid: Facts(times={"replied_at": at}) for message in answered}
    if said is Meaning.STOP:
        for message in messages:
            times.setdefault(message.uuid, Facts()).times["unsubscribed_at"] = at
        _stop(sender=sender, shops=shops, at=at, now=now)
    elif said is Meaning.START:
        _start(sender=sender, shops=shops, at=at, now=now)
    elif said is Meaning.UNCLEAR:
        _ask_a_person(body, answered=answered, shops=shops)
    known = write(times)
    ProviderEvent.objects.filter(pk=event.pk).update(
        shop_id=answered[0].shop_id if answered else min(shops)
    )
    return {message.id for message in known.values()}


def _text(payload: dict, key: str) -> str:
    value = payload.get(key, "")
    return value if isinstance(value, str) else ""


def _shops(*, number: str, sender: str) -> set[int]:
    """The shops that write from this number and concern this person.

    A number of a shop's own names the shop. The installation's number, or one of its pool, stands
    for every shop without a number of its own that wrote to the person, or at least knows him.
    """
    texts = SenderIdentity.objects.filter(channel=Channel.SMS)
    owners = set(texts.filter(address=number).values_list("shop_id", flat=True))
    is_shared = number == settings.TWILIO_PHONE_NUMBER or not owners
    if len(owners) == 1 and not is_shared:
        return owners
    concerned = _writers(sender) or set(_people(sender).values_list("shop_id", flat=True))
    found = owners & concerned
    if is_shared:
        elsewhere = set(texts.values_list("shop_id", flat=True)) - owners
        # A shop that has changed its number may still be answered under the old one.
        found |= (concerned - elsewhere) or concerned
    return found or owners


def _writers(sender: str) -> set[int]:
    """Shops that wrote to this person, or may have: an answer came, whatever we knew of it."""
    texts = CustomerCommunication.objects.filter(
        channel=Channel.SMS,
        address_hmac=sender,
        send_state=CustomerCommunication.SendState.IN_CALL,
    )
    return set(texts.values_list("shop_id", flat=True))


def _people(sender: str) -> QuerySet[Customer]:
    return Customer.objects.filter(phone_hmac=sender)


def _accepted(sender: str):
    texts = CustomerCommunication.objects.filter(channel=Channel.SMS, address_hmac=sender)
    return (texts.accepted() | texts.filter(proven_at__isnull=False)).order_by("-queued_at", "-pk")


def _newest_messages(*, sender: str, shops: set[int]) -> list[CustomerCommunication]:
    """The newest accepted text of each shop, the newest of all first."""
    newest: dict[int, CustomerCommunication] = {}
    for message in _accepted(sender).filter(shop__in=shops).only("uuid", "shop_id"):
        newest.setdefault(message.shop_id, message)
    return list(newest.values())


def _stop(*, sender: str, shops: set[int], at: dt.datetime, now: dt.datetime) -> None:
    suppressions.add_many(
        Address(shop, Channel.SMS, sender, Suppression.Cause.STOP) for shop in shops
    )
    statements = [
        Statement(
            customer=customer,
            channel=Channel.SMS,
            topic=topic,
            decision=Decision.OPTED_OUT,
            source=STOPPED,
            given_at=at,
        )
        for customer in _people(sender).filter(shop__in=shops)
        for topic in Topic.values
    ]
    unsubscribe.record_news(statements, now=now)


def _start(*, sender: str, shops: set[int], at: dt.datetime, now: dt.datetime) -> None:
    """Give back what STOP took: neither a complaint's suppression, nor an opt-out from before."""
    stopped = Suppression.objects.filter(
        shop__in=shops,
        channel=Channel.SMS,
        address_hmac=sender,
        cause=Suppression.Cause.STOP,
    )
    suppressions.lift_all(stopped, reason="Replied START.")
    statements = [
        Statement(
            customer=customer,
            channel=Channel.SMS,
            topic=topic,
            decision=decision,
            source="sms_start",
            given_at=at,
            address=customer.phone,
        )
        for customer in _people(sender).filter(shop__in=shops)
        for topic, decision in _taken_by_stop(customer).items()
    ]
    unsubscribe.record_news(statements, now=now)


def _taken_by_stop(customer: Customer) -> dict[str, str]:
    """The topics about which STOP is the last word, each with the decision that START puts there.

    An opt-in for this number and a claim without proof come back as they were. Where nothing had
    been said, or only about another number, START is a claim without proof: what needs no
    permission may go again, and what needs it is still refused.
    """
    taken = {}
    for topic in Topic.values:
        entries = ContactConsent.objects.filter(
            customer=customer, channel=Channel.SMS, topic=topic
        ).order_by(*ContactConsent.LATEST_FIRST)
        last, before = [*entries[:2], None, None][:2]
        if last and last.source == STOPPED:
            taken[topic] = _as_it_was(before, phone_hmac=customer.phone_hmac)
    return taken


def _as_it_was(before: ContactConsent | None, *, phone_hmac: str) -> str:
    if before is None:
        return Decision.UNPROVEN
    is_stale = before.decision == Decision.OPTED_IN and before.address_hmac != phone_hmac
    return Decision.UNPROVEN if is_stale else before.decision


def _ask_a_person(body: str, *, answered: list, shops: set[int]) -> None:
    message = answered[0] if answered else None
    Incident.objects.create(
        shop_id=message.shop_id if message else min(shops),
        communication=message,
        kind=Incident.Kind.INBOUND_UNCLEAR,
        detail=body[:500],
    )
