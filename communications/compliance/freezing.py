"""All rules for an audience that is frozen, or would be: the forecast asks the same code."""

import datetime as dt
from collections.abc import Collection, Iterator
from typing import NamedTuple

from django.db.models import QuerySet

from barbershop.models import Barbershop
from communications.compliance import person as person_rules
from communications.compliance.moments import Moments, Person
from communications.compliance.terms import Terms
from communications.models import CustomerCommunication
from customers.channels import Channel
from customers.models import Customer

Reason = CustomerCommunication.Reason
_COLUMNS = ("pk", "email", "email_hmac", "phone", "phone_hmac", "timezone", "zip")
_READ_AT_ONCE = 5_000


class Verdict(NamedTuple):
    """Of one person on one channel: a reason why not, or when.

    ``until`` is the end of the hours that are open now, for whom there are any.
    """

    address: str
    address_hmac: str
    refusal: str = ""
    not_before: dt.datetime | None = None
    until: dt.datetime | None = None


def consider(
    people: QuerySet[Customer],
    *,
    shop: Barbershop,
    channels: Collection[str],
    topic: str,
    terms: Terms,
    now: dt.datetime,
    is_everybody: bool = False,
    are_together: bool = False,
) -> Iterator[tuple[int, dict[str, Verdict]]]:
    """Each customer's id with what the rules say on each channel, in the order of the ids.

    Args:
        is_everybody: there are so many that what each has had is not asked for by address.
        are_together: he is written to on each channel that may be used, and what goes on an
            earlier one counts for the caps: which of them goes is not left to who is faster.
    """
    also = person_rules.exclusions(terms, now=now)
    for channel in channels:
        people = person_rules.annotate_refusal(
            people,
            shop=shop,
            channel=channel,
            topic=topic,
            kind=terms.kind,
            alias=f"no_{channel}",
            also=also,
        )
    columns = [*_COLUMNS, *(f"no_{channel}" for channel in channels)]
    rows = people.order_by("pk").values_list(*columns)
    rows = rows.iterator(chunk_size=_READ_AT_ONCE) if is_everybody else list(rows)
    moments = Moments(shop, terms=terms, now=now)
    if terms.is_marketing and Channel.SMS in channels:
        moments.look_up(None if is_everybody else (row[4] for row in rows))
    if any(terms.has_caps(channel) for channel in channels):
        moments.count(None if is_everybody else (h for row in rows for h in (row[2], row[4])))
    for pk, email, email_hmac, phone, phone_hmac, zone, zip_code, *refusals in rows:
        somebody = Person(email_hmac, phone_hmac, phone, zone, zip_code)
        addresses = {Channel.EMAIL: (email, email_hmac), Channel.SMS: (phone, phone_hmac)}
        verdicts, ahead = {}, 0
        for channel, refusal in zip(channels, refusals, strict=True):
            found = _verdict(addresses[channel], refusal, somebody, channel, moments, ahead)
            verdicts[channel] = found
            ahead += are_together and not found.refusal
        yield pk, verdicts


def _verdict(
    address: tuple[str, str],
    refusal: str,
    somebody: Person,
    channel: str,
    moments: Moments,
    ahead: int,
) -> Verdict:
    if refusal:
        return Verdict(*address, refusal)
    if moments.shop.suspended_at is not None:
        return Verdict(*address, Reason.SHOP_SUSPENDED)
    turn = moments.turn(somebody, channel=channel)
    if turn.refusal:
        return Verdict(*address, turn.refusal)
    if moments.is_over_cap(somebody, channel=channel, ahead=ahead):
        return Verdict(*address, Reason.FREQUENCY_CAP)
    return Verdict(*address, not_before=turn.not_before, until=turn.until)
