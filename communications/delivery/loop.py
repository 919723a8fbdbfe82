"""The sending loop: claim, gate, call, record; round and round over what is due.

This thread alone talks to the database. While calls are on the wire it claims and gates the next
ones, and writes answers down as they come (docs/adr/0007).
"""

import datetime as dt
import logging
import math
from collections import deque
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from functools import partial
from time import monotonic, sleep

from django.db import InterfaceError, OperationalError, transaction

from communications import outbox
from communications.channels import CHANNELS, Answer, DeliveryError, EmailCall, Failure
from communications.delivery import claim, clock, gate, leave, rate, record
from communications.delivery.inflight import in_flight
from communications.delivery.turns import Turn, Turns
from communications.models import DeliveryAttempt
from customers.channels import Channel

logger = logging.getLogger(__name__)

DEADLINE = 25.0  # seconds for one whole call; a client's own timeout is per read
SLICE = 1.0  # seconds between two looks at ``stop`` while waiting for a limit
PATIENCE = 5.0  # seconds; for a limit that lets nothing go for longer, no worker waits
IN_VAIN = 3  # such waits in a row: other workers take what there is
MANY = 10  # calls on the wire, from which on their answers are written down together
TOGETHER = 0.01  # seconds in which those gather


def send_due(
    *,
    limit: int | None = None,
    stop: Callable[[], bool] = lambda: False,
    now: dt.datetime | None = None,
) -> int:
    """Send what is due, shop by shop in turn, until nothing is.

    Where only a rate limit stands in the way it waits for the next moment at which one may go.

    Args:
        limit: take no more messages than this into calls.
        stop: asked between calls; what was begun is answered and written down first.
        now: a frozen clock for the whole pass, which then waits for no limit; else the database's.

    Returns:
        How many messages were in the calls that the gate looked at, blocked ones included.
    """
    run = _Run(limit=limit, stop=stop, now=now)
    try:
        while run.go_on():
            pass
        run.put_back_smaller()
    finally:
        run.keep_the_unheard()
    outbox.finish_idle(now=run.now())
    return run.handled


