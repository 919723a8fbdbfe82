"""Messages of calls that did not end well wait again: by the rules of ``resolve``, or by a person.

What was accepted never does. Every message passes the gate again before it is sent.
"""

import datetime as dt
from collections.abc import Collection

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from barbershop import audit
from communications import outbox
from communications.delivery import transitions
from communications.models import (
    AttemptDeparture,
    CustomerCommunication,
    DeliveryAttempt,
    Dispatch,
    Incident,
    ProviderEvent,
)

SendState = CustomerCommunication.SendState
Reason = CustomerCommunication.Reason
State = DeliveryAttempt.State
Outcome = AttemptDeparture.Outcome

# What a person may free: nobody knows what became of it.
UNRESOLVED = frozenset({State.UNKNOWN, State.NOT_SENT})
# Put back by a rule, without a person: once in the life of a message.
BY_RULE = (Outcome.ABSENT, Outcome.RETRIED)
# Refusals whose cause a person can mend: the text, the customer's zone, the shop's suspension.
MENDABLE = (Reason.RENDER_ERROR, Reason.UNKNOWN_ZONE, Reason.SHOP_SUSPENDED)
FAILED = Q(send_state=SendState.REJECTED) | Q(send_state=SendState.BLOCKED, reason__in=MENDABLE)


def free(attempt: DeliveryAttempt, *, by, now: dt.datetime | None = None) -> int:
    """Send the messages of a call again although the provider may have had them.

    Returns:
        How many left the call; 0 when it was resolved meanwhile. Those of a cancelled dispatch
        are cancelled.
    """
    now = now or timezone.now()
    with transaction.atomic():
        freed = put_back(
            DeliveryAttempt.objects.filter(pk=attempt.pk),
            dispatch=attempt.dispatch,
            outcome=Outcome.FREED,
            reason="released by a person",
            from_=UNRESOLVED,
            now=now,
        )
        if freed:
            audit.record(
                shop=attempt.shop,
                action="call.free",
                by=by,
                target=attempt,
                after={"dispatch": attempt.dispatch_id, "messages": freed},
                now=now,
            )
    return freed


def retry_failed(dispatch: Dispatch, *, by, now: dt.datetime | None = None) -> int:
    """Try again whatever was rejected, counts as not sent, or was blocked for a cause that may
    have been mended since (``MENDABLE``). One that is not is blocked again at the gate.

    Nothing of a cancelled dispatch, and no unknown call: those wait for their outcome.

    Returns:
        How many messages wait again.
    """
    now = now or timezone.now()
    with transaction.atomic():
        held = outbox.reopen(dispatch)
        if held.state == Dispatch.State.CANCELLED:
            return 0
        count = put_back(
            DeliveryAttempt.objects.filter(dispatch=dispatch),
            dispatch=dispatch,
            outcome=Outcome.FREED,
            reason="the failed ones were tried again",
            from_=[State.NOT_SENT],
            now=now,
        )
        count += _failed(dispatch).update(send_state=SendState.PENDING, reason="", not_before=None)
        if not count:
            transaction.set_rollback(True)  # a run with nothing to do stays finished
    return count


def _failed(dispatch: Dispatch) -> QuerySet[CustomerCommunication]:
    """The refused messages of a run, but for those whose address another message has taken.

    Of several blocked ones with one address the oldest goes.
    """
    same = CustomerCommunication.objects.filter(
        dispatch=OuterRef("dispatch"), channel=OuterRef("channel"), address=OuterRef("address")
    )
    taken = same.exclude(Q(address="") | Q(pk=OuterRef("pk")) | Q(send_state=SendState.BLOCKED))
    before = same.filter(FAILED, send_state=SendState.BLOCKED, pk__lt=OuterRef("pk"))
    before = before.exclude(address="")
    return CustomerCommunication.objects.filter(
        FAILED, ~Exists(taken), ~Exists(before), dispatch=dispatch
    )


def put_back(
    calls: QuerySet[DeliveryAttempt],
    *,
    dispatch: Dispatch,
    outcome: str,
    reason: str,
    from_: Collection[str],
    now: dt.datetime,
    once: bool = False,
) -> int:
    """Let messages leave calls without an outcome and wait again, in one transaction.

    A call that has lost all of its messages is released. A report that waits in the inbox is an
    outcome already: its call keeps its messages.

    Args:
        calls: of this dispatch.
        outcome: what the history of each message says.
        from_: states in which the calls may be.
        once: leave a message in its call that was put back by a rule before.

    Returns:
        How many messages left. Those of a cancelled dispatch are cancelled.
    """
    with transaction.atomic():
        held = outbox.reopen(dispatch)
        found = calls.filter(state__in=from_).select_for_update(of=("self",)).order_by("pk")
        leaving = _leaving(list(found.values_list("pk", flat=True)), once=once)
        if not leaving:
            transaction.set_rollback(True)  # the run need not be reopened
            return 0
        is_over = held.state == Dispatch.State.CANCELLED
        CustomerCommunication.objects.filter(pk__in=leaving).update(
            # What it cost stays on the row: it did, if the provider had it after all.
            send_state=SendState.CANCELLED if is_over else SendState.PENDING,
            attempt=None,
            reason="",
            not_before=None,
        )
        AttemptDeparture.objects.bulk_create(
            AttemptDeparture(
                shop_id=held.shop_id,
                attempt_id=attempt_id,
                communication_id=pk,
                outcome=Outcome.CANCELLED if is_over else outcome,
                reason=reason[:120],
                at=now,
            )
            for pk, attempt_id in leaving.items()
        )
        members = CustomerCommunication.objects.filter(attempt=OuterRef("pk"))
        left = DeliveryAttempt.objects.filter(~Exists(members), pk__in=set(leaving.values()))
        released = transitions.move(left, to=State.RELEASED, from_=from_, now=now)
        Incident.objects.filter(
            kind=Incident.Kind.UNKNOWN_OUTCOME, attempt__in=released, resolved_at=None
        ).update(resolved_at=now)
    return len(leaving)


def _leaving(calls: list[int], *, once: bool) -> dict[int, int]:
    """``{message id: call id}`` of the messages that may leave these calls."""
    reported = ProviderEvent.objects.filter(
        communication_uuid=OuterRef("uuid"), attempt_uuid=OuterRef("attempt__uuid")
    )
    members = CustomerCommunication.objects.filter(attempt__in=calls)
    proven = set(members.filter(Exists(reported)).values_list("attempt_id", flat=True))
    members = members.exclude(attempt__in=proven).order_by("pk")
    if once:
        members = members.exclude(Exists(put_back_by_rule()))
    return dict(members.values_list("pk", "attempt_id"))


def put_back_by_rule() -> QuerySet[AttemptDeparture]:
    """For ``Exists`` on messages: whether a rule has put it back before."""
    return AttemptDeparture.objects.filter(communication=OuterRef("pk"), outcome__in=BY_RULE)
