"""Texts within their hours: which of them wait, and how long the provider may keep the others."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from communications.channels import SmsCall
from communications.compliance import HAND_OVER, Beginning, Turn
from communications.delivery import drain, leave
from communications.delivery.compose import Draft
from communications.models import AttemptDeparture, Dispatch

# Twilio keeps a text for ten hours at most: twilio.com/docs/api/errors/90007, read 2026-11-22.
LONGEST_VALIDITY = 36_000  # seconds


def sorted_out(
    turns: Mapping[int, Turn], *, without: Collection[int] = ()
) -> tuple[dict[int, str], dict[int, dt.datetime]]:
    """Who never may and why, and who may later and when; by message, the rest may now."""
    asked = {pk: turn for pk, turn in turns.items() if pk not in without}
    never = {pk: str(turn.refusal) for pk, turn in asked.items() if turn.refusal}
    later = {pk: turn.not_before for pk, turn in asked.items() if turn.not_before}
    return never, later


def put_off(
    later: Mapping[int, dt.datetime], *, dispatch: Dispatch, reason: str, now: dt.datetime
) -> None:
    """These messages leave their calls and wait until then."""
    by_moment = defaultdict(list)
    for pk, moment in later.items():
        by_moment[moment].append(pk)
    for moment, ids in by_moment.items():
        leave.depart_all(
            leave.calls_of(ids),
            shop_id=dispatch.shop_id,
            outcome=AttemptDeparture.Outcome.REQUEUED,
            reason=reason,
            now=now,
            not_before=moment,
        )


@dataclass
class Line:
    """Texts that may go now, behind those that their number has in the provider's queue.

    Attributes:
        drafts: what leaves the queue before its hours end, each with how long it is valid.
        late: the turns of the others, after these hours.
    """

    drafts: list[Draft]
    late: dict[int, Turn]
    queue: drain.Queue | None

    def keep(self, begun: Iterable[Draft]) -> None:
        """Write down what is handed over."""
        if self.queue:
            self.queue.add(sum(draft.parts for draft in begun))
            self.queue.keep()


def line_up(
    drafts: list[Draft], *, turns: Mapping[int, Turn], moment: Beginning, now: dt.datetime
) -> Line:
    """Calls of one dispatch and channel, in the order in which they go; emails wait for nothing."""
    if not drafts or not isinstance(drafts[0].call, SmsCall):
        return Line(drafts, {}, None)
    first = drafts[0]
    queue = drain.queue(account=first.attempt.account, sender=first.call.sender, now=now)
    fitting, late, ahead = [], {}, 0
    for draft in drafts:
        (pk,) = draft.ids
        until = turns[pk].until if pk in turns else None
        if queue and until and not queue.fits(ahead + draft.parts, until=until - HAND_OVER):
            late[pk] = moment.next_turn(pk, turns[pk])
            continue
        ahead += draft.parts
        fitting.append(_valid(draft, until=until, now=now))
    return Line(fitting, late, queue)


def _valid(draft: Draft, *, until: dt.datetime | None, now: dt.datetime) -> Draft:
    """What is begun last arrives at the provider ``HAND_OVER`` from now; it counts from there."""
    if until is None:
        return draft
    seconds = int((until - now - HAND_OVER).total_seconds())
    seconds = min(max(seconds, 1), LONGEST_VALIDITY)
    return replace(draft, call=replace(draft.call, validity_seconds=seconds))
