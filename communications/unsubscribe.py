"""Opting out, by whatever way it comes: a page, a mail program's button, a provider, a text.

Every way ends here and has the same effect: a consent entry "opted out" for each customer it
concerns, and a suppression of the address, which also holds for people who were erased.
"""

import datetime as dt
from collections.abc import Collection, Mapping

from communications import suppressions
from communications.facts import Facts, Known, write
from communications.models import CustomerCommunication, Suppression
from communications.suppressions import Address
from customers import consent
from customers.channels import Topic
from customers.consent import Statement
from customers.models import ContactConsent, Customer


def by_message(
    communication: CustomerCommunication,
    *,
    source: str,
    now: dt.datetime,
    ip: str | None = None,
    user_agent: str = "",
) -> None:
    """The receiver of this message wants no more of them. Safe to repeat.

    Must run in a transaction.
    """
    known = write({communication.uuid: Facts(times={"unsubscribed_at": now})})
    told = dict.fromkeys(known.values(), now)
    opt_out(told, source=source, now=now, ip=ip, user_agent=user_agent[:300])


def is_out(message: CustomerCommunication) -> bool:
    """Whether the receiver has opted out of such messages already."""
    suppressed = (
        Suppression.objects.active()
        .filter(
            shop=message.shop_id,
            channel=message.channel,
            address_hmac=message.address_hmac,
            cause=Suppression.Cause.UNSUBSCRIBED,
        )
        .exists()
    )
    if not suppressed or message.topic == Topic.MARKETING or message.customer_id is None:
        return suppressed
    # The suppression is about offers; what he said about reminders stands in his consent alone.
    people = Customer.objects.filter(pk=message.customer_id)
    asked = consent.annotate_decision(people, channel=message.channel, topic=message.topic)
    return asked.filter(consent_decision=ContactConsent.Decision.OPTED_OUT).exists()


def opt_out(
    told: Mapping[Known, dt.datetime], *, source: str, now: dt.datetime, **evidence
) -> None:
    """Opt out the receivers of these messages, each at the time when he said so.

    Args:
        evidence: further fields of ``customers.consent.Statement``.
    """
    suppressions.add_many(
        Address(m.shop_id, m.channel, m.address_hmac, Suppression.Cause.UNSUBSCRIBED) for m in told
    )
    customers = Customer.objects.in_bulk({m.customer_id for m in told if m.customer_id})
    statements = [
        Statement(
            customer=customers[message.customer_id],
            channel=message.channel,
            topic=topic,
            decision=ContactConsent.Decision.OPTED_OUT,
            source=source,
            given_at=at,
            **evidence,
        )
        for message, at in told.items()
        if message.customer_id in customers
        # Who unsubscribes from a reminder does not want advertisements either.
        for topic in sorted({Topic.MARKETING, message.topic})
    ]
    record_news(statements, now=now)


def record_news(statements: Collection[Statement], *, now: dt.datetime) -> None:
    """Record each statement that is not its customer's latest about channel and topic already."""
    latest = ContactConsent.objects.filter(customer__in=[s.customer for s in statements]).latest()
    rows = latest.values_list("customer_id", "channel", "topic", "decision")
    decided = {(customer, channel, topic): decision for customer, channel, topic, decision in rows}
    news = []
    for statement in sorted(statements, key=lambda s: s.given_at):
        about = (statement.customer.pk, statement.channel, statement.topic)
        if decided.get(about) != statement.decision:
            decided[about] = statement.decision
            news.append(statement)
    if news:
        consent.record_many(news, now=now)
