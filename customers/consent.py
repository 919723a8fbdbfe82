"""Recording what people permit, and asking what they permit now.

Entries form one hash chain per customer: each hash covers the entry's ids, HMACs and times and the
hash before it. What is personal (number, wording, IP, agent) stands in the detail row alone.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Case, CharField, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from customers import countries
from customers.addresses import address_hmac
from customers.channels import ADDRESS_FIELDS, Channel, Topic
from customers.models import (
    ConsentChain,
    ContactConsent,
    ContactConsentDetail,
    Customer,
)

Decision = ContactConsent.Decision
STALE = "stale"  # consent was given for another address than today's
ADDRESS_CHANGED = "address changed"  # the source of an entry that ends such a consent for good


@dataclass(frozen=True, kw_only=True)
class Statement:
    """What one person said, or is said to have said, about one channel."""

    customer: Customer
    channel: str
    decision: str
    source: str
    given_at: dt.datetime
    topic: str = Topic.MARKETING
    address: str = ""
    disclosure_text: str = ""
    disclosure_version: str = ""
    ip: str | None = None
    user_agent: str = ""
    note: str = ""

    @property
    def said_for(self) -> str:
        """The address: the one that was named, else today's."""
        return self.address or self.customer.address_of(self.channel)


def record(*, by=None, now: dt.datetime | None = None, **statement) -> ContactConsent:
    """Append one statement (the fields of ``Statement``) to its customer's chain."""
    return record_many([Statement(**statement)], by=by, now=now)[0]


def record_many(
    statements: Iterable[Statement], *, by=None, now: dt.datetime | None = None
) -> list[ContactConsent]:
    """Append many statements, set-based, in one transaction; the chains' heads are locked last."""
    statements = list(statements)
    now = now or timezone.now()
    with transaction.atomic():
        heads = _lock_heads({s.customer.pk: s.customer for s in statements})
        entries = [_entry(s, head=heads[s.customer.pk], now=now) for s in statements]
        ContactConsent.objects.bulk_create(entries, batch_size=500)
        ContactConsentDetail.objects.bulk_create(
            (
                _detail(entry, statement, by=by)
                for entry, statement in zip(entries, statements, strict=True)
            ),
            batch_size=500,
        )
        # The rows are there and locked: an insert that turns into an update is one short statement.
        ConsentChain.objects.bulk_create(
            heads.values(),
            batch_size=500,
            update_conflicts=True,
            unique_fields=["pk"],
            update_fields=["seq", "head_hash"],
        )
    return entries


def verify(customer: Customer) -> bool:
    """Whether the customer's chain is complete and unaltered."""
    previous, seq = "", 0
    for entry in ContactConsent.objects.filter(customer=customer).order_by("seq"):
        seq += 1
        if (entry.seq, entry.previous_hash, entry.hash) != (seq, previous, _hash(entry)):
            return False
        previous = entry.hash
    head = ConsentChain.objects.filter(customer=customer).first()
    return (head.seq, head.head_hash) == (seq, previous) if head else seq == 0


def is_required(
    *, channel: str, country: str, phone: str = "", timezone: str = "", zip: str = ""
) -> bool:
    """Whether marketing on a channel needs proven consent, or only no opt-out.

    Args:
        country: the shop's.
        phone, timezone, zip: the customer's: his own country may ask for it where the shop's does
            not.
    """
    if channel != Channel.EMAIL or country not in countries.EMAIL_WITHOUT_CONSENT:
        return True
    return countries.asks_for_consent(phone=phone, timezone=timezone, zip=zip)


def annotate_decision(
    customers: QuerySet[Customer],
    *,
    channel: str,
    topic: str = Topic.MARKETING,
    alias: str = "consent_decision",
) -> QuerySet[Customer]:
    """Annotate each customer's latest decision: ``""`` (none), a ``Decision``, or ``stale``.

    The latest is what he said last, however late it was recorded. An opt-in counts for the number
    or address it was given for; after a change it is ``stale``.
    """
    _, hmac = ADDRESS_FIELDS[Channel(channel)]
    latest = ContactConsent.objects.filter(
        customer=OuterRef("pk"), channel=channel, topic=topic
    ).order_by(*ContactConsent.LATEST_FIRST)
    word = Case(
        When(is_stale(OuterRef(hmac)), then=Value(STALE)),
        default=F("decision"),
        output_field=CharField(),
    )
    found = Subquery(latest.annotate(word=word).values("word")[:1], output_field=CharField())
    return customers.annotate(**{alias: Coalesce(found, Value(""))})


def is_stale(today) -> Q:
    """Entries of an opt-in for another address than today's, or that end such a one.

    Args:
        today: an expression for the HMAC of the address.
    """
    ended = Q(decision=Decision.UNPROVEN, source=ADDRESS_CHANGED)
    return ended | Q(decision=Decision.OPTED_IN) & ~Q(address_hmac=today)


def _lock_heads(customers: dict[int, Customer]) -> dict[int, ConsentChain]:
    # In one order, so that two writers of the same people never wait for each other in a ring: a
    # new head already waits for another writer's same one.
    ConsentChain.objects.bulk_create(
        (ConsentChain(shop_id=customers[pk].shop_id, customer_id=pk) for pk in sorted(customers)),
        ignore_conflicts=True,
        batch_size=500,
    )
    locked = ConsentChain.objects.select_for_update().filter(customer__in=list(customers))
    return {head.customer_id: head for head in locked.order_by("customer_id")}


def _entry(statement: Statement, *, head: ConsentChain, now: dt.datetime) -> ContactConsent:
    customer = statement.customer
    entry = ContactConsent(
        shop_id=customer.shop_id,
        customer=customer,
        seq=head.seq + 1,
        channel=statement.channel,
        topic=statement.topic,
        decision=statement.decision,
        source=statement.source[:60],
        disclosure_version=statement.disclosure_version[:40],
        address_hmac=address_hmac(statement.said_for),
        # Nobody has said anything tomorrow: a clock that is wrong must not outdo what he says next.
        given_at=min(statement.given_at, now),
        recorded_at=now,
        previous_hash=head.head_hash,
    )
    entry.hash = _hash(entry)
    head.seq, head.head_hash = entry.seq, entry.hash
    return entry


def _hash(entry: ContactConsent) -> str:
    """SHA-256 over canonical JSON of the entry and the hash before it."""
    facts = [
        entry.shop_id,
        entry.customer_id,
        entry.seq,
        entry.channel,
        entry.topic,
        entry.decision,
        entry.source,
        entry.disclosure_version,
        entry.address_hmac,
        entry.given_at.astimezone(dt.UTC).isoformat(timespec="microseconds"),
        entry.previous_hash,
    ]
    return hashlib.sha256(json.dumps(facts, separators=(",", ":")).encode()).hexdigest()


def _detail(entry: ContactConsent, statement: Statement, *, by) -> ContactConsentDetail:
    return ContactConsentDetail(
        shop_id=entry.shop_id,
        consent=entry,
        address=statement.said_for,
        disclosure_text=statement.disclosure_text,
        ip=statement.ip,
        user_agent=statement.user_agent[:300],
        recorded_by=by,
        note=statement.note[:300],
    )
