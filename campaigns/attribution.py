"""Which message gets a booking: last touch.

A booking belongs to the message that its customer clicked last, at most ``attribution_click_days``
before he booked; if he clicked none, to the one delivered last, at most
``attribution_delivery_days`` before. Both are settings of the shop. A message without a delivery
report counts from when the provider took it; one that bounced does not count. Machine clicks and
tests never count.

One booking is credited to one message, and one response (an execution and a customer) holds at
most one booking: his first; a second one falls to the next message that qualifies. A booking that
is cancelled, not kept, or wholly refunded gives its credit back. Revenue is what was paid less
what was refunded; for a visit without a recorded payment its price; for a booking that has neither
been paid nor kept, nothing yet.

The credits follow from the facts alone, whatever the order in which those became known: every pass
computes them anew for the customers it looks at and writes what differs.
"""

import datetime as dt
import logging

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from barbershop.models import Barbershop
from campaigns.credits import Booking, Credit, Touch, share_out
from campaigns.models import CampaignResponse
from communications.models import CustomerCommunication
from customers.models import Appointment, Payment

logger = logging.getLogger(__name__)

# Bookings older than this are settled: their credits are left as they are.
LOOK_BACK = dt.timedelta(days=120)
CHUNK = 1_000
Delivery = CustomerCommunication.Delivery
# A failed text may still arrive: its delivery is raised then, while ``bounced_at`` stays.
NOT_DELIVERED = frozenset({Delivery.FAILED, Delivery.DROPPED, Delivery.BOUNCED})
CREDIT_FIELDS = (
    "appointment_id",
    "communication_id",
    "converted_at",
    "confirmed_at",
    "revenue",
)


def credit(
    *,
    shop: Barbershop | int | None = None,
    now: dt.datetime | None = None,
    customer_ids: list[int] | None = None,
    changed_since: dt.datetime | None = None,
) -> int:
    """Bring credits up to date; repeating it changes nothing.

    Args:
        shop: only this one (a row or its id); all of them by default.
        customer_ids: only these customers.
        changed_since: only customers whose bookings or payments were written since then.

    Returns:
        How many responses were changed.
    """
    now = now or timezone.now()
    shops = Barbershop.objects.order_by("pk")
    if shop is not None:
        shops = shops.filter(pk=getattr(shop, "pk", shop))
    changed = 0
    for each in shops:
        people = _concerned(each, now=now, customer_ids=customer_ids, changed_since=changed_since)
        for start in range(0, len(people), CHUNK):
            changed += _credit_chunk(each, people[start : start + CHUNK], now=now)
    return changed


def _concerned(shop, *, now, customer_ids, changed_since) -> list[int]:
    """Ids of customers who were written to and booked lately, or hold a credit."""
    since = now - LOOK_BACK
    # Without the shop, which the customer implies: its index would tempt SQLite away from his.
    written_to = CampaignResponse.objects.filter(customer=OuterRef("customer"), is_holdout=False)
    booked = (
        Appointment.objects.for_shop(shop).filter(booked_at__gt=since).filter(Exists(written_to))
    )
    holding = CampaignResponse.objects.for_shop(shop).filter(appointment__booked_at__gt=since)
    if customer_ids is not None:
        booked = booked.filter(customer__in=customer_ids)
        holding = holding.filter(customer__in=customer_ids)
    if changed_since is not None:
        paid = Payment.objects.for_shop(shop).filter(
            paid_at__gt=since, updated_at__gte=changed_since, appointment__isnull=False
        )
        of_paid = Q(pk__in=paid.values("appointment"))
        booked = booked.filter(Q(updated_at__gte=changed_since) | of_paid)
        holding = holding.filter(appointment__updated_at__gte=changed_since)
    found = {
        *booked.values_list("customer", flat=True),
        *holding.values_list("customer", flat=True),
    }
    return sorted(found)


def _credit_chunk(shop, customer_ids, *, now) -> int:
    with transaction.atomic():
        held = _held(shop, customer_ids)
        since = now - LOOK_BACK
        settled = {pk for pk, response in held.items() if _is_settled(response, since)}
        wanted = share_out(
            bookings=_bookings(shop, customer_ids, since=since),
            touches=_touches(shop, customer_ids, held, since=since),
            taken=settled,
            click_window=dt.timedelta(days=shop.attribution_click_days),
            delivery_window=dt.timedelta(days=shop.attribution_delivery_days),
        )
        return _write(held, wanted, settled, now=now)