class _Run:
    """One call of ``send_due``: what it may still begin, and what it has on the wire."""

    def __init__(self, *, limit: int | None, stop: Callable[[], bool], now: dt.datetime | None):
        self.limit = limit
        self.stop = stop
        self.frozen = now
        self.handled = 0
        self.turns = Turns()
        # What is on the wire, with the monotonic moment at which it is given up.
        self.calls: dict[Future[Answer], tuple[DeliveryAttempt, float]] = {
            future: (attempt, math.inf)
            for channel in Channel.values
            for attempt, future in in_flight(channel).late_answers()
        }
        self.smaller: deque[DeliveryAttempt] = deque()  # halves of calls that were refused
        self.ask_at: dict[tuple, float] = {}  # monotonic; by shop and channel that a limit holds
        self.in_vain = 0

    def now(self) -> dt.datetime:
        return self.frozen or clock.database_now()

    def go_on(self) -> bool:
        """One round; False when there is nothing to do, nor to wait for."""
        self._write_down()
        if self.stop():
            self.put_back_smaller()
            return self._wait_for_answers()
        has_begun = self._begin_smaller() + self._round()
        return bool(has_begun) or self._wait_for_answers() or self._wait_for_a_limit()

    def put_back_smaller(self) -> None:
        """Halves that found no place, or that a stop came before: they wait in the ledger."""
        while self.smaller:
            with transaction.atomic():
                leave.release(
                    self.smaller.popleft(),
                    reason="not begun any more",
                    now=self.now(),
                    states=[DeliveryAttempt.State.CLAIMED],
                )

    def keep_the_unheard(self) -> None:
        """After a fault: answers that could not be written down are there for the next run."""
        for future, (attempt, _) in self.calls.items():
            in_flight(attempt.channel).is_unheard(attempt, future)

    # --- beginning

    def _left(self) -> int | None:
        return None if self.limit is None else self.limit - self.handled

    def _round(self) -> int:
        """Give each shop its turn; how many calls were claimed."""
        if self._left() == 0:
            return 0
        turns = self.turns.due(now=self.now())
        asked_before = self.ask_at
        self.ask_at = {t.shop: asked_before[t.shop] for t in turns if t.shop in asked_before}
        claimed, is_vain = 0, False
        for turn in turns:
            if self._left() == 0 or self.stop():
                break
            if monotonic() < self.ask_at.get(turn.shop, 0):
                continue
            claimed += self._serve(turn)
            is_vain |= turn.shop in asked_before and turn.shop in self.ask_at
            self._write_down()
        self.in_vain = 0 if claimed else self.in_vain + is_vain
        return claimed

    def _serve(self, turn: Turn) -> int:
        """Claim for one dispatch and channel what there are places for, and begin it."""
        self.ask_at.pop(turn.shop, None)
        places, owner, left = in_flight(turn.channel), turn.dispatch.shop_id, self._left()
        is_email = turn.channel == Channel.EMAIL
        wanted = 1 if is_email else min(claim.SMS_BATCH, left or claim.SMS_BATCH)
        reserved = places.reserve(wanted, owner=owner)
        if not reserved:
            return 0
        attempts: list[DeliveryAttempt] = []
        try:
            attempts = claim.claim(
                dispatch=turn.dispatch,
                channel=turn.channel,
                now=self.frozen,
                limit=left if is_email else reserved,
                held_up=partial(self._ask_later, turn),
            )
        finally:
            places.give_back(reserved - len(attempts), owner=owner)
        self.turns.was_served(turn, attempts)
        self.handled += sum(attempt.message_count for attempt in attempts)
        self._begin(attempts)
        return len(attempts)

    def _ask_later(self, turn: Turn, seconds: float) -> None:
        self.ask_at[turn.shop] = math.inf if self.frozen else monotonic() + seconds

    def _begin_smaller(self) -> int:
        begun = 0
        while self.smaller:
            attempt = self.smaller[0]
            if not in_flight(attempt.channel).reserve(owner=attempt.shop_id):
                break
            self._begin([self.smaller.popleft()])
            begun += 1
        return begun

    def _begin(self, attempts: list[DeliveryAttempt]) -> None:
        """Gate calls for which places are reserved, and put them on the wire."""
        if not attempts:
            return
        one = attempts[0]
        places = in_flight(one.channel)
        # The latest moment from which a call still ends before its deadline in the ledger.
        before = monotonic() + gate.CALL_TIME.total_seconds() - DEADLINE
        calls = gate.begin(attempts, now=self.frozen)
        for attempt, call in calls:
            send = CHANNELS[attempt.channel].send
            future = places.begin(send, call, owner=attempt.shop_id, before=before)
            self.calls[future] = (attempt, monotonic() + DEADLINE)
        places.give_back(len(attempts) - len(calls), owner=one.shop_id)
        unused = sum(a.message_count for a in attempts) - sum(_people(call) for _, call in calls)
        if unused and one.account:
            rate.give_back(account=one.account, sender=one.sender, messages=unused, now=self.now())
            self.ask_at.pop((one.channel, one.shop_id), None)  # others may go instead

    # --- answers

    def _write_down(self) -> None:
        """Record what was answered, and give up what is overdue."""
        ended = [future for future in self.calls if future.done()]
        accepted = [future for future in ended if not future.exception()]
        self._accept(accepted)
        for future in ended:
            if future in self.calls:
                self._fail(future, _error(future))
        overdue = [f for f, (_, until) in self.calls.items() if until < monotonic()]
        for future in overdue:
            attempt, _ = self.calls[future]
            in_flight(attempt.channel).is_unheard(attempt, future)
            late = DeliveryError("no answer in time", failure=Failure.UNKNOWN, code="timeout")
            self._fail(future, late)

    def _accept(self, futures: list[Future[Answer]]) -> None:
        if not futures:
            return
        answers = [(self.calls[future][0], future.result()) for future in futures]
        try:
            record.accepted_all(answers, now=self.now())
        except (OperationalError, InterfaceError):
            raise  # no database: the next run writes them down
        except Exception:
            logger.exception("%s answers could not be written down", len(futures))
            if len(futures) > 1:  # one of them must not hold the others
                for future in futures:
                    self._accept([future])
                return
        for future in futures:
            del self.calls[future]

    def _fail(self, future: Future[Answer], error: DeliveryError) -> None:
        attempt, _ = self.calls[future]
        try:
            self.smaller += record.failed(attempt, error, now=self.now())
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            # Its deadline passes, and then the sweeper writes it down as unknown.
            logger.exception("The failure of attempt %s could not be written down", attempt.pk)
        del self.calls[future]

    # --- waiting

    def _wait_for_answers(self) -> bool:
        if not self.calls:
            return False
        now = monotonic()
        moments = [until for _, until in self.calls.values()]
        moments += [at for at in self.ask_at.values() if at > now]
        wait(self.calls, timeout=max(0.0, min(moments) - now), return_when=FIRST_COMPLETED)
        if len(self.calls) > MANY:
            wait(self.calls, timeout=TOGETHER)
        return True

    def _wait_for_a_limit(self) -> bool:
        now = monotonic()
        soon = [at - now for at in self.ask_at.values() if at - now <= PATIENCE]
        if not soon or self._left() == 0 or self.in_vain >= IN_VAIN:
            return False
        sleep(max(0.0, min(SLICE, *soon)))
        return True


def _people(call) -> int:
    return len(call.personalizations) if isinstance(call, EmailCall) else 1


def _error(future: Future[Answer]) -> DeliveryError:
    error = future.exception()
    if isinstance(error, DeliveryError):
        return error
    # A fault of ours, after the call was committed as begun: it may have been taken.
    logger.error("A call ended in a fault", exc_info=error)
    return DeliveryError(repr(error), failure=Failure.UNKNOWN, code="fault")
