"""What happens to messages when a person is erased: nothing begins any more, for good."""

import datetime as dt

from django.db.models import Q

from barbershop.personal_data import Person
from communications import suppressions
from communications.models import CustomerCommunication, DeliveryAttempt, Dispatch, Suppression
from communications.suppressions import Address

SendState = CustomerCommunication.SendState
Reason = CustomerCommunication.Reason


def keep_out(person: Person, *, by, now: dt.datetime) -> None:
    """A step of the erasure: hold the gates, refuse what waits, remember the addresses.

    A gate that has begun is waited for: its calls are on their way. Every later gate sees the
    customer erased and refuses; so does whoever writes an audience.
    """
    _hold_dispatches(person)
    messages = CustomerCommunication.objects.filter(
        shop=person.shop_id, customer=person.customer_id
    )
    messages.filter(send_state=SendState.PENDING).update(
        send_state=SendState.BLOCKED, reason=Reason.SUPPRESSED, not_before=None
    )
    suppressions.add_many(
        Address(person.shop_id, channel, hmac, Suppression.Cause.ERASED)
        for channel, hmac in person.addresses
    )


def _hold_dispatches(person: Person) -> None:
    """Like a pause: waits for gates and for chunks of audiences, and lets none begin meanwhile.

    Those of his messages that could still go, or be tried again; and those whose audience is being
    written, because it may have read his address already.
    """
    settled = Q(attempt__state=DeliveryAttempt.State.ACCEPTED)
    mine = CustomerCommunication.objects.filter(
        ~settled, shop=person.shop_id, customer=person.customer_id
    )
    concerned = Q(prepared_at=None, state__in=Dispatch.STOPPABLE)
    concerned |= Q(pk__in=mine.order_by().values("dispatch"))
    held = Dispatch.objects.filter(concerned, shop=person.shop_id).order_by("pk")
    list(held.select_for_update(no_key=True).values_list("pk", flat=True))


def erased_addresses():
    """The suppressions that erasures left. Nothing ends them."""
    return Suppression.objects.filter(cause=Suppression.Cause.ERASED)
