"""Whom an answer is for: the shops that it concerns, and the messages that it may answer.

Several shops may write from one number. A reply does not say which of them it is for, so it counts
for every one of them that wrote to the person: the safe side.
"""

from collections.abc import Collection

from django.conf import settings
from django.db.models import QuerySet

from communications.compliance import ADDRESS_FIELDS
from communications.inbound.meaning import Answers
from communications.models import CustomerCommunication, Dispatch, SenderIdentity
from customers.channels import Channel, Topic
from customers.models import Customer

Messages = QuerySet[CustomerCommunication]


def shops_of_text(*, number: str, sender: str) -> set[int]:
    """The shops that write from this number and concern this person.

    A number of a shop's own names the shop. The installation's number, or one of its pool, stands
    for every shop without a number of its own that wrote to the person, or at least knows him.
    A shop that had the number before still has to hear from whom it wrote to from there.
    """
    return _by_number(number=number, sender=sender) | _wrote_from(number, sender=sender)


def _by_number(*, number: str, sender: str) -> set[int]:
    """By whose number it is today."""
    texts = SenderIdentity.objects.filter(channel=Channel.SMS)
    owners = set(texts.filter(address=number).values_list("shop_id", flat=True))
    is_shared = number == settings.TWILIO_PHONE_NUMBER or not owners
    if len(owners) == 1 and not is_shared:
        return owners
    known = people(sender, channel=Channel.SMS).values_list("shop_id", flat=True)
    concerned = writers(sender, channel=Channel.SMS) or set(known)
    found = owners & concerned
    if is_shared:
        elsewhere = set(texts.values_list("shop_id", flat=True)) - owners
        # A shop that has changed its number may still be answered under the old one.
        found |= (concerned - elsewhere) or concerned
    return found or owners


def writers(sender: str, *, channel: str) -> set[int]:
    """Shops that wrote to this person, or may have: an answer came, whatever we knew of it."""
    written = _written(sender, channel=channel)
    return set(written.order_by().values_list("shop_id", flat=True).distinct())


def _wrote_from(number: str, *, sender: str) -> set[int]:
    written = _written(sender, channel=Channel.SMS).filter(attempt__sender=number)
    return set(written.order_by().values_list("shop_id", flat=True).distinct())


def people(sender: str, *, channel: str) -> QuerySet[Customer]:
    """The customers of any shop with this address."""
    _, hmac = ADDRESS_FIELDS[Channel(channel)]
    return Customer.objects.filter(**{hmac: sender})


def tagged(address: str) -> list[str]:
    """Customers' addresses that differ from an email's only by a tag ("sam+shop@"): his, most
    likely, but nobody can know. Goes through all of them, so only where nothing else was found."""
    local, _, domain = address.rpartition("@")
    if not local or "+" in local:
        return []
    found = Customer.objects.filter(
        email__startswith=f"{local}+", email__endswith=f"@{domain}"
    ).order_by()
    return sorted(set(found.values_list("email", flat=True)))


def newest_messages(
    sender: str, *, channel: str, shops: Collection[int]
) -> list[CustomerCommunication]:
    """The newest accepted message of each shop, the newest of all first."""
    newest: dict[int, CustomerCommunication] = {}
    for message in _accepted(sender, channel=channel).filter(shop__in=shops):
        newest.setdefault(message.shop_id, message)
    return list(newest.values())


def answered(messages: Collection[CustomerCommunication]) -> Answers:
    """What the newest of these messages was about."""
    newest = next(iter(messages), None)
    if newest is None:
        return Answers.NOTHING
    is_offer = newest.topic == Topic.MARKETING
    is_offer &= newest.dispatch.kind != Dispatch.Kind.TRANSACTIONAL
    return Answers.OFFER if is_offer else Answers.REMINDER


def _written(sender: str, *, channel: str) -> Messages:
    return CustomerCommunication.objects.filter(
        channel=channel,
        address_hmac=sender,
        send_state=CustomerCommunication.SendState.IN_CALL,
    )


def _accepted(sender: str, *, channel: str) -> Messages:
    written = CustomerCommunication.objects.filter(channel=channel, address_hmac=sender)
    taken = written.accepted() | written.filter(proven_at__isnull=False)
    return (
        taken.select_related("dispatch")
        .only("uuid", "shop_id", "customer_id", "topic", "dispatch__kind")
        .order_by("-queued_at", "-pk")
    )
