"""The ledger beside the provider's record: the four numbers, and two more."""

import datetime as dt
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Set
from dataclasses import dataclass, field

from benchmarks.chaos.house import House
from benchmarks.chaos.provider import Arrival
from benchmarks.chaos.shop import Campaign, Pause, Shop

UNRESOLVED = frozenset({"claimed", "sending", "unknown", "not_sent"})
DENIED = frozenset({"pending", "blocked", "rejected", "cancelled", "not_sent"})
STATES = ("accepted", "blocked", "rejected", "cancelled", "unresolved", "pending")
READ = """
from django.core.management import call_command
for execution in {executions!r}:
    print("execution", execution)
    call_command("ledger", execution=execution)
"""


@dataclass(frozen=True)
class Books:
    """What does not agree, as ids; every one of these lists must be empty.

    Attributes:
        duplicates: addresses that were accepted more than once for one communication.
        lost: accepted here, never there.
        ghosts: there, denied here.
        held_back: unresolved here though the provider has them.
        after_a_pause: attempts that arrived in a pause and had not begun before it.
        sums: executions whose rows are not their audience.
        states: rows in each state; ``unresolved`` are those without an outcome.
        details: of each communication, what the ledger says.
        listed: whether the answers to pauses named the attempts already begun.
    """

    duplicates: list[str]
    lost: list[str]
    ghosts: list[str]
    held_back: list[str]
    after_a_pause: list[str]
    sums: list[str]
    states: Counter
    listed: bool
    pauses: int
    details: dict[str, str] = field(default_factory=dict)
    promises: dict[str, list[str]] = field(init=False)

    def __post_init__(self):
        promises = {
            "duplicate": self.duplicates,
            "lost": self.lost,
            "ghost": self.ghosts,
            "unresolved, but at the provider": self.held_back,
            "call begun after a pause": self.after_a_pause,
            "run whose rows are not its audience": self.sums,
        }
        object.__setattr__(self, "promises", promises)

    @property
    def kept(self) -> bool:
        return not any(self.promises.values())


def read(house: House, shop: Shop, pauses: Iterable[Pause] = ()) -> Books:
    """Read every ledger and compare it with what the provider recorded."""
    started = [campaign for campaign in shop.campaigns if campaign.execution]
    executions = shop.executions()
    return compare(
        _ledgers(house, started),
        record=house.provider.accepted(),
        audiences={c.execution: c.people * len(c.channels) for c in started},
        counts={each["id"]: each["counts"] for each in executions},
        cut_short={each["id"] for each in executions if each["status"] == "cancelled"},
        pauses=list(pauses),
        arrivals=house.provider.arrivals,
    )


def compare(
    ledgers: dict[int, list[dict]],
    *,
    record: list[dict],
    audiences: dict[int, int],
    counts: dict[int, dict],
    cut_short: Set[int] = frozenset(),
    pauses: list[Pause] = (),
    arrivals: list[Arrival] = (),
) -> Books:
    """Compare without asking anybody; see ``read`` for where each part comes from.

    Args:
        cut_short: cancelled runs, perhaps before their audience was written.
    """
    rows = {row["communication"]: row for lines in ledgers.values() for row in lines}
    there: Counter = Counter(line["communication"] for line in record)
    addresses = Counter((line["communication"], line["to"]) for line in record)
    state = {communication: row["state"] for communication, row in rows.items()}
    twice = {communication for (communication, _), times in addresses.items() if times > 1}
    return Books(
        duplicates=sorted(twice | {c for c, times in there.items() if times > 1}),
        lost=sorted(c for c, s in state.items() if s == "accepted" and c not in there),
        ghosts=sorted(c for c in there if state.get(c, "blocked") in DENIED),
        held_back=sorted(c for c in there if state.get(c) in UNRESOLVED - DENIED),
        after_a_pause=_after_a_pause(ledgers, rows, pauses, arrivals),
        sums=_wrong_sums(ledgers, audiences, counts, cut_short),
        states=_states(rows.values()),
        listed=all(pause.begun is not None for pause in pauses),
        pauses=len(pauses),
        details={c: _detail(row) for c, row in rows.items()},
    )


def _detail(row: dict) -> str:
    kept = ("channel", "state", "reason", "attempts", "sending_at", "accepted_at")
    return ", ".join(f"{name} {row[name]}" for name in kept if row.get(name))


def _ledgers(house: House, campaigns: list[Campaign]) -> dict[int, list[dict]]:
    script = READ.format(executions=[campaign.execution for campaign in campaigns])
    ledgers: dict[int, list[dict]] = defaultdict(list)
    execution = 0
    for line in house.forks.run("shell", "-v0", "-c", script).splitlines():
        if line.startswith("execution "):
            execution = int(line.split()[1])
            ledgers[execution] = []
        else:
            ledgers[execution].append(json.loads(line))
    return ledgers


def _states(rows: Iterable[dict]) -> Counter:
    states = (row["state"] for row in rows)
    return Counter("unresolved" if state in UNRESOLVED else state for state in states)


def _wrong_sums(ledgers, audiences, counts, cut_short) -> list[str]:
    """A row for everyone, each in a known state, and the same sums in the API."""
    wrong = []
    for execution, rows in ledgers.items():
        found, told = _states(rows), counts[execution]
        parts = (told[name] for name in STATES if name in told)
        in_the_api = sum(parts) + told["sent"] + told["unknown"]
        people = len({row["communication"] for row in rows})
        if not (
            set(found) <= set(STATES)
            and (people == audiences[execution] or execution in cut_short)
            and len(rows) == people == in_the_api == told["audience"]
            and told["sent"] == found["accepted"]
        ):
            wrong.append(f"execution {execution}: {dict(found)}, by the API {told}")
    return wrong


def _after_a_pause(ledgers, rows, pauses, arrivals) -> list[str]:
    """Calls that reached the provider within a pause and are not among those begun before it.

    Where the answer names none, the ledger's own time of beginning stands in.
    """
    run_of = {r["communication"]: execution for execution, lines in ledgers.items() for r in lines}
    late = []
    for pause in pauses:
        within = [
            arrival
            for arrival in arrivals
            if pause.confirmed_at < arrival.at < pause.until
            and run_of.get(arrival.communication) == pause.execution
        ]
        late += [arrival.attempt for arrival in within if not _had_begun(arrival, pause, rows)]
    return late


def _had_begun(arrival: Arrival, pause: Pause, rows: dict[str, dict]) -> bool:
    if pause.begun is not None:
        return arrival.attempt in pause.begun
    began = rows[arrival.communication]["sending_at"]
    return began is not None and _unix(began) <= pause.confirmed_at


def _unix(moment: str) -> float:
    return dt.datetime.fromisoformat(moment).timestamp()
