"""All families of one answer."""

import datetime as dt
import logging
from collections.abc import Iterator

from django.db import DatabaseError
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from communications.monitoring import ledger, processes
from communications.webhooks import counts

logger = logging.getLogger(__name__)


class Page(Collector):
    """What there is to tell at one moment. Without a database the rest is told, and that."""

    def __init__(self, *, now: dt.datetime):
        self.now = now

    def collect(self) -> Iterator[Metric]:
        try:
            known = list(ledger.families(now=self.now))
        except DatabaseError as error:
            logger.warning("Metrics without the database: %s", type(error).__name__)
            known = []
        yield GaugeMetricFamily(
            "barbershop_database_up", "1 when the database answered.", value=bool(known)
        )
        yield from known
        yield _requests()
        yield from processes.families()


def _requests() -> Metric:
    family = CounterMetricFamily(
        "barbershop_webhook_requests",
        "Requests to a webhook since the web server's files were made, by what became of them.",
        labels=("provider", "endpoint", "outcome"),
    )
    for key, number in counts.read().items():
        family.add_metric(key, number)
    return family
