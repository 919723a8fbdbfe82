"""The live counts of one shop, measured: ``python -m benchmarks.counting.count SHOP TIMES``.

Prints one JSON line for each rule.
"""

import json
import sys
import time
from statistics import median

import django

RULES = {
    "everybody": {},
    "lapsed: last visit 60 days ago or more": {"last_visit_days": {"min": 60}},
    "lapsed regulars: and at least 2 visits": {
        "last_visit_days": {"min": 60},
        "visit_count": {"min": 2},
    },
    "top third by spending, nothing booked": {
        "spending_tier": "high",
        "has_upcoming_booking": False,
    },
    "a tree: birthday or regular, and never clicked": {
        "any": [{"birthday_month": 6}, {"visit_count": {"min": 4}}],
        "not": {"clicked": {"days": 180}},
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
        print(json.dumps({"rule": name, "count": found, "seconds": median(seconds)}), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
