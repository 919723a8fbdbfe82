"""The sending loop without Celery: the same work, in this process."""

import datetime as dt
import logging
import math
import signal
import threading
from time import monotonic

from django.core.management.base import BaseCommand
from django.db import close_old_connections
from django.utils import timezone

from campaigns import attribution, execution, referrals, tasks
from communications import delivery, events
from communications.delivery import resolve

logger = logging.getLogger(__name__)
# Seconds of sending before reports are folded and leases swept in between.
LONGEST_SENDING = 20
# Seconds between two looks at what dead workers and lost answers left behind. With a whole round
# of sending in between it is still no more than the 30 of beat.
UPKEEP_EVERY = 10
CREDIT_ALL_EVERY = dt.timedelta(hours=1)


class Command(BaseCommand):
    help = "Send what is due: once, or in a loop until stopped."
    _credited_all_at: dt.datetime | None = None
    _upkeep_at = -math.inf  # monotonic; at the start of the process it is due

    def add_arguments(self, parser):
        how = parser.add_mutually_exclusive_group(required=True)
        how.add_argument("--once", action="store_true", help="Send what is due and stop.")
        how.add_argument("--loop", action="store_true", help="Go on until SIGINT or SIGTERM.")
        parser.add_argument(
            "--every", type=float, default=1.0, metavar="SECONDS", help="Pause between rounds."
        )

    def handle(self, *, once: bool, loop: bool, every: float, **options):
        stop = threading.Event()
        if loop:
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, lambda *_: stop.set())
        while True:
            longest = math.inf if once else LONGEST_SENDING
            sent = self._round(now=timezone.now(), stop=stop, longest=longest)
            if sent:
                self.stdout.write(f"{sent} messages in calls begun")
            elif once:
                self.stdout.write("nothing to send")
            if once or stop.wait(every):
                return
            close_old_connections()

    def _round(self, *, now: dt.datetime, stop: threading.Event, longest: float) -> int:
        until = monotonic() + longest
        is_upkeep = monotonic() >= self._upkeep_at
        if is_upkeep:
            self._upkeep_at = monotonic() + UPKEEP_EVERY
            self._step(delivery.sweep)
        self._step(execution.start_due)
        self._step(execution.run_waiting)
        sent = self._step(delivery.send_due, stop=lambda: stop.is_set() or monotonic() > until)
        self._step(events.fold)
        if is_upkeep:  # after the reports: they may have settled what would be looked up
            self._step(resolve.resolve_unknown, stop=stop.is_set)
            self._step(referrals.reward, now=now)
        self._step(self._credit, now=now)
        return sent or 0

    def _step(self, work, **kwargs):
        try:
            return work(**kwargs)
        except Exception:  # a deadlock or a restarted database must not end the sending
            logger.exception("%s failed; it is tried again in the next round", work.__qualname__)
            close_old_connections()
            return None

    def _credit(self, *, now: dt.datetime) -> None:
        """What changed lately in each round, everything at first and once an hour."""
        last = self._credited_all_at
        if last is not None and now - last < CREDIT_ALL_EVERY:
            attribution.credit(changed_since=now - tasks.RECENT, now=now)
            return
        attribution.credit(now=now)
        self._credited_all_at = now
