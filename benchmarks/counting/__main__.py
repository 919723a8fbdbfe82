"""``make bench``: how long the count on screen takes, and writing a large audience down."""

import argparse
import json
import os
import platform
import sys
import time

from benchmarks.sending import figures, product
from benchmarks.sending.place import Place, place
from benchmarks.sending.processes import Failed, output_of
from benchmarks.sending.report import Promise, print_promises

TIMES_BARE = 2.0
SLOWEST = 1_500  # people per second; slower than that it is broken, not slow


def main() -> int:
    options = _options()
    print(
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, Python "
        f"{platform.python_version()}; {options.people:,} customers, "
        f"{options.people * 5:,} messages; medians of {options.times} counts",
        flush=True,
    )
    began = time.monotonic()
    try:
        with place() as here:
            kept = _run(here, options)
    except Failed as failed:
        print(f"FAILED: {failed}", file=sys.stderr)
        return 1
    print(f"in {time.monotonic() - began:.0f} s")
    return 0 if kept else 1


def _run(here: Place, options: argparse.Namespace) -> bool:
    product.prepare(here)
    patience = options.people / SLOWEST + 120
    began = time.monotonic()
    world = ["-m", "benchmarks.counting.world", str(options.people)]
    shop = output_of(world, env=here.env, seconds=patience).strip()
    print(f"written in {time.monotonic() - began:.0f} s", flush=True)
    promises = _counts(here, shop, options, patience=patience)
    if not options.skip_freeze:
        promises.append(_freeze(here, shop, options, patience=patience))
    return print_promises(promises)


def _counts(here: Place, shop: str, options, *, patience: float) -> list[Promise]:
    count = ["-m", "benchmarks.counting.count", shop, str(options.times)]
    promises = []
    for line in output_of(count, env=here.env, seconds=patience).splitlines():
        found = json.loads(line)
        print(f"{found['rule']:<48} {found['count']:>10,} in {found['seconds'] * 1000:>6,.0f} ms")
        name = f"seconds to count {found['rule']}:"
        promises.append(Promise(name, found["seconds"], at_most=found["within"]))
    return promises


def _freeze(here: Place, shop: str, options, *, patience: float) -> Promise:
    """Everybody is written down for one email campaign; then the same rows by bare statements."""
    write = ["-m", "benchmarks.sending.audience", shop, str(options.people)]
    output = output_of(write, env=here.env, seconds=patience)
    (measured,) = figures.read(output)
    bare = product.bare_insert(here, int(output.split()[-1]))
    print(
        f"audience of {measured.messages:,}: {measured.rate:,.0f} people/s in "
        f"{measured.seconds:.0f} s, {measured.peak_mb:.0f} MB; the same rows by a bare "
        f"INSERT ... SELECT: {bare:.0f} s"
    )
    return Promise("times a bare INSERT ... SELECT", measured.seconds / bare, at_most=TIMES_BARE)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.counting", description=__doc__)
    add = parser.add_argument
    add("--people", type=int, default=1_000_000)
    add("--times", type=int, default=5, help="each count is asked so often")
    add("--skip-freeze", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
