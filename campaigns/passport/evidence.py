"""What one person said, in whatever way, and which of his addresses must not be used."""

from django.db.models import Q

from communications.models import InboundMessage, Suppression
from customers import consent
from customers.channels import Channel
from customers.models import ContactConsent, Customer, OptInRequest


def consent_of(customer: Customer) -> dict:
    """Every entry of his chain with its evidence, the oldest first, and whether it is whole."""
    entries = ContactConsent.objects.for_shop(customer.shop).filter(customer=customer)
    entries = entries.select_related("detail__recorded_by").order_by("seq")
    return {
        "chain_is_whole": consent.verify(customer),
        "now": {
            f"{entry.channel}:{entry.topic}": entry.decision
            for entry in entries.latest().order_by("channel", "topic")
        },
        "entries": [entry_of(entry, customer=customer) for entry in entries],
    }


def entry_of(entry: ContactConsent, *, customer: Customer) -> dict:
    detail = getattr(entry, "detail", None)
    current = customer.phone_hmac if entry.channel == Channel.SMS else customer.email_hmac
    return {
        "seq": entry.seq,
        "channel": entry.channel,
        "topic": entry.topic,
        "decision": entry.decision,
        "source": entry.source,
        "given_at": entry.given_at,
        "recorded_at": entry.recorded_at,
        "address": detail.address if detail else "",
        "address_hmac": entry.address_hmac,
        "is_for_present_address": entry.address_hmac == current,
        "disclosure_version": entry.disclosure_version,
        "disclosure_text": detail.disclosure_text if detail else "",
        "ip": detail.ip if detail else None,
        "user_agent": detail.user_agent if detail else "",
        "recorded_by": str(detail.recorded_by) if detail and detail.recorded_by else "",
        "note": detail.note if detail else "",
        "previous_hash": entry.previous_hash,
        "hash": entry.hash,
    }


def sign_ups_of(customer: Customer) -> list[dict]:
    requests = OptInRequest.objects.for_shop(customer.shop).filter(customer=customer)
    names = (
        "channel",
        "topic",
        "source",
        "disclosure_version",
        "asked_at",
        "expires_at",
        "confirmed_at",
        "ip",
        "user_agent",
    )
    return list(requests.order_by("asked_at", "pk").values(*names))


def suppressions_of(customer: Customer) -> list[dict]:
    """Of his present addresses and of every one that a consent entry names, lifted ones too."""
    rows = Suppression.objects.for_shop(customer.shop).filter(_addresses(customer))
    rows = rows.select_related("created_by", "lift__lifted_by").order_by("created_at", "pk")
    return [
        {
            "channel": row.channel,
            "address_hmac": row.address_hmac,
            "cause": row.cause,
            "note": row.note,
            "created_at": row.created_at,
            "created_by": str(row.created_by or ""),
            "lift": _lift(getattr(row, "lift", None)),
        }
        for row in rows
    ]


def _lift(lift) -> dict | None:
    if lift is None:
        return None
    return {"at": lift.lifted_at, "reason": lift.reason, "by": str(lift.lifted_by or "")}


def _addresses(customer: Customer) -> Q:
    known = ContactConsent.objects.for_shop(customer.shop).filter(customer=customer)
    pairs = set(known.exclude(address_hmac="").values_list("channel", "address_hmac"))
    pairs |= {(Channel.SMS, customer.phone_hmac), (Channel.EMAIL, customer.email_hmac)}
    found = Q(pk__in=[])
    for channel, hmac in pairs:
        if hmac:
            found |= Q(channel=channel, address_hmac=hmac)
    return found


def answers_of(customer: Customer) -> list[dict]:
    """What he wrote back to this shop, and what was made of it."""
    rows = InboundMessage.objects.for_shop(customer.shop).filter(customer=customer)
    rows = rows.select_related("decided_by").order_by("received_at", "pk")
    return [
        {
            "channel": row.channel,
            "received_at": row.received_at,
            "body": row.body,
            "outcome": row.outcome,
            "decided_as": row.decided_as,
            "decided_at": row.decided_at,
            "decided_by": str(row.decided_by or ""),
        }
        for row in rows
    ]
