"""``make bench``: a campaign, beside what most people write and what the machine could do."""

import argparse
import os
import platform
import sys
import time

from benchmarks.sending import baseline, figures, product
from benchmarks.sending.figures import Figures
from benchmarks.sending.place import Place, place
from benchmarks.sending.processes import Failed, output_of
from benchmarks.sending.report import Promise, print_promises, print_table

AT_LEAST = 5_000  # messages a second
TIMES_THE_BASELINE = 15
FLAT = 1.2  # peak memory of the large campaign, as a multiple of the small one's


def main() -> int:
    options = _options()
    print(
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, Python "
        f"{platform.python_version()}; provider on loopback, no latency; "
        f"medians of {options.runs} runs, the product's once",
        flush=True,
    )
    began = time.monotonic()
    try:
        with place(with_sandbox=options.sandbox) as here:
            kept = _run(here, options)
    except Failed as failed:
        print(f"FAILED: {failed}", file=sys.stderr)
        return 1
    print(f"in {time.monotonic() - began:.0f} s")
    return 0 if kept else 1


def _run(here: Place, options: argparse.Namespace) -> bool:
    product.prepare(here)
    rows: dict[str, Figures] = {}
    if not options.skip_baseline:
        runs = baseline.run(here, messages=options.baseline, runs=options.runs)
        rows["Celery, one task per message, 4 processes"] = naive = _said("baseline", runs)
    module = ["-m", "benchmarks.sending.limit", here.recorder.url]
    rows["plain Python, two writes per row (limit)"] = limit = _said(
        "limit", _own(here, module, options)
    )
    rows["anymail batch, no ledger"] = batch = _said(
        "anymail batch", _own(here, ["-m", "benchmarks.sending.batch"], options)
    )
    sent: dict[int, Figures] = {}
    for people in (options.small, options.people):
        audience = product.write_audience(here, people=people)
        _say_audience(audience)
        sent[people] = product.send(here, dispatch=audience.dispatch, messages=people)
        rows[f"the product, {people:,} people, full ledger"] = sent[people]
    print_table(rows)
    large, small = sent[options.people], sent[options.small]
    print(f"the product is {large.rate / limit.rate:.2f} of the limit, ", end="")
    print(f"{large.rate / batch.rate:.2f} x anymail's batch without a ledger")
    promises = [
        Promise("messages a second, one process", large.rate, at_least=AT_LEAST),
        Promise(
            f"peak memory, {options.small:,} to {options.people:,}: times",
            large.peak_mb / small.peak_mb,
            at_most=FLAT,
        ),
    ]
    if not options.skip_baseline:
        times = large.rate / naive.rate
        promises.append(Promise("times the baseline", times, at_least=TIMES_THE_BASELINE))
    return print_promises(promises)


def _own(here: Place, module: list[str], options: argparse.Namespace) -> list[Figures]:
    """The runs of a program that measures itself; what it says it sent must have arrived."""
    here.recorder.counted()
    arguments = [*module, str(options.quick), str(options.runs)]
    runs = figures.read(output_of(arguments, env=here.env, seconds=300))
    arrived = here.recorder.counted().recipients
    if arrived != options.quick * options.runs:
        raise Failed(f"{module[1]} sent {arrived:,} messages.")
    return runs


def _said(name: str, runs: list[Figures]) -> Figures:
    print(f"{name}: {figures.spread(runs)} messages/s", flush=True)
    return Figures.middle(runs)


def _say_audience(audience: product.Audience) -> None:
    written = audience.figures
    bare = written.messages / audience.bare_seconds
    print(
        f"audience of {written.messages:,}: {written.rate:,.0f} people/s "
        f"({written.per_1000(written.cpu):.3f} CPU s per 1,000 in the process, "
        f"{written.peak_mb:.0f} MB); "
        f"a bare INSERT ... SELECT of the same rows: {bare:,.0f}/s, "
        f"{bare / written.rate:.1f} x as fast",
        flush=True,
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    add = parser.add_argument
    add("--people", type=int, default=100_000, help="the large campaign")
    add("--small", type=int, default=10_000, help="the small one, for the growth of memory")
    add("--baseline", type=int, default=2_000, help="messages of one run of the baseline")
    add("--quick", type=int, default=20_000, help="messages of one run of limit and batch")
    add("--runs", type=int, default=3, help="of baseline, limit and batch")
    add("--skip-baseline", action="store_true", help="where there is no redis-server")
    add("--sandbox", action="store_true", help="the product sends to manage.py sandbox instead")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
