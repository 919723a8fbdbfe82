"""Segments that the shop has saved, with weeks of looks at who was in them."""

import datetime as dt

from customers.models import CustomerSegment
from customers.segments import ready, watching

KEYS = ("regular", "at-risk", "lapsed", "first-visit-only")
WEEKS = 6


def keep(shop, *, by, now: dt.datetime) -> list[CustomerSegment]:
    """Take ready ones as the owner would have, and look at them every week since then."""
    start = now - dt.timedelta(weeks=WEEKS)
    kept = [ready.take(ready.find(shop, key), shop=shop, by=by, now=start)[0] for key in KEYS]
    for week in range(1, WEEKS + 1):
        for segment in kept:
            watching.look(segment, now=start + dt.timedelta(weeks=week))
    return kept
