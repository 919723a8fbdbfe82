"""The next moment at which somebody would get a campaign, when nothing changes but the time.

Time alone moves criteria, quiet hours, frequency caps and exclusions. The moments at which one of
them may turn are known; at each of them the whole verdict is asked anew.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from campaigns import terms, verdicts
from campaigns.models import CampaignDefinition
from communications import compliance, frequency, quiet_hours
from communications.models import CustomerCommunication
from customers import criteria
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


def next_time(
    definition: CampaignDefinition,
    customer: Customer,
    answer: verdicts.Answer,
    *,
    now: dt.datetime,
) -> Next | None:
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
    for moment in sorted(set(_moments(definition, customer, now=now)))[:MOST_ASKED]:
        then = verdicts.of(definition, customer, now=moment)
        if then.received:
            return Next(then.first_at or moment, moment)
    return None


def _moments(definition, customer: Customer, *, now: dt.datetime) -> Iterator[dt.datetime]:
    own = terms.of(definition)
    found = [
        *_of_criteria(definition, customer, now=now),
        *_of_hours(customer, own, now=now),
        *frequency.ends(
            customer.shop, addresses=[customer.email_hmac, customer.phone_hmac], now=now
        ),
        *_of_exclusions(customer, own, now=now),
        customer.created_at,
    ]
    return (moment for moment in found if now < moment <= now + AHEAD)


def _of_criteria(definition, customer, *, now) -> Iterator[dt.datetime]:
    links = definition.campaign_segments.select_related("segment")
    for raw in [definition.target_criteria, *(link.segment.criteria for link in links)]:
        yield from criteria.parse(raw).turning_points(customer, now=now)


def _of_hours(customer, own: compliance.Terms, *, now) -> Iterator[dt.datetime]:
    """The next openings, one after the other: also those too far away to be waited for."""
    if not own.has_hours(Channel.SMS) or not customer.phone:
        return
    somebody = compliance.Person(
        customer.email_hmac, customer.phone_hmac, customer.phone, customer.timezone, customer.zip
    )
    place = somebody.place(customer.shop)
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
    appointments = Appointment.objects.filter(customer=customer).order_by()
    if days := own.excludes_visited_days:
        kept = dt.timedelta(days=days)
        visits = appointments.filter(status=Status.COMPLETED, starts_at__gt=now - kept)
        yield from (at + kept for at in visits.values_list("starts_at", flat=True))
    if own.excludes_booked:
        coming = appointments.filter(status=Status.BOOKED, starts_at__gte=now)
        yield from (at + _MICROSECOND for at in coming.values_list("starts_at", flat=True))
