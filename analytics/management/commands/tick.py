"""Everything the clock does, once, at a given moment."""

import argparse
import datetime as dt

from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from analytics import alerts
from campaigns import attribution, execution, referrals
from communications import delivery, events
from communications.delivery import resolve
from customers import erasure
from customers.segments import watching


class Command(BaseCommand):
    help = (
        "Do once, in order, what beat does: start what is scheduled, write audiences, send what "
        "is due, sweep up, fold the providers' events, credit bookings, reward friends, look "
        "at segments, raise alerts."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--now",
            type=moment,
            default=None,
            help="an ISO 8601 moment with its offset, such as 2026-11-02T09:00:00-05:00",
        )

    def handle(self, *, now, **_):
        now = now or timezone.now()
        steps = (
            ("campaigns started", lambda: len(execution.start_due(now=now))),
            ("customers written", lambda: execution.run_waiting(now=now)),
            ("messages sent", lambda: delivery.send_due(now=now)),
            ("rows swept", lambda: delivery.sweep(now=now)),
            ("events folded", lambda: events.fold(now=now)),
            ("unknown calls resolved", lambda: resolve.resolve_unknown(now=now)),
            ("credits changed", lambda: attribution.credit(now=now)),
            ("friends rewarded", lambda: referrals.reward(now=now)),
            ("segments looked at", lambda: watching.watch(now=now)),
            ("erased people swept", lambda: erasure.sweep(now=now)),
            ("alerts opened", lambda: alerts.watch(now=now)),
        )
        for words, step in steps:
            self.stdout.write(f"{words}: {step() or 0}")


def moment(text: str) -> dt.datetime:
    """An aware moment from ISO 8601 text, for ``--now``."""
    try:
        found = parse_datetime(text)
    except ValueError:
        found = None
    if found is None:
        raise argparse.ArgumentTypeError(
            f"{text} is not an ISO 8601 moment such as 2026-11-02T09:00:00Z."
        )
    if timezone.is_naive(found):
        whole = found.isoformat()
        raise argparse.ArgumentTypeError(
            f"{text}: add the offset, for example {whole}Z or {whole}-05:00."
        )
    return found
