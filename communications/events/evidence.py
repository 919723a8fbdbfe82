"""A report proves that the provider had the call it names, whatever we believed until then."""

import datetime as dt
from collections.abc import Collection
from uuid import UUID

from django.db.models import F, Value
from django.db.models.functions import Coalesce

from communications.delivery import transitions
from communications.facts import Known
from communications.models import CustomerCommunication, DeliveryAttempt, Incident

_OPEN = (DeliveryAttempt.State.SENDING, DeliveryAttempt.State.UNKNOWN)
_DENIED = (DeliveryAttempt.State.NOT_SENT, DeliveryAttempt.State.RELEASED)
_NEVER_SENT = frozenset(
    {
        CustomerCommunication.SendState.PENDING,
        CustomerCommunication.SendState.BLOCKED,
        CustomerCommunication.SendState.REJECTED,
        CustomerCommunication.SendState.CANCELLED,
    }
)


def prove_calls(attempts: Collection[UUID], *, now: dt.datetime) -> None:
    """Turn calls without an answer into accepted ones: an event is the answer.

    A call takes or refuses all of its messages, so one event of any of them proves the whole.
    """
    if not attempts:
        return
    calls = DeliveryAttempt.objects.filter(uuid__in=attempts)
    transitions.move(
        calls,
        to=DeliveryAttempt.State.ACCEPTED,
        from_=_OPEN,
        now=now,
        answered_at=Coalesce(F("answered_at"), Value(now)),
    )
    denied = calls.filter(state__in=_DENIED).values_list("pk", "shop_id", "dispatch_id", "state")
    _raise_once(
        Incident(
            shop_id=shop_id,
            dispatch_id=dispatch_id,
            attempt_id=pk,
            kind=Incident.Kind.LATE_EVIDENCE,
            detail=f"The provider reports on a call that we hold for {state}.",
        )
        for pk, shop_id, dispatch_id, state in denied
    )


def report_contradictions(messages: Collection[Known]) -> None:
    """Raise an incident for each message that lives at the provider and was never sent here.

    Its facts are in the ledger already. Correcting ``send_state`` belongs in this function, as
    the transition "not_sent, rejected, blocked, cancelled to accepted by late evidence".
    """
    _raise_once(
        Incident(
            shop_id=message.shop_id,
            dispatch_id=message.dispatch_id,
            communication_id=message.id,
            kind=Incident.Kind.LATE_EVIDENCE,
            detail=f"The provider reports on a message that we hold for {message.send_state}.",
        )
        for message in messages
        if message.send_state in _NEVER_SENT
    )


def _raise_once(incidents) -> None:
    """One open incident per message or call, however many reports follow."""
    wanted = {(i.communication_id, i.attempt_id): i for i in incidents}
    if not wanted:
        return
    ids, calls = zip(*wanted, strict=True)
    still_open = Incident.objects.filter(
        shop__in={i.shop_id for i in wanted.values()},
        kind=Incident.Kind.LATE_EVIDENCE,
        resolved_at=None,
    )
    by_message = still_open.filter(communication__in=[i for i in ids if i])
    by_call = still_open.filter(communication=None, attempt__in=[c for c in calls if c])
    known = set(by_message.values_list("communication_id", flat=True))
    known_calls = set(by_call.values_list("attempt_id", flat=True))
    Incident.objects.bulk_create(
        incident
        for (message, call), incident in wanted.items()
        if message not in known and (message is not None or call not in known_calls)
    )
