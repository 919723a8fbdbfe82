"""The ledger of a campaign that is over: calls, deliveries, opens, clicks, opt-outs."""

import datetime as dt
import random
import uuid

from analytics.seed.people import BULK, Person
from campaigns.models import CampaignExecution
from communications import pricing, sms_segments, suppressions
from communications.compliance import ADDRESS_FIELDS
from communications.models import (
    CustomerCommunication,
    DeliveryAttempt,
    MessageContent,
    Suppression,
)
from customers.channels import Channel

EMAILS_PER_CALL = 500
Delivery = CustomerCommunication.Delivery
Reason = CustomerCommunication.Reason
SendState = CustomerCommunication.SendState

BOUNCED = {Channel.EMAIL: 0.017, Channel.SMS: 0.025}
UNREPORTED = 0.006
MACHINE_OPENED = 0.17
# Of those delivered; the first figure is for people who booked within the week.
OPENED = (0.82, 0.34)
CLICKED = {Channel.EMAIL: (0.5, 0.06), Channel.SMS: (0.6, 0.12)}
OPTED_OUT = {Channel.EMAIL: 0.007, Channel.SMS: 0.012}
COMPLAINED, REPLIED = 0.001, 0.03
WEEK = 7


def write_messages(
    execution: CampaignExecution,
    *,
    channel: str,
    audience: list[Person],
    diary,
    refusals: dict[int, str],
    rng: random.Random,
    at: dt.datetime,
) -> dt.datetime:
    """One row per person: blocked with its reason, or sent and lived through.

    Returns:
        When the last call was answered.
    """
    content = MessageContent.objects.get(dispatch=execution.dispatch_id, channel=channel)
    rows = _rows(execution, content, channel, audience, refusals, rng=rng, at=at)
    sendable = [(row, person) for row, person in rows if row.send_state != SendState.BLOCKED]
    calls = _calls(execution, channel, len(sendable), rng=rng, at=at)
    size = _call_size(channel)
    _price(sendable, channel=channel, content=content, shop=execution.shop, on=at.date())
    for n, (row, person) in enumerate(sendable):
        call = calls[n // size]
        row.attempt, row.attempt_count, row.send_state = call, 1, SendState.IN_CALL
        booked = diary.booked_within(person, call.answered_at, WEEK)
        _live(row, call.answered_at, booked=booked, rng=rng)
    CustomerCommunication.objects.bulk_create([row for row, _ in rows], batch_size=BULK)
    _suppress([row for row, _ in sendable])
    return max((call.answered_at for call in calls), default=at)


def _rows(execution, content, channel, audience, refusals, *, rng, at):
    address_field, hmac_field = ADDRESS_FIELDS[channel]
    taken: set[str] = set()
    rows = []
    for person in audience:
        address = getattr(person.customer, address_field)
        reason = refusals.get(person.customer.pk, "")
        if not reason and address in taken:
            reason = Reason.DUPLICATE_ADDRESS
        if not reason:
            taken.add(address)
        row = CustomerCommunication(
            uuid=_uuid(rng),
            shop=execution.shop,
            dispatch=execution.dispatch,
            content=content,
            customer=person.customer,
            channel=channel,
            address=address,
            address_hmac=getattr(person.customer, hmac_field),
            queued_at=at,
            send_state=SendState.BLOCKED if reason else SendState.PENDING,
            reason=reason,
        )
        rows.append((row, person))
    return rows


def _uuid(rng) -> uuid.UUID:
    return uuid.UUID(int=rng.getrandbits(128), version=4)


def _call_size(channel) -> int:
    return EMAILS_PER_CALL if channel == Channel.EMAIL else 1


def _calls(execution, channel, messages, *, rng, at) -> list[DeliveryAttempt]:
    """The provider calls that carried them, one second apart."""
    size = _call_size(channel)
    calls = []
    for n, first in enumerate(range(0, messages, size)):
        began = at + dt.timedelta(seconds=n + 1)
        calls.append(
            DeliveryAttempt(
                uuid=_uuid(rng),
                shop=execution.shop,
                dispatch=execution.dispatch,
                channel=channel,
                state=DeliveryAttempt.State.ACCEPTED,
                message_count=min(size, messages - first),
                claimed_at=began,
                lease_until=began + dt.timedelta(seconds=60),
                sending_at=began,
                call_deadline=began + dt.timedelta(seconds=35),
                answered_at=began + dt.timedelta(milliseconds=rng.randrange(80, 900)),
                http_status=202 if channel == Channel.EMAIL else 201,
            )
        )
    return DeliveryAttempt.objects.bulk_create(calls, batch_size=BULK)


def _price(sendable, *, channel, content, shop, on) -> None:
    prices = pricing.price_list(shop=shop, channel=channel, on=on)
    for row, person in sendable:
        parts = 1
        if channel == Channel.SMS:
            text = content.text.replace("{{customer_first_name}}", person.customer.first_name)
            text = text.replace("{{shop_name}}", shop.name)
            # A tracked link is about as long as the field that stands for it.
            parts = row.segments = sms_segments.count(text).segments
        row.cost_micros = parts * prices.part(row.address)


def _live(row: CustomerCommunication, accepted: dt.datetime, *, booked, rng) -> None:
    """What became of one message."""
    if rng.random() < BOUNCED[row.channel]:
        row.delivery = Delivery.BOUNCED if row.channel == Channel.EMAIL else Delivery.FAILED
        row.bounced_at = row.proven_at = accepted + dt.timedelta(seconds=rng.uniform(2, 90))
        row.error_code = "5.1.1" if row.channel == Channel.EMAIL else "30003"
        return
    if rng.random() < UNREPORTED:
        row.delivery = Delivery.SENT
        return
    late = rng.random() < 0.02
    row.delivery = Delivery.DELIVERED
    row.delivered_at = accepted + dt.timedelta(seconds=rng.uniform(600, 9000) if late else 0)
    row.delivered_at += dt.timedelta(seconds=rng.uniform(1, 40))
    row.proven_at = row.delivered_at
    _engage(row, booked=booked, rng=rng)


def _engage(row: CustomerCommunication, *, booked, rng) -> None:
    arrived, is_email = row.delivered_at, row.channel == Channel.EMAIL
    soon = booked is not None and booked > arrived + dt.timedelta(minutes=10)
    which = 0 if soon else 1
    if is_email and rng.random() < MACHINE_OPENED:
        row.machine_opened_at = arrived + dt.timedelta(seconds=rng.uniform(1, 60))
    if rng.random() < CLICKED[row.channel][which]:
        room = (booked - arrived).total_seconds() if soon else 3 * 86_400
        after = min(rng.lognormvariate(9, 1.4), room * rng.uniform(0.5, 0.95))
        row.clicked_at = arrived + dt.timedelta(seconds=max(30, after))
    if is_email and (row.clicked_at or rng.random() < OPENED[which]):
        after = dt.timedelta(seconds=rng.lognormvariate(8.7, 1.5) + 20)
        row.opened_at = min(arrived + after, row.clicked_at or arrived + after)
    if not is_email and rng.random() < REPLIED:
        row.replied_at = arrived + dt.timedelta(seconds=rng.uniform(30, 7200))
    if not soon and rng.random() < OPTED_OUT[row.channel]:
        row.unsubscribed_at = arrived + dt.timedelta(seconds=rng.uniform(60, 20_000))
    if is_email and not soon and rng.random() < COMPLAINED:
        row.complained_at = arrived + dt.timedelta(seconds=rng.uniform(60, 20_000))


def _suppress(rows: list[CustomerCommunication]) -> None:
    """Whoever opted out, complained or could not be reached is not written to again."""
    causes = (
        ("unsubscribed_at", Suppression.Cause.UNSUBSCRIBED),
        ("complained_at", Suppression.Cause.COMPLAINED),
        ("bounced_at", Suppression.Cause.BOUNCED),
    )
    suppressions.add_many(
        suppressions.Address(row.shop_id, row.channel, row.address_hmac, str(cause))
        for row in rows
        for field, cause in causes
        if getattr(row, field)
    )
