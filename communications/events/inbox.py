"""The inbox: verified events, stored once each before anybody tries to understand them."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from communications.models import ProviderEvent

_ROWS_PER_INSERT = 1000


@dataclass(frozen=True, slots=True)
class Reported:
    """One event as a provider told it; ``key`` is the same whenever it is told again.

    ``communication`` and ``attempt`` are our own ids, as far as they came back. Without
    ``occurred_at`` it happened when it was received. What has an ``error`` cannot be understood at
    all and is stored in quarantine.
    """

    key: str
    kind: str
    payload: dict[str, Any]
    communication: UUID | None = None
    attempt: UUID | None = None
    occurred_at: dt.datetime | None = None
    error: str = ""


def record(provider: str, events: Iterable[Reported], *, now: dt.datetime) -> int:
    """Store the events that are new, and return how many were given."""
    rows = [
        ProviderEvent(
            provider=provider,
            event_key=event.key,
            kind=event.kind,
            communication_uuid=event.communication,
            attempt_uuid=event.attempt,
            occurred_at=event.occurred_at or now,
            payload=event.payload,
            error=event.error,
            quarantined_at=now if event.error else None,
        )
        # In one order: two batches that share events then never wait for each other in a ring.
        for event in sorted(events, key=lambda event: event.key)
    ]
    ProviderEvent.objects.bulk_create(rows, batch_size=_ROWS_PER_INSERT, ignore_conflicts=True)
    return len(rows)
