"""The sending loop without Celery: the same work, in this process."""

import signal
import threading

from django.core.management.base import BaseCommand
from django.db import close_old_connections

from campaigns import attribution, execution
from communications import delivery, events


class Command(BaseCommand):
    help = "Send what is due: once, or in a loop until stopped."

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
            sent = self._round()
            if sent or once:
                self.stdout.write(f"{sent} messages in calls begun")
            if once or stop.wait(every):
                return
            close_old_connections()

    def _round(self) -> int:
        execution.start_due()
        execution.run_waiting()
        delivery.sweep()
        sent = delivery.send_due()
        events.fold()
        attribution.credit()
        return sent
