"""A report proves that the provider had the call it names, whatever we believed until then."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from django.db.models import Count, F, Q, Value
from django.db.models.functions import Coalesce

from communications.delivery import transitions
from communications.facts import Known
from communications.models import (
    AttemptDeparture,
    CustomerCommunication,
    DeliveryAttempt,
    Incident,
    ProviderEvent,
)
from customers.channels import Channel

State = DeliveryAttempt.State
SendState = CustomerCommunication.SendState
Outcome = AttemptDeparture.Outcome

_OPEN = (State.SENDING, State.UNKNOWN)
_DENIED = (State.NOT_SENT, State.RELEASED)
_NEVER_SENT = frozenset(
    {SendState.PENDING, SendState.BLOCKED, SendState.REJECTED, SendState.CANCELLED}
)
# Left a call while nobody knew its outcome: whatever proves the call proves that they were in it.
_IN_DOUBT = (Outcome.ABSENT, Outcome.RETRIED, Outcome.FREED)


@dataclass(slots=True)
class _Rest:
    """Messages that had left a call which is proven now, by their ids."""

    back: list[int] = field(default_factory=list)  # waited or were refused: in the call again
    elsewhere: list[int] = field(default_factory=list)  # are in another call meanwhile


def prove_calls(events: Collection[ProviderEvent], *, now: dt.datetime) -> None:
    """Turn calls without an answer into accepted ones: an event is the answer.

    A call takes or refuses all of its messages, so one event of any of them proves the whole. One
    that was held for not sent becomes accepted too, takes back the messages that left it and are
    in no other call, and a person is told. Call it before any message is locked.
    """
    named = {event.attempt_uuid for event in events if event.attempt_uuid}
    if not named:
        return
    calls = DeliveryAttempt.objects.filter(uuid__in=named)
    transitions.move(
        calls,
        to=State.ACCEPTED,
        from_=_OPEN,
        now=now,
        answered_at=Coalesce(F("answered_at"), Value(now)),
    )
    # Without ``sending_at`` no byte of it has left, whatever the report says.
    begun = {call.pk: call for call in calls.filter(sending_at__isnull=False).order_by("pk")}
    late = _accept_late([call for call in begun.values() if call.state in _DENIED], now=now)
    _keep_the_providers_ids(begun.values(), events)
    rest = _bring_back(begun, events)
    _report_late(begun, late=late, rest=rest)
    if late:
        Incident.objects.filter(
            kind=Incident.Kind.UNKNOWN_OUTCOME, attempt__in=late, resolved_at=None
        ).update(resolved_at=now)


def _accept_late(calls: list[DeliveryAttempt], *, now: dt.datetime) -> set[int]:
    if not calls:
        return set()
    found = DeliveryAttempt.objects.filter(pk__in=[call.pk for call in calls])
    return set(transitions.move(found, to=State.ACCEPTED, from_=_DENIED, now=now))


def _keep_the_providers_ids(
    calls: Iterable[DeliveryAttempt], events: Collection[ProviderEvent]
) -> None:
    """A text in Twilio's list that a report gives to one call is not taken for another's."""
    sids = {event.attempt_uuid: event.payload.get("MessageSid") for event in events}
    for call in calls:
        sid = sids.get(call.uuid)
        if call.channel == Channel.SMS and not call.provider_id and isinstance(sid, str):
            DeliveryAttempt.objects.filter(pk=call.pk, provider_id="").update(provider_id=sid[:120])


def _bring_back(
    calls: dict[int, DeliveryAttempt], events: Collection[ProviderEvent]
) -> dict[int, _Rest]:
    """Put messages back into the proven calls that they had left, by call."""
    left = _left(calls, events)
    if not left:
        return {}
    # All rows that this fold will touch, in one order: two folds never wait for each other.
    told = [event.communication_uuid for event in events if event.communication_uuid]
    rows = CustomerCommunication.objects.filter(Q(pk__in=left) | Q(uuid__in=told)).order_by("pk")
    rest: dict[int, _Rest] = defaultdict(_Rest)
    for message in rows.select_for_update().defer("values"):
        call_id = left.get(message.pk)
        if call_id is None or message.attempt_id == call_id:
            continue
        if message.send_state == SendState.IN_CALL:
            rest[call_id].elsewhere.append(message.pk)
        elif not _is_address_taken(message):
            rest[call_id].back.append(message.pk)
    for call_id, found in rest.items():
        CustomerCommunication.objects.filter(pk__in=found.back).update(
            send_state=SendState.IN_CALL, attempt=call_id, reason="", not_before=None
        )
    return rest


def _left(calls: dict[int, DeliveryAttempt], events) -> dict[int, int]:
    """``{message: call}``: who left a call that is proven now, as far as the proof is theirs."""
    told = {(event.communication_uuid, event.attempt_uuid) for event in events}
    departures = AttemptDeparture.objects.filter(
        Q(outcome__in=_IN_DOUBT) | Q(communication__uuid__in=[uuid for uuid, _ in told if uuid]),
        attempt__in=calls,
    ).order_by("pk")
    return {
        message_id: attempt_id
        for message_id, uuid, attempt_id, outcome in departures.values_list(
            "communication_id", "communication__uuid", "attempt_id", "outcome"
        )
        if outcome in _IN_DOUBT or (uuid, calls[attempt_id].uuid) in told
    }


def _is_address_taken(message: CustomerCommunication) -> bool:
    """Whether another message of the run has the address now: it can go to one of them only."""
    if message.send_state != SendState.BLOCKED:
        return False
    same = CustomerCommunication.objects.filter(
        dispatch=message.dispatch_id, channel=message.channel, address=message.address
    )
    same = same.exclude(send_state=SendState.BLOCKED)
    return bool(message.address) and same.exclude(pk=message.pk).exists()


def report_contradictions(messages: Collection[Known]) -> None:
    """Raise an incident for each message that lives at the provider and was never sent here.

    Those whose call is known are in it again by now (``prove_calls``).
    """
    _raise_once(
        Incident(
            shop_id=message.shop_id,
            dispatch_id=message.dispatch_id,
            communication_id=message.id,
            kind=Incident.Kind.LATE_EVIDENCE,
            detail=f"The provider reports on a message that is {message.send_state} here, and no "
            "call explains it. It was left as it is: look who got it.",
        )
        for message in messages
        if message.send_state in _NEVER_SENT
    )


def _report_late(
    calls: dict[int, DeliveryAttempt], *, late: set[int], rest: dict[int, _Rest]
) -> None:
    """One incident for each call that was corrected, or whose messages may have gone twice."""
    wanted = sorted({*late, *rest})
    if not wanted:
        return
    told = Incident.objects.filter(kind=Incident.Kind.LATE_EVIDENCE, attempt__in=wanted)
    told_already = set(told.values_list("attempt_id", flat=True))
    members = dict(
        CustomerCommunication.objects.filter(attempt__in=late)
        .order_by()
        .values_list("attempt_id")
        .annotate(n=Count("pk"))
    )
    Incident.objects.bulk_create(
        Incident(
            shop_id=calls[pk].shop_id,
            dispatch_id=calls[pk].dispatch_id,
            attempt_id=pk,
            kind=Incident.Kind.LATE_EVIDENCE,
            detail=_in_words(
                members.get(pk, len(rest[pk].back) if pk in rest else 0), rest.get(pk)
            ),
        )
        for pk in wanted
        if pk in late or rest[pk].back or pk not in told_already
    )


def _in_words(corrected: int, rest: _Rest | None) -> str:
    sentences = []
    if corrected:
        it = "it counts" if corrected == 1 else "they count"
        sentences.append(
            f"The provider reports that {_messages(corrected)} held for not sent had gone out "
            f"after all; {it} as sent now and will not be sent again."
        )
    if rest and rest.elsewhere:
        number = len(rest.elsewhere)
        sentences.append(
            f"The provider reports that an earlier try of {_messages(number)} had gone out after "
            f"all. Meanwhile {'it was' if number == 1 else 'they were'} tried again: "
            f"{'this person' if number == 1 else 'these people'} may have got it twice."
        )
    return " ".join(sentences) or "The provider reports on a call that was held for not sent."


def _messages(number: int) -> str:
    return "1 message" if number == 1 else f"{number:,} messages"


def _raise_once(incidents: Iterable[Incident]) -> None:
    """One incident per message, however many reports follow, also after somebody settled it."""
    wanted = {incident.communication_id: incident for incident in incidents}
    if not wanted:
        return
    raised = Incident.objects.filter(
        kind=Incident.Kind.LATE_EVIDENCE, communication__in=list(wanted)
    )
    known = set(raised.values_list("communication_id", flat=True))
    Incident.objects.bulk_create(
        incident for message, incident in wanted.items() if message not in known
    )
