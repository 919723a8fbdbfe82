"""What a new number, or email address, does to what the customer had permitted for the old one.

Consent is given for an address (47 CFR 64.1200(f)(9): "to the telephone number to which"). When the
address goes, the consent ends, and it does not come back with the address: somebody else may have
had it in between. Who writes addresses asks here afterwards; asking twice changes nothing.
"""

from collections.abc import Iterable

from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from customers import consent
from customers.channels import ADDRESS_FIELDS
from customers.consent import ADDRESS_CHANGED, Decision, Statement
from customers.models import ContactConsent, Customer

CHUNK = 500


def end_consents(customers: Iterable[Customer]) -> int:
    """End what these customers permitted for addresses that are not theirs any more.

    The entry that ends an opt-in stands right after it, at the same moment: what he says later
    counts, though it be written down earlier. Must run in the transaction that writes the
    addresses, as one of its last steps: it locks the consent chains.

    Returns:
        How many opt-ins ended.
    """
    people = {each.pk: each for each in customers if each.erased_at is None}
    keys = sorted(people)
    statements = [
        _end(entry, people[entry.customer_id])
        for start in range(0, len(keys), CHUNK)
        for entry in _in_force(keys[start : start + CHUNK])
    ]
    if statements:
        # Not before what it ends, whatever the clocks that have written that.
        now = max(timezone.now(), *(each.given_at for each in statements))
        consent.record_many(statements, now=now)
    return len(statements)


def _in_force(keys: list[int]):
    """The newest opt-in of each person, channel and topic, unless it has ended or is doubted.

    One that was taken back counts too: START would bring it back as it was.
    """
    later = ContactConsent.objects.filter(
        Q(given_at__gt=OuterRef("given_at"))
        | Q(given_at=OuterRef("given_at"), seq__gt=OuterRef("seq")),
        customer=OuterRef("customer"),
        channel=OuterRef("channel"),
        topic=OuterRef("topic"),
    ).exclude(decision=Decision.OPTED_OUT)
    agreed = ContactConsent.objects.filter(customer__in=keys, decision=Decision.OPTED_IN)
    return agreed.filter(_is_for_another(), ~Exists(later)).order_by("pk")


def _is_for_another() -> Q:
    """By what is stored: whoever has loaded the customer earlier may not know his address."""
    found = Q()
    for channel, (_, hmac) in ADDRESS_FIELDS.items():
        found |= Q(channel=channel) & ~Q(address_hmac=F(f"customer__{hmac}"))
    return found


def _end(entry: ContactConsent, customer: Customer) -> Statement:
    return Statement(
        customer=customer,
        channel=entry.channel,
        topic=entry.topic,
        decision=Decision.UNPROVEN,
        source=ADDRESS_CHANGED,
        given_at=entry.given_at,
    )


def _hmac_today(customer: Customer, channel: str) -> str:
    return getattr(customer, ADDRESS_FIELDS[channel][1])
