"""People considered for a message, and the ledger rows that they become."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import QuerySet

from barbershop.any_of import AnyOf
from barbershop.bulk_insert import bulk_insert
from communications.models import CustomerCommunication, Dispatch

Reason = CustomerCommunication.Reason
SendState = CustomerCommunication.SendState
# The words themselves: a member of an enumeration takes the driver's slow path.
PENDING, BLOCKED = SendState.PENDING.value, SendState.BLOCKED.value
_COLUMNS = (
    "content",
    "customer",
    "channel",
    "address",
    "address_hmac",
    "values",
    "dedupe_key",
    "not_before",
    "window_end",
    "send_state",
    "reason",
)


@dataclass(frozen=True)
class Recipient:
    """One person considered on one channel.

    Attributes:
        blocked: a reason of ``CustomerCommunication.Reason`` when the person is not to be sent to.
        values: flat strings for merge fields that only upper floors know.
        not_before, window_end: between which moments it may go, where there are any.
    """

    customer_id: int | None
    channel: str
    address: str
    address_hmac: str
    content_id: int
    values: dict[str, str] = field(default_factory=dict)
    blocked: str = ""
    dedupe_key: str | None = None
    not_before: dt.datetime | None = None
    window_end: dt.datetime | None = None


def write_rows(chunk: list[Recipient], *, dispatch: Dispatch, topic: str, now: dt.datetime) -> int:
    """Write whoever of a chunk has no row yet; the caller holds the dispatch locked.

    Returns:
        How many rows were written.
    """
    taken = _taken_addresses(chunk, dispatch=dispatch)
    known = _known_people(chunk, dispatch=dispatch)
    rows = []
    for recipient in chunk:
        if (recipient.channel, recipient.customer_id) in known:
            continue
        reason = recipient.blocked or ("" if recipient.address else Reason.NO_ADDRESS)
        key = (recipient.channel, recipient.address)
        if not reason and key in taken:
            reason = Reason.DUPLICATE_ADDRESS
        elif not reason:
            taken.add(key)
        rows.append(_row(recipient, reason=reason))
    same = {"shop": dispatch.shop_id, "dispatch": dispatch.pk, "topic": topic, "queued_at": now}
    return bulk_insert(CustomerCommunication, fields=_COLUMNS, rows=rows, same=same)


def _taken_addresses(chunk: list[Recipient], *, dispatch: Dispatch) -> set[tuple[str, str]]:
    wanted = defaultdict(list)
    for recipient in chunk:
        if recipient.address:
            wanted[recipient.channel].append(recipient.address)
    taken = set()
    for channel, addresses in wanted.items():
        # Said as in the constraint, so that its index answers.
        held = _rows(dispatch, channel).exclude(address="").exclude(send_state=SendState.BLOCKED)
        found = held.filter(AnyOf("address", addresses)).values_list("address", flat=True)
        taken |= {(channel, address) for address in found}
    return taken


def _known_people(chunk: list[Recipient], *, dispatch: Dispatch) -> set[tuple[str, int]]:
    wanted = defaultdict(list)
    for recipient in chunk:
        if recipient.customer_id:
            wanted[recipient.channel].append(recipient.customer_id)
    known = set()
    for channel, people in wanted.items():
        # The range is for the database, which may otherwise read the whole run for every chunk.
        ends = {"customer__gte": min(people), "customer__lte": max(people)}
        rows = _rows(dispatch, channel).filter(AnyOf("customer", people), **ends)
        known |= {(channel, pk) for pk in rows.values_list("customer", flat=True)}
    return known


def _rows(dispatch: Dispatch, channel: str) -> QuerySet[CustomerCommunication]:
    return CustomerCommunication.objects.filter(dispatch=dispatch, channel=channel).order_by()


def _row(recipient: Recipient, *, reason: str) -> tuple:
    """What differs from message to message, in the order of ``_COLUMNS``."""
    return (
        recipient.content_id,
        recipient.customer_id,
        recipient.channel,
        recipient.address,
        recipient.address_hmac,
        recipient.values,
        recipient.dedupe_key,
        recipient.not_before,
        recipient.window_end,
        BLOCKED if reason else PENDING,
        str(reason),
    )
