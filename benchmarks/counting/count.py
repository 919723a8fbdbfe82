"""The live counts of one shop, measured: ``python -m benchmarks.counting.count SHOP TIMES``.

Prints one JSON line for each rule, with the seconds that it may take.
"""

import json
import sys
import time
from statistics import median

import django

AT_ONCE = 1.0  # seconds
# How often somebody received or opened is counted over all messages of the window.
OVER_MESSAGES = 5.0
SLOWER = {"received 2 messages in 90 days, opened none": OVER_MESSAGES}
RULES = {
    "everybody": {},
    "lapsed: last visit 60 days ago or more": {"last_visit_days": {"min": 60}},
    "lapsed regulars: and at least 2 visits": {
        "last_visit_days": {"min": 60},
        "visit_count": {"min": 2},
    },
    "came at least twice in the last 180 days": {"visit_count": {"min": 2, "days": 180}},
    "top third by spending, nothing booked": {
        "spending_tier": "high",
        "has_upcoming_booking": False,
    },
    "a tree: birthday or regular, and never clicked": {
        "any": [{"birthday_month": 6}, {"visit_count": {"min": 4}}],
        "not": {"clicked": {"days": 180}},
    },
    "received 2 messages in 90 days, opened none": {
        "received": {"times": 2, "days": 90},
        "not": {"opened": {"days": 90}},
    },
}


def main(shop_id: int, times: int) -> None:
    django.setup()
    from django.utils import timezone

    from barbershop.models import Barbershop
    from customers import criteria

    shop = Barbershop.objects.get(pk=shop_id)
    for name, rule in RULES.items():
        seconds = []
        for _ in range(times):
            began = time.perf_counter()
            found = criteria.parse(rule).select(shop=shop, now=timezone.now()).count()
            seconds.append(time.perf_counter() - began)
        within = SLOWER.get(name, AT_ONCE)
        line = {"rule": name, "count": found, "seconds": median(seconds), "within": within}
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
