"""Opting out, by whatever way it comes: a page, a mail program's button, a provider, a text.

Every way ends here and has the same effect: a consent entry "opted out" for each customer it
concerns, and a suppression of the address, which also holds for people who were erased.
"""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from django.db import transaction

from barbershop import audit
from communications import agreements, suppressions
from communications.compliance import ADDRESS_FIELDS
from communications.facts import Facts, Known, write
from communications.models import CustomerCommunication, Suppression
from communications.suppressions import Address
from customers import addresses, consent
from customers.channels import Channel, Topic
from customers.consent import Statement
from customers.models import ContactConsent, Customer

BY_STOP = "sms_stop"  # the source of what START gives back


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


def opt_out_address(
    *,
    shops: Collection[int],
    channel: str,
    address_hmac: str,
    cause: str,
    topics: Collection[str],
    source: str,
    at: dt.datetime,
    now: dt.datetime,
    by=None,
) -> int:
    """Opt out whoever has this address in these shops, known customer or not.

    Returns:
        How many consent entries were new.
    """
    suppressions.add_many(Address(shop, channel, address_hmac, cause) for shop in shops)
    _, hmac = ADDRESS_FIELDS[Channel(channel)]
    statements = [
        Statement(
            customer=customer,
            channel=channel,
            topic=topic,
            decision=ContactConsent.Decision.OPTED_OUT,
            source=source,
            given_at=at,
        )
        for customer in Customer.objects.filter(**{hmac: address_hmac}, shop__in=shops)
        for topic in sorted(topics)
    ]
    return record_news(statements, now=now, by=by)


def by_report(statements: Collection[Statement], *, by=None, now: dt.datetime) -> None:
    """A file or another system says that these customers want no more; see ``customers.opt_outs``.

    As after any other way of unsubscribing, their addresses are suppressed and whoever shares one
    is opted out too. What was said before somebody there agreed to offers is history: his word
    holds. A handful of queries, however many there are.
    """
    told: dict[Address, Statement] = {}
    news = []
    for statement in sorted(statements, key=lambda s: s.given_at):
        hmac = addresses.address_hmac(statement.said_for)
        shop = statement.customer.shop_id
        told[Address(shop, statement.channel, hmac, Suppression.Cause.UNSUBSCRIBED)] = statement
        # Whoever wants no reminders does not want advertisements either.
        news.append(replace(statement, topic=Topic.MARKETING))
    agreed = agreements.since_when(told)
    suppressions.add_many(
        address
        for address, said in told.items()
        if address not in agreed or said.given_at >= agreed[address]
    )
    news += _of_whoever_shares(told)
    record_news(news, now=now, by=by, is_history_left_out=True)


def _of_whoever_shares(told: Mapping[Address, Statement]) -> Iterator[Statement]:
    """The same words for everybody who has such an address; whose it was is not told of others."""
    for channel, (_, hmac) in ADDRESS_FIELDS.items():
        ours = {(a.shop_id, a.address_hmac): s for a, s in told.items() if a.channel == channel}
        shops, hmacs = ({key[n] for key in ours if key[1]} for n in (0, 1))
        for customer in Customer.objects.filter(shop__in=shops, **{f"{hmac}__in": hmacs}):
            said = ours.get((customer.shop_id, getattr(customer, hmac)))
            if said is None or said.customer.pk == customer.pk:
                continue
            for topic in sorted({Topic.MARKETING, said.topic}):
                yield Statement(
                    customer=customer,
                    channel=channel,
                    topic=topic,
                    decision=ContactConsent.Decision.OPTED_OUT,
                    source=said.source,
                    given_at=said.given_at,
                )


def stopped_at_provider(told: Mapping[tuple[int, str], dt.datetime], *, now: dt.datetime) -> None:
    """Twilio refuses these texts because of a STOP that did not reach us (its error 21610).

    Args:
        told: when it was, by ``(shop id, HMAC of the number)``.

    Must run in a transaction, as its last step: it locks the consent chains.
    """
    for (shop, address_hmac), at in sorted(told.items()):
        opt_out_address(
            shops=[shop],
            channel=Channel.SMS,
            address_hmac=address_hmac,
            cause=Suppression.Cause.STOP,
            topics=Topic.values,
            source=BY_STOP,
            at=at,
            now=now,
        )


@transaction.atomic
def by_staff(
    customer: Customer,
    *,
    channel: str,
    topic: str | None = None,
    reason: str,
    by=None,
    token=None,
    now: dt.datetime,
    request=None,
) -> bool:
    """Somebody told the shop that he wants no more messages. Safe to repeat.

    The address is suppressed as after any other way of unsubscribing, so it holds for everybody
    in this shop who shares it.

    Args:
        topic: with "appointments" reminders end too; None means whatever there is.
        reason: who said what, where; shown as evidence.

    Returns:
        Whether it is news.

    Raises:
        ValueError: without a reason.
    """
    if not reason.strip():
        raise ValueError("An opt-out by the shop needs its reason.")
    _, hmac = ADDRESS_FIELDS[Channel(channel)]
    address = Address(
        customer.shop_id, channel, getattr(customer, hmac), Suppression.Cause.UNSUBSCRIBED
    )
    is_news = bool(suppressions.add_many([address]))
    statements = [
        Statement(
            customer=customer,
            channel=channel,
            topic=each,
            decision=ContactConsent.Decision.OPTED_OUT,
            source="staff",
            given_at=now,
            note=reason.strip(),
        )
        # Whoever wants no reminders does not want advertisements either.
        for each in (sorted({Topic.MARKETING, topic}) if topic else Topic.values)
    ]
    is_news |= bool(record_news(statements, now=now, by=by))
    if is_news:
        audit.record(
            shop=customer.shop,
            action="customer.opt_out",
            by=by,
            token=token,
            target=customer,
            after={"channel": channel, "topic": topic or "all"},
            request=request,
            now=now,
        )
    return is_news


def record_news(
    statements: Collection[Statement],
    *,
    now: dt.datetime,
    by=None,
    is_history_left_out: bool = False,
) -> int:
    """Record each statement that is not its customer's latest about channel and topic already.

    After a STOP another way of opting out is news: what it says, START does not give back.

    Args:
        is_history_left_out: nor what is older than the latest. It would never become the latest,
            and be news again whenever it is reported.

    Returns:
        How many that were.
    """
    latest = ContactConsent.objects.filter(customer__in=[s.customer for s in statements]).latest()
    rows = latest.values_list("customer_id", "channel", "topic", "decision", "source", "given_at")
    known = {tuple(about): (decision, source) for *about, decision, source, _ in rows}
    since = {tuple(about): at for *about, _, _, at in rows} if is_history_left_out else {}
    news = []
    for statement in sorted(statements, key=lambda s: s.given_at):
        about = (statement.customer.pk, statement.channel, statement.topic)
        if about in since and statement.given_at < since[about]:
            continue
        decision, source = known.get(about, ("", ""))
        is_beyond_stop = source == BY_STOP != statement.source
        if decision != statement.decision or is_beyond_stop:
            known[about] = (statement.decision, statement.source)
            news.append(statement)
    if news:
        consent.record_many(news, by=by, now=now)
    return len(news)
