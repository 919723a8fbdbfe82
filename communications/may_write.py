"""The gate's answer to "May we write to him?", in a few words; ``customers.may_write`` asks."""

from django.db.models import Q, QuerySet

from barbershop.models import Barbershop
from communications.compliance import annotate_refusal
from communications.models import CustomerCommunication, Suppression
from customers import consent, may_write
from customers.channels import ADDRESS_FIELDS, Channel, Topic
from customers.models import ContactConsent, Customer

Reason = CustomerCommunication.Reason
_WORDS = {
    "": "yes",
    Reason.NO_ADDRESS: "no address",
    Reason.SUPPRESSED: "kept out",
    Reason.HELD_FOR_REVIEW: "a reply waits to be read",
    Reason.UNPROVEN: "no proof",
}
# Of whoever has not agreed: what he said last.
_NO_CONSENT = {
    ContactConsent.Decision.OPTED_OUT: "said no",
    consent.STALE: "agreed for another address",
}


def register() -> None:
    may_write.answered_by(_gate, words=in_words)


def in_words(reason: str, said: str) -> str:
    """A reason of the gate.

    Args:
        said: as in ``consent.annotate_decision``.
    """
    return _WORDS.get(reason) or _NO_CONSENT.get(said, "has not agreed")


def causes(customer: Customer) -> dict[str, str]:
    """By channel, in words, why his address is kept out; no entry where it is not."""
    his = Q()
    for channel, (_, hmac) in ADDRESS_FIELDS.items():
        his |= Q(channel=channel, address_hmac=getattr(customer, hmac) or None)
    found: dict[str, list[str]] = {}
    active = Suppression.objects.for_shop(customer.shop).active().filter(his)
    for one in active.order_by("pk"):
        words = one.get_cause_display()
        if words not in found.setdefault(one.channel, []):
            found[one.channel].append(words)
    return {channel: ", ".join(words).lower() for channel, words in found.items()}


def _gate(
    customers: QuerySet[Customer], *, shop: Barbershop, channel: Channel, alias: str
) -> QuerySet[Customer]:
    return annotate_refusal(
        customers, shop=shop, channel=channel, topic=Topic.MARKETING, alias=alias
    )
