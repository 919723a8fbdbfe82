"""The point of no return: everything is asked once more, then ``sending`` is committed.

Set-based: the calls of one dispatch and channel pass together, in one transaction
(docs/adr/0007).
"""

import datetime as dt
import logging
from collections import defaultdict
from collections.abc import Collection, Mapping

from django.db import transaction

from communications import budgets, compliance
from communications.channels import EmailCall, SmsCall
from communications.delivery import (
    breaker,
    clock,
    compose,
    hold,
    in_time,
    leave,
    transitions,
)
from communications.delivery.compose import Draft
from communications.delivery.each import Each
from communications.models import (
    AttemptDeparture,
    CustomerCommunication,
    DeliveryAttempt,
    Dispatch,
)

logger = logging.getLogger(__name__)

CALL_TIME = compliance.HAND_OVER
QUIET = "quiet hours"
TOO_LATE = "the number's queue would not empty before quiet hours"
WAITS_FOR_HOURS = (QUIET, TOO_LATE)  # as they stand in a message's history
State = DeliveryAttempt.State
Outcome = AttemptDeparture.Outcome
Reason = CustomerCommunication.Reason
DIGEST = DeliveryAttempt._meta.get_field("body_digest")
Begun = list[tuple[DeliveryAttempt, EmailCall | SmsCall]]


def begin(attempts: list[DeliveryAttempt], *, now: dt.datetime | None = None) -> Begun:
    """Commit calls as begun and return what to send; what may not go has left its call.

    For each call that is returned exactly one attempt is made at it, come what may. One that
    makes the gate fail is passed over, and its lease frees the messages.

    Args:
        attempts: calls of one dispatch and channel.
        now: a frozen clock; else the database's, read once the rows are ours.
    """
    if not attempts:
        return []
    try:
        dispatch, drafts, is_spent = _begin(attempts, now=now)
    except Exception:
        # Rolled back as a whole: nothing was begun.
        names = ", ".join(str(attempt.pk) for attempt in attempts)
        logger.exception("The gate failed for attempts %s", names)
        if len(attempts) == 1:
            return []
        return [begun for attempt in attempts for begun in begin([attempt], now=now)]
    if is_spent:
        _pause_spent(dispatch, now=now)
    return [(draft.attempt, draft.call) for draft in drafts]


def _pause_spent(dispatch: Dispatch, *, now: dt.datetime | None) -> None:
    try:
        budgets.pause_spent(dispatch, now=now or clock.database_now())
    except Exception:
        # The calls have begun and must be made. The gate says the same again next time.
        logger.exception("%s could not be paused", dispatch)


@transaction.atomic
def _begin(
    attempts: list[DeliveryAttempt], *, now: dt.datetime | None
) -> tuple[Dispatch, list[Draft], bool]:
    """The dispatch, the calls that begin, and whether its money did not reach for somebody."""
    dispatch = hold.hold_dispatch(attempts[0].dispatch_id)
    leases = hold.hold_attempts(attempts, states=[State.CLAIMED])
    now = now or clock.database_now()  # after the locks: waiting for them took its time
    ours = [a for a in attempts if a.pk in leases and leases[a.pk] > now]
    if not ours or _is_held_up(ours, dispatch=dispatch, now=now):
        return dispatch, [], False
    contents, topics = _contents_and_topics(ours)
    refused = _refusals(ours, dispatch=dispatch, topics=topics, now=now)
    ids = [attempt.pk for attempt in ours]
    moment = compliance.Beginning(ids, dispatch=dispatch, channel=ours[0].channel, now=now)
    turns = moment.turns()
    never, later = in_time.sorted_out(turns, without=refused)
    refused |= never
    drafts, failed = compose.drafts(
        ours, dispatch=dispatch, contents=contents, without={*refused, *later}, now=now
    )
    refused |= dict.fromkeys(failed, Reason.RENDER_ERROR)
    _price_texts(drafts)
    # From here on the gates of one organisation wait for each other.
    over = moment.over_cap([pk for draft in drafts for pk in draft.ids])
    refused |= dict.fromkeys(over, Reason.FREQUENCY_CAP)
    line = in_time.line_up(_without(drafts, over), turns=turns, moment=moment, now=now)
    missed, next_time = in_time.sorted_out(line.late)
    _block(refused | missed, dispatch=dispatch, now=now)
    in_time.put_off(later, dispatch=dispatch, reason=QUIET, now=now)
    in_time.put_off(next_time, dispatch=dispatch, reason=TOO_LATE, now=now)
    drafts, dear = _reserve(line.drafts, dispatch=dispatch, now=now)
    line.keep(drafts)
    _commit(drafts, now=now)
    begun = {draft.attempt.pk for draft in drafts}
    if empty := [attempt for attempt in ours if attempt.pk not in begun]:
        leave.release_all(empty, reason="nobody left", states=[State.CLAIMED], now=now)
    return dispatch, drafts, bool(dear)


