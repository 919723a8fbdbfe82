"""What an answer changes: suppressions, consent, and whose marketing waits for a person."""

import datetime as dt
from collections.abc import Collection

from communications import opting_in, suppressions, unsubscribe
from communications.inbound import whose
from communications.models import InboundMessage, Suppression
from communications.suppressions import Address
from customers.channels import Channel, Topic
from customers.consent import Statement
from customers.models import ContactConsent, Customer

Cause = Suppression.Cause
Decision = ContactConsent.Decision
Outcome = InboundMessage.Outcome
# The source of the consent entries that a STOP leaves, also one that a person read in an answer.
STOPPED = {Channel.SMS: unsubscribe.BY_STOP, Channel.EMAIL: "email_reply"}
CAUSES = {Channel.SMS: Cause.STOP, Channel.EMAIL: Cause.UNSUBSCRIBED}


def suppress(channel: str, sender: str, *, shops: Collection[int]) -> None:
    """What has to hold at once; the rest of ``stop`` may follow."""
    cause = CAUSES[Channel(channel)]
    suppressions.add_many(Address(shop, channel, sender, cause) for shop in shops)


def hold(channel: str, sender: str, *, shops: Collection[int]) -> None:
    """Let marketing to this address wait until a person has decided."""
    suppressions.add_many(Address(shop, channel, sender, Cause.HELD) for shop in shops)


def stop(
    channel: str,
    sender: str,
    *,
    shops: Collection[int],
    topics: Collection[str],
    at: dt.datetime,
    now: dt.datetime,
    by=None,
) -> None:
    """Take back these topics on this channel in these shops, and settle what waits for a person."""
    unsubscribe.opt_out_address(
        shops=shops,
        channel=channel,
        address_hmac=sender,
        cause=CAUSES[Channel(channel)],
        topics=topics,
        source=STOPPED[Channel(channel)],
        at=at,
        now=now,
        by=by,
    )
    waiting = InboundMessage.objects.filter(
        shop__in=shops,
        channel=channel,
        address_hmac=sender,
        outcome=Outcome.HELD,
        decided_at=None,
    )
    waiting.update(decided_as=Outcome.STOP, decided_at=now, decided_by=by)
    release(channel, sender, shops=shops, reason="He has opted out.", by=by)


def release(channel: str, sender: str, *, shops: Collection[int], reason: str, by=None) -> None:
    """End the waiting for a decision."""
    held = Suppression.objects.filter(
        shop__in=shops, channel=channel, address_hmac=sender, cause=Cause.HELD
    )
    suppressions.lift_all(held, reason=reason, by=by)


def confirm(
    channel: str, sender: str, *, shops: Collection[int], at: dt.datetime, now: dt.datetime
) -> set[int]:
    """A YES to sign-ups that wait for one; the shops that they belong to."""
    if channel != Channel.SMS:
        return set()
    confirmed = opting_in.by_reply(address_hmac=sender, shop_ids=shops, at=at, now=now)
    return set(Customer.objects.filter(pk__in=confirmed).values_list("shop_id", flat=True))


def start(
    channel: str, sender: str, *, shops: Collection[int], at: dt.datetime, now: dt.datetime
) -> set[int]:
    """Give back what STOP took: neither a complaint's suppression, nor an opt-out from before.

    Returns:
        The shops in which STOP had taken anything.
    """
    if channel != Channel.SMS:
        return set()
    stopped = Suppression.objects.active().filter(
        shop__in=shops,
        channel=channel,
        address_hmac=sender,
        cause=Cause.STOP,
        # A STOP that came after it holds, though it took effect before this was read.
        created_at__lte=at,
    )
    found = set(stopped.values_list("shop_id", flat=True))
    suppressions.lift_all(stopped, reason="Replied START.")
    statements = [
        Statement(
            customer=customer,
            channel=channel,
            topic=topic,
            decision=decision,
            source="sms_start",
            given_at=at,
            address=customer.phone,
        )
        for customer in whose.people(sender, channel=channel).filter(shop__in=shops)
        for topic, decision in _taken_by_stop(customer).items()
        if decision != Decision.OPTED_OUT
    ]
    unsubscribe.record_news(statements, now=now)
    return found | {statement.customer.shop_id for statement in statements}


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
        if last and last.source == STOPPED[Channel.SMS]:
            taken[topic] = _as_it_was(before, phone_hmac=customer.phone_hmac)
    return taken


def _as_it_was(before: ContactConsent | None, *, phone_hmac: str) -> str:
    if before is None:
        return Decision.UNPROVEN
    is_stale = before.decision == Decision.OPTED_IN and before.address_hmac != phone_hmac
    return Decision.UNPROVEN if is_stale else before.decision
