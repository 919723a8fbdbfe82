"""The disturbances: what is done to the house while it sends."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from benchmarks.chaos.house import House, aloud, eventually
from benchmarks.chaos.provider import MOMENTS
from benchmarks.chaos.shop import Campaign, Pause, Shop

FIRST_CALL_SECONDS = 120
STALL_SECONDS = 68.0  # longer than a lease of 60 s


@dataclass(frozen=True, kw_only=True)
class Force:
    """How much is done, in all."""

    kills: int = 45
    stalls: int = 4
    pauses: int = 8
    cancels: int = 2
    redis: int = 4
    postgres: int = 3
    stall_seconds: float = STALL_SECONDS
    calmest: float = 3.0  # seconds between two strokes, at most
    strike_seconds: float = 4.0  # how long a stroke waits for its moment, at most


@dataclass
class Storm:
    house: House
    shop: Shop
    force: Force
    seed: int = 0
    done: Counter = field(default_factory=Counter)
    pauses: list[Pause] = field(default_factory=list)
    say: Callable[[str], None] = aloud

    def __post_init__(self):
        self._random = random.Random(self.seed)
        self._later: list[tuple[float, Callable[[], None]]] = []
        self._waiting = list(self.shop.campaigns)
        self._kept_back = float(len(self._waiting))
        self._paused: set[int] = set()
        self._alarms: list[threading.Timer] = []

    def blow(self) -> None:
        """Strike until all is spent, starting the campaigns evenly in between."""
        self.shop.start(self._waiting.pop(0))
        calls = self.house.provider.arrivals
        eventually(lambda: calls, seconds=FIRST_CALL_SECONDS, what="The first call", every=0.01)
        strokes = self._strokes()
        for number, stroke in enumerate(strokes, start=1):
            self._sleep(self._random.uniform(0.2, self.force.calmest))
            self._kept_back = (1 - number / len(strokes)) * len(self.shop.campaigns)
            stroke()
            self._feed()
        self._sleep(max([at - time.monotonic() for at, _ in self._later], default=0.0))
        for alarm in self._alarms:
            alarm.join()

    def _strokes(self) -> list[Callable[[], None]]:
        """In random order; what this house has not got is left out."""
        force, house = self.force, self.house
        strokes: list[Callable[[], None]] = [self._kill] * force.kills
        strokes += [self._stall] * force.stalls + [self._pause] * force.pauses
        strokes += [self._cancel] * force.cancels
        if house.redis:
            strokes += [self._flush_redis, self._restart_redis] * (force.redis // 2)
        if house.postgres:
            strokes += [self._restart_postgres] * force.postgres
        self._random.shuffle(strokes)
        return strokes

    def _kill(self) -> None:
        """At the moment a call arrives or is answered, or at any; one kill for certain."""
        moment = self._random.choice([*MOMENTS, *MOMENTS, ""])
        part = self._random.choices(["all", "child", "parent"], [6, 2, 1])[0]
        if moment:
            hit: list[bool] = []
            self._strike(moment, lambda port: hit.append(self._kill_owner(port, part)))
            if any(hit):
                self._count(f"kill, as a call had {moment}")
                return
        while not self._kill_any(part):
            self._sleep(0.3)
            part = "all"
        self._count("kill, at any moment")

    def _strike(self, moment: str, act: Callable[[int], object]) -> None:
        """Do it at the next such moment, of the next campaign perhaps, or not at all."""
        struck = self.house.provider.arm(moment, act)
        self._feed()
        struck.wait(self.force.strike_seconds)
        self.house.provider.disarm()

    def _feed(self) -> None:
        while self._waiting and len(self._waiting) > self._kept_back:
            self.shop.start(self._waiting.pop(0))

    def _kill_owner(self, port: int, part: str) -> bool:
        name = self.house.tree.owner_of(port)
        if name is None:
            return False
        return self.house.tree.kill(name, part=part) or self.house.tree.kill(name)

    def _kill_any(self, part: str) -> bool:
        names = self.house.tree.names("worker") * 4 + self.house.tree.names("beat")
        return self.house.tree.kill(self._random.choice(names), part=part)

    def _stall(self) -> None:
        """Stop a sender past its lease, perhaps with a call on the wire, and let it go on."""
        stalled: list[int | None] = []
        if self._random.random() < 0.7:
            tree = self.house.tree
            self._strike(
                self._random.choice(MOMENTS),
                lambda port: stalled.append(tree.stall(tree.owner_of(port) or "")),
            )
        while not any(stalled):
            stalled.append(
                self.house.tree.stall(self._random.choice(self.house.tree.names("worker")))
            )
            self._sleep(0.2)
        group = next(filter(None, stalled))
        self._count(f"stall of {self.force.stall_seconds:.0f} s")
        # Not in this thread: on SQLite the one that sleeps may hold the lock that we wait for.
        alarm = threading.Timer(self.force.stall_seconds, self.house.tree.wake, [group])
        alarm.daemon = True
        alarm.start()
        self._alarms.append(alarm)

    def _pause(self) -> None:
        campaign = self._any_campaign()
        if campaign is None:
            return
        answer = self.shop.pause(campaign)
        confirmed_at = time.time()
        if answer is None:
            self._count("pause refused: the run was over")
            return
        self._paused.add(campaign.number)
        self._count("pause and resume")
        self._in(
            self._random.uniform(1, 8), lambda: self._resume(campaign, confirmed_at, begun(answer))
        )

    def _resume(self, campaign: Campaign, confirmed_at: float, listed) -> None:
        self.pauses.append(Pause(campaign.execution, confirmed_at, time.time(), listed))
        self.shop.resume(campaign)
        self._paused.discard(campaign.number)

    def _cancel(self) -> None:
        """Not the first, which is the largest: too little would be left to send."""
        campaign = self._any_campaign()
        if campaign is not None and campaign.number:
            self.shop.cancel(campaign)
            self._count("cancel")

    def _any_campaign(self) -> Campaign | None:
        """One that was begun; the newest are the likeliest to be running still."""
        started = [c for c in self.shop.campaigns if c.execution and c.number not in self._paused]
        return self._random.choice([*started[-3:], *started[:1]]) if started else None

    def _flush_redis(self) -> None:
        self.house.redis.flush()
        self._count("Redis emptied")

    def _restart_redis(self) -> None:
        self.house.redis.stop()
        self._sleep(self._random.uniform(0, 3))
        self.house.redis.start()
        self._count("Redis killed and started")

    def _restart_postgres(self) -> None:
        self.house.postgres.restart()
        self._count("PostgreSQL ended at once and started")

    def _in(self, seconds: float, act: Callable[[], None]) -> None:
        self._later.append((time.monotonic() + seconds, act))

    def _sleep(self, seconds: float) -> None:
        """Wait, and meanwhile do what has been put off until now."""
        until = time.monotonic() + seconds
        while True:
            due = [entry for entry in self._later if entry[0] <= time.monotonic()]
            self._later = [entry for entry in self._later if entry not in due]
            for _, act in due:
                act()
            if time.monotonic() >= until:
                return
            time.sleep(0.05)

    def _count(self, what: str) -> None:
        self.done[what] += 1
        self.say(f"  {what}")


def begun(answer: dict) -> frozenset[str] | None:
    """The attempts that the answer to a pause lists as begun; None when it has no such list."""
    listed = answer.get("begun")
    if not isinstance(listed, list):
        return None
    return frozenset(str(each["attempt"] if isinstance(each, dict) else each) for each in listed)
