"""The next moment at which somebody would get a campaign, when nothing changes but the time.

Time alone moves criteria, quiet hours, frequency caps and exclusions. The moments at which one of
them may turn are known. The criteria alone are asked at all of them; where they hold, the whole
verdict is.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import zip_longest

from campaigns import terms, turning, verdicts
from campaigns.models import CampaignDefinition
from communications import compliance, frequency, quiet_hours
from communications.models import CustomerCommunication
from customers.channels import Channel
from customers.models import Appointment, Customer

Reason = CustomerCommunication.Reason
Status = Appointment.Status
AHEAD = dt.timedelta(days=366)
MOST_ASKED = 60  # moments; each is a whole verdict
_MICROSECOND = dt.timedelta(microseconds=1)

# Only somebody's doing mends these.
LASTING = frozenset(
    {
        Reason.SUPPRESSED,
        Reason.NO_ADDRESS,
        Reason.HELD_FOR_REVIEW,
        Reason.UNPROVEN,
        Reason.NO_CONSENT,
        Reason.TOPIC,
        Reason.SHOP_SUSPENDED,
        Reason.UNKNOWN_ZONE,
    }
)


@dataclass(frozen=True)
class Next:
    """``at`` is when the message would go; ``sent_at`` the earliest start of a run that does it."""

    at: dt.datetime
    sent_at: dt.datetime


@dataclass(frozen=True)
class NotKnown:
    """Not before ``until``; there were too many moments to ask at all of them."""

    until: dt.datetime


Coming = Next | NotKnown | None


def next_time(
    definition: CampaignDefinition,
    customer: Customer,
    answer: verdicts.Answer,
    *,
    now: dt.datetime,
) -> Coming:
    """When he would get it; ``now`` when at once; None when time alone does not bring it about.

    Args:
        answer: that of ``now``.

    Raises:
        customers.criteria.CriteriaError: when the criteria cannot be read.
    """
    if answer.received:
        return Next(answer.first_at or now, now)
    if answer.is_held_out or all(each.reason in LASTING for each in answer.channels):
        return None
    ahead, asked = turning.of(definition, customer, now=now), 0
    waiting = sorted({*ahead.moments, *_of_the_gate(definition, customer, now=now)})
    while waiting:
        moment = heappop(waiting)
        if ahead.until and moment >= ahead.until:
            break
        if not ahead.matches(moment):
            continue
        if asked == MOST_ASKED:
            return NotKnown(moment)
        asked += 1
        then = verdicts.of(definition, customer, now=moment)
        if then.received:
            return Next(then.first_at or moment, moment)
        if any(each.reason == Reason.QUIET_WINDOW_MISSED for each in then.channels):
            # The openings that are known are those after now; this moment may be far from it.
            for opening in _of_hours(customer, terms.of(definition), now=moment):
                if opening <= now + AHEAD and opening not in waiting:
                    heappush(waiting, opening)
    return NotKnown(ahead.until) if ahead.until else None


def _of_the_gate(definition, customer: Customer, *, now: dt.datetime) -> Iterator[dt.datetime]:
    own = terms.of(definition)
    found = [
        *_of_hours(customer, own, now=now),
        *frequency.ends(
            customer.shop, addresses=[customer.email_hmac, customer.phone_hmac], now=now
        ),
        *_of_exclusions(customer, own, now=now),
        customer.created_at,
    ]
    return (moment for moment in found if now < moment <= now + AHEAD)


def _of_hours(customer, own: compliance.Terms, *, now) -> Iterator[dt.datetime]:
    """The next openings, one after the other: also those too far away to be waited for."""
    if not own.has_hours(Channel.SMS) or not customer.phone:
        return
    moments = compliance.Moments(customer.shop, terms=own, now=now)
    place = moments.place(compliance.Person.of(customer))
    if not place.zones:
        return
    hours, moment = quiet_hours.hours_of(customer.shop), now
    for _ in range(quiet_hours.AHEAD):
        found = quiet_hours.window(place, hours=hours, now=moment)
        if found.is_open and found.until:
            found = quiet_hours.window(place, hours=hours, now=found.until)
        if found.opens_at is None:
            return
        yield found.opens_at
        moment = found.opens_at


def _of_exclusions(customer, own: compliance.Terms, *, now) -> Iterator[dt.datetime]:
    """When the last visit of those that keep him out in a row is old enough, and when the last
    appointment is over: in between, another one keeps him out."""
    appointments = Appointment.objects.filter(customer=customer).order_by("starts_at")
    if days := own.excludes_visited_days:
        kept = dt.timedelta(days=days)
        visits = appointments.filter(status=Status.COMPLETED, starts_at__gt=now - kept)
        came = list(visits.values_list("starts_at", flat=True))
        for at, following in zip_longest(came, came[1:]):
            if following is None or following > at + kept:
                yield at + kept
    if own.excludes_booked:
        coming = appointments.filter(status=Status.BOOKED, starts_at__gte=now)
        if last := coming.values_list("starts_at", flat=True).last():
            yield last + _MICROSECOND