def _is_held_up(ours: list[DeliveryAttempt], *, dispatch: Dispatch, now: dt.datetime) -> bool:
    """Whether none of the calls may begin now; then their messages wait again."""
    if dispatch.state != Dispatch.State.RUNNING or dispatch.starts_at > now:
        reason, not_before = f"dispatch {dispatch.state}", None
    elif dispatch.waits_for_its_shop:
        reason, not_before = "the shop is suspended", None
    else:
        account = ours[0].account
        permit = breaker.permits(account, now=now) if account else breaker.FREE
        if permit.calls is None or permit.calls >= len(ours):
            return False
        reason, not_before = "no calls to the provider", now + dt.timedelta(seconds=permit.wait)
    leave.release_all(ours, reason=reason, not_before=not_before, now=now)
    return True


def _contents_and_topics(ours: list[DeliveryAttempt]) -> tuple[set[int], set[str]]:
    members = CustomerCommunication.objects.filter(attempt__in=[attempt.pk for attempt in ours])
    pairs = members.order_by().values_list("content_id", "topic").distinct()
    return {content_id for content_id, _ in pairs}, {topic for _, topic in pairs}


def _refusals(
    ours: list[DeliveryAttempt], *, dispatch: Dispatch, topics: Collection[str], now: dt.datetime
) -> dict[int, str]:
    ids, channel = [attempt.pk for attempt in ours], ours[0].channel
    refused: dict[int, str] = {}
    for topic in topics:
        refused |= compliance.refusals(
            ids, dispatch=dispatch, channel=channel, topic=topic, now=now
        )
    return refused


def _block(refused: Mapping[int, str], *, dispatch: Dispatch, now: dt.datetime) -> None:
    by_reason = defaultdict(list)
    for pk, reason in refused.items():
        by_reason[reason].append(pk)
    for reason, ids in by_reason.items():
        leave.depart_all(
            leave.calls_of(ids),
            shop_id=dispatch.shop_id,
            outcome=Outcome.BLOCKED,
            reason=reason,
            now=now,
        )


def _without(drafts: list[Draft], ids: Collection[int]) -> list[Draft]:
    return [left for draft in drafts if (left := draft.without(ids))] if ids else drafts


def _price_texts(drafts: list[Draft]) -> None:
    """Emails have their price since they were claimed; a text's is known now."""
    alike = defaultdict(list)
    for draft in drafts:
        for pk, micros in draft.costs.items():
            if draft.parts:
                alike[draft.parts, micros].append(pk)
    for (parts, micros), ids in alike.items():
        members = CustomerCommunication.objects.filter(pk__in=ids)
        members.update(segments=parts, cost_micros=micros)


def _reserve(
    drafts: list[Draft], *, dispatch: Dispatch, now: dt.datetime
) -> tuple[list[Draft], set[int]]:
    """The calls without those messages that the budget does not reach for; they wait again."""
    if dispatch.kind == Dispatch.Kind.TRANSACTIONAL:
        return drafts, set()
    costs = {draft.attempt.pk: list(draft.costs.items()) for draft in drafts}
    dear = budgets.reserve(dispatch=dispatch, costs=costs, now=now)
    if not dear:
        return drafts, dear
    leave.depart_all(
        leave.calls_of(dear),
        shop_id=dispatch.shop_id,
        outcome=Outcome.REQUEUED,
        reason="the budget is spent",
        now=now,
    )
    return _without(drafts, dear), dear


def _commit(drafts: list[Draft], *, now: dt.datetime) -> None:
    """From the commit of this on, the calls may have happened."""
    if not drafts:
        return
    transitions.move(
        DeliveryAttempt.objects.filter(pk__in=[draft.attempt.pk for draft in drafts]),
        to=State.SENDING,
        from_=[State.CLAIMED],
        now=now,
        sending_at=now,
        call_deadline=now + CALL_TIME,
        sender=drafts[0].call.sender.address,
        body_digest=Each({draft.attempt.pk: draft.body_digest for draft in drafts}, DIGEST),
    )
