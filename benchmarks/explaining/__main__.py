"""``python -m benchmarks.explaining``: is the explainer the engine, and the forecast the fact?

Builds a random world, foresees and freezes every campaign under a frozen clock of its own, and asks
the explainer about every (customer, campaign) pair: the verdict, the words, and the first rule that
does not pass must be those of the ledger.
"""

import argparse
import multiprocessing
import os
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from benchmarks.sending import place

SHOWN = 20
AT_ONCE = 50  # verdicts that are asked for together


def main() -> int:
    options = _options()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="explaining-")))
        url = f"sqlite:///{folder}/world.sqlite3"
        if options.database == "postgresql":
            url = place._database(stack)
        # An ordinary long code: the texts of a number of which nobody knows the speed never wait.
        number = {"TWILIO_PHONE_NUMBER": "+12125550100", "TWILIO_REGISTRATION": "CBENCH1"}
        os.environ.update(place.environment(folder, database_url=url) | number)
        return _run(options)


def _run(options) -> int:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connections
    from django.db.models import prefetch_related_objects

    from benchmarks.explaining import agreement, world

    call_command("migrate", verbosity=0)
    began = time.monotonic()
    found = world.build(seed=options.seed, people=options.people, campaigns=options.campaigns)
    moments = agreement.moments(found)
    print(f"seed {options.seed}: built in {time.monotonic() - began:.0f} s", flush=True)
    began = time.monotonic()
    frozen = [
        agreement.freeze(definition, now=now)
        for definition, now in zip(found.campaigns, moments, strict=True)
    ]
    rows = sum(len(rows) for each in frozen for rows in each.rows.values())
    print(
        f"{len(frozen)} campaigns foreseen and frozen, {rows:,} rows, in "
        f"{time.monotonic() - began:.0f} s",
        flush=True,
    )
    wrong = [
        f"{each.definition}: foreseen {agreement.buckets(each.forecast)}, written "
        f"{agreement.buckets(each.fact)}"
        for each in frozen
        if each.fact and agreement.buckets(each.forecast) != agreement.buckets(each.fact)
    ]
    prefetch_related_objects([found.shop], "closed_days")
    connections.close_all()
    began = time.monotonic()
    with multiprocessing.get_context("fork").Pool(
        options.processes, _work_on, (frozen, found.people)
    ) as pool:
        for said in pool.imap_unordered(_explain, range(len(frozen))):
            wrong += said
    seconds = time.monotonic() - began
    pairs = len(frozen) * len(found.people)
    print(
        f"{pairs:,} pairs explained with every rule in {seconds:.0f} s: "
        f"{pairs / seconds:,.0f} a second with {options.processes} processes"
    )
    print(f"{len(wrong)} disagreements")
    for line in wrong[:SHOWN]:
        print(f"  {line}")
    return 1 if wrong else 0


_work: tuple = ()


def _work_on(*work) -> None:
    global _work
    _work = work


def _explain(index: int) -> list[str]:
    from benchmarks.explaining import agreement

    frozen, people = _work
    return list(agreement.disagreements(frozen[index], people, at_once=AT_ONCE))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.explaining", description=__doc__)
    parser.add_argument("--people", type=int, default=500)
    parser.add_argument("--campaigns", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
