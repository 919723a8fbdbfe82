"""``make chaos``: see ``--help``."""

import argparse
import shutil
import sys
import time
from pathlib import Path

from benchmarks.chaos import books, cold, recovery, table
from benchmarks.chaos.calm import Calm
from benchmarks.chaos.house import POSTGRESQL, SQLITE, House, Plan
from benchmarks.chaos.servers import Missing
from benchmarks.chaos.shop import Shop
from benchmarks.chaos.storm import Force, Storm

FAULTS = {
    "500_after": 0.03,
    "500_before": 0.03,
    "drop_after_accept": 0.03,
    "429": 0.01,
    "hang": 0.003,
    "slow": 0.05,
    "400_index": 0.02,
    "400_plain": 0.02,
    "413": 0.01,
    "events_duplicated": 0.1,
    "events_shuffled": 0.1,
    "events_early": 0.05,
    "events_none": 0.02,
}
# Half of the people in one campaign, whose calls are as full as they can be; the others in many
# small ones, so that there are many calls to strike at.
SMALL = 150


def main() -> int:
    options = _options()
    kept = True
    run = _recovery if options.recovery else _cold_start if options.cold_start else storm
    for database in [SQLITE, POSTGRESQL] if options.database == "both" else [options.database]:
        try:
            kept &= run(database, options)
        except Missing as missing:
            print(f"{missing}: {database} was NOT run", file=sys.stderr)
            kept = False
    return 0 if kept else 1


def storm(database: str, options: argparse.Namespace) -> bool:
    """One run on one database; prints its table. Whether every promise was kept."""
    began = time.monotonic()
    force = Force() if database == POSTGRESQL else Force(kills=28, stalls=2)
    if options.kills is not None:
        share = options.kills / force.kills
        force = Force(
            kills=options.kills,
            **{n: round(getattr(force, n) * share) for n in ("stalls", "pauses", "cancels")},
            **{n: 2 * round(getattr(force, n) * share / 2) for n in ("redis", "postgres")},
        )
    plan = _plan(database, seed=options.seed, faults=FAULTS)
    print(
        f"{database}: {options.recipients:,} people, {force.kills} kills, seed {options.seed}",
        flush=True,
    )
    with House(plan) as house:
        shop = Shop(house, sizes(options.recipients))
        shop.open()
        house.start_senders()
        outage = Storm(house, shop, force, seed=options.seed)
        outage.blow()
        print(
            f"  the storm is over after {time.monotonic() - began:.0f} s; waiting for the rest",
            flush=True,
        )
        calm = Calm(house, shop)
        calm.settle()
        minutes = calm.look_up()
        found = books.read(house, shop, outage.pauses)
        title = f"chaos on {database}, {options.recipients:,} people, seed {options.seed}"
        done = {**outage.done, "seconds in all": round(time.monotonic() - began)}
        notes = [f"for look-ups the clock was moved by {minutes} minutes instead of waiting"]
        lines = table.lines(
            title=title,
            done=done,
            provider=house.provider.stats(),
            raised=house.tree.exceptions(),
            books=found,
            notes=notes,
        )
        if options.logs:
            shutil.copytree(
                house.folder,
                options.logs / database,
                ignore=lambda _, names: [name for name in names if not name.endswith(".log")],
                dirs_exist_ok=True,
            )
    print(*lines, sep="\n", flush=True)
    return found.kept


def sizes(recipients: int) -> list[int]:
    """How many people each campaign addresses."""
    large = recipients // 2
    small = recipients - large
    number = max(1, small // SMALL)
    return [large, *(small // number + (n < small % number) for n in range(number))]


def _recovery(database: str, options: argparse.Namespace) -> bool:
    with House(_plan(database, seed=options.seed, story_seconds=5)) as house:
        shop = recovery.shop_for(house)
        shop.open()
        found = recovery.measure(house, shop)
    print(f"\n{database}: seconds from a sender's death until its messages were settled")
    for each in found:
        late = "" if each.seconds <= recovery.PROMISED_SECONDS else "   NOT AS PROMISED"
        states = ", ".join(each.states)
        print(f"  {each.channel:<6}{each.point:<10}{each.seconds:>6.0f}  {states}{late}")
    print(f"  promised: {recovery.PROMISED_SECONDS}", flush=True)
    whole = len(found) == len(recovery.cases())
    return whole and all(each.seconds <= recovery.PROMISED_SECONDS for each in found)


def _cold_start(database: str, options: argparse.Namespace) -> bool:
    plan = _plan(database, seed=options.seed, senders=6, faults={"slow": 0.5})
    with House(plan) as house:
        shop = Shop(house, [options.recipients // 5], kinds=[("sms",)], text_share=1.0)
        shop.open()
        found = cold.cold_start(house, shop, seed=options.seed, latest=8)
    print(
        f"{database}: killed after {found.after:.1f} s and {found.calls_before} calls; sent again "
        f"{found.seconds:.1f} s after the cold start (promised: {cold.PROMISED_SECONDS})",
        flush=True,
    )
    return found.seconds <= cold.PROMISED_SECONDS


def _plan(database: str, **choices) -> Plan:
    """PostgreSQL: six workers. SQLite: the loop that needs none, unless chosen otherwise."""
    senders = choices.pop("senders", 6 if database == POSTGRESQL else 0)
    return Plan(
        database=database, senders=1 if senders and database == SQLITE else senders, **choices
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make chaos ARGS=...", description=__doc__)
    parser.add_argument("--recipients", type=int, default=20_000, help="people, each on 2 channels")
    parser.add_argument("--seed", type=int, default=1, help="of strokes, faults and behaviour")
    parser.add_argument("--database", choices=[SQLITE, POSTGRESQL, "both"], default="both")
    parser.add_argument("--kills", type=int, help="default: 45 on PostgreSQL, 28 on SQLite")
    parser.add_argument("--logs", type=Path, metavar="FOLDER", help="keep the programs' logs here")
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument("--recovery", action="store_true", help="only: recovery from each point")
    instead.add_argument(
        "--cold-start", action="store_true", help="only: everything killed at once"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