def _held(shop, customer_ids) -> dict[int, CampaignResponse]:
    """The responses of these customers, locked: two passes at once would both hand out."""
    responses = CampaignResponse.objects.for_shop(shop).filter(
        customer__in=customer_ids, is_holdout=False
    )
    # These rows alone: whoever writes an audience refers to its execution and must not wait.
    locked = responses.order_by("pk").select_for_update(of=("self",))
    held = {response.pk: response for response in locked}
    dispatches = dict(responses.values_list("pk", "execution__dispatch"))
    booked_at = dict(
        Appointment.objects.filter(
            pk__in=[r.appointment_id for r in held.values() if r.appointment_id]
        ).values_list("pk", "booked_at")
    )
    for response in held.values():
        response.dispatch_id = dispatches[response.pk]
        response.booked_at = booked_at.get(response.appointment_id)
    return held


def _is_settled(response, since) -> bool:
    return response.booked_at is not None and response.booked_at <= since


def _bookings(shop, customer_ids, *, since) -> list[Booking]:
    # A booking that was moved to another customer is free again once its old holder was looked at.
    elsewhere = CampaignResponse.objects.filter(appointment=OuterRef("pk")).exclude(
        customer=OuterRef("customer")
    )
    kept = (
        Appointment.objects.for_shop(shop)
        .filter(~Exists(elsewhere), customer__in=customer_ids, booked_at__gt=since)
        .filter(status__in=[Appointment.Status.BOOKED, Appointment.Status.COMPLETED])
    )
    appointments = list(kept.order_by("booked_at", "pk"))
    paid: dict[int, list[Payment]] = {}
    for payment in Payment.objects.for_shop(shop).filter(appointment__in=appointments):
        paid.setdefault(payment.appointment_id, []).append(payment)
    bookings = (_booking(each, paid.get(each.pk, [])) for each in appointments)
    return [booking for booking in bookings if booking is not None]


def _booking(appointment, payments) -> Booking | None:
    """What a booking is worth; None when all its money went back."""
    taken = sum(payment.amount for payment in payments)
    net = taken - sum(payment.refunded_amount for payment in payments)
    if taken and not net:
        return None
    came = appointment.status == Appointment.Status.COMPLETED
    confirmed_at = min((payment.paid_at for payment in payments), default=None)
    return Booking(
        appointment_id=appointment.pk,
        customer_id=appointment.customer_id,
        booked_at=appointment.booked_at,
        confirmed_at=confirmed_at or (appointment.starts_at if came else None),
        revenue=net if payments else appointment.price if came else 0,
    )


def _touches(shop, customer_ids, held, *, since) -> list[Touch]:
    by_message = {
        (response.dispatch_id, response.customer_id): response.pk for response in held.values()
    }
    earliest = since - dt.timedelta(days=shop.attribution_click_days)
    messages = (
        CustomerCommunication.objects.for_shop(shop)
        .filter(customer__in=customer_ids, dispatch__in={key[0] for key in by_message})
        .accepted()
        .with_state()
        .filter(
            Q(clicked_at__gt=earliest) | Q(accepted_at__gt=earliest) | Q(delivered_at__gt=earliest)
        )
    )
    return [
        Touch(
            response_id=by_message[message.dispatch_id, message.customer_id],
            communication_id=message.pk,
            customer_id=message.customer_id,
            clicked_at=message.clicked_at,
            delivered_at=None
            if message.delivery in NOT_DELIVERED
            else message.delivered_at or message.accepted_at,
        )
        for message in messages
        if (message.dispatch_id, message.customer_id) in by_message
    ]


def _write(held, wanted: dict[int, Credit], settled: set[int], *, now) -> int:
    """Free what is held wrongly before it is given away: a booking is in one place at a time."""
    moved, updated = [], []
    for pk, response in held.items():
        if pk in settled or _values(response) == _values(wanted.get(pk)):
            continue
        if response.appointment_id:
            moved.append(pk)
        if pk in wanted:
            for name in CREDIT_FIELDS:
                setattr(response, name, getattr(wanted[pk], name))
            response.credited_at = now
            updated.append(response)
    CampaignResponse.objects.filter(pk__in=moved).update(
        appointment=None,
        communication=None,
        converted_at=None,
        confirmed_at=None,
        revenue=0,
        credited_at=None,
    )
    CampaignResponse.objects.bulk_update(updated, [*CREDIT_FIELDS, "credited_at"], batch_size=200)
    return len({*moved, *(response.pk for response in updated)})


def _values(credit) -> tuple | None:
    if credit is None or credit.appointment_id is None:
        return None
    return tuple(getattr(credit, name) for name in CREDIT_FIELDS)
