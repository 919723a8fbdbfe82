"""After the storm: nobody is killed any more, and it is waited until nothing moves."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.chaos.house import House, aloud, eventually
from benchmarks.chaos.shop import Shop

# Leases, deadlines and the longest pause of ten minutes between two tries.
LONGEST_SECONDS = 1500
# Minutes. The provider's list is asked three times within 15, then what it has not goes out once
# more; and all of it is over before the two hours after which a text counts as not sent.
LOOK_UPS = (2, *range(9, 100, 8))
LAST_LOOK = 20  # minutes after a call
OVER = frozenset({"done", "cancelled", "failed"})
UNFOLDED = """
from communications.models import ProviderEvent
print(ProviderEvent.objects.filter(folded_at=None, quarantined_at=None).count())
"""
UNRESOLVED_TEXTS = """
from communications.models import CustomerCommunication
print(CustomerCommunication.objects.with_state().filter(channel="sms", state="unknown").count())
"""


@dataclass
class Calm:
    house: House
    shop: Shop
    say: Callable[[str], None] = aloud

    def settle(self) -> None:
        """Wait in real time until no run is open, nothing pends and every event is folded."""
        eventually(self._is_over, seconds=LONGEST_SECONDS, what="The end of the runs", every=2)
        self._hear_everything()

    def settle_by_clock(self) -> None:
        """The same without waiting: nobody sends but this process, whose clock is moved on."""
        self.house.end_senders()
        started = dt.datetime.now(dt.UTC)
        for seconds in range(0, LONGEST_SECONDS, 45):
            self._send()
            self._tick(started + dt.timedelta(seconds=seconds))
            if self._is_over():
                break
        self._hear_everything(tick=started + dt.timedelta(seconds=seconds))

    def look_up(self) -> int:
        """Move the clock on, instead of waiting, until no text is unresolved or none changes.

        Returns:
            By how many minutes. Nobody sends in the meantime but this clock.
        """
        self.house.end_senders()
        started, ahead = dt.datetime.now(dt.UTC), 0
        unresolved, since = -1, 0
        for minutes in LOOK_UPS:
            count = self._count(UNRESOLVED_TEXTS)
            if count != unresolved:
                unresolved, since = count, ahead
            if not count or ahead - since > LAST_LOOK:
                break
            ahead = minutes
            self._tick(started + dt.timedelta(minutes=minutes))
            # What was put back goes out by the real clock, for that is the provider's: it says
            # when it took a text, and a look-up compares.
            eventually(self._send, seconds=LONGEST_SECONDS, what="The texts sent again", every=1)
        self._hear_everything(tick=started + dt.timedelta(minutes=ahead))
        return ahead

    def _hear_everything(self, *, tick: dt.datetime | None = None) -> None:
        """Every event is played, stored and folded, by the senders or by ``tick``."""
        if not self.house.provider.settle(timeout=LONGEST_SECONDS):
            raise TimeoutError("the provider has not told all of its events")

        def folded() -> bool:
            if tick:
                self._tick(tick)
            return self._count(UNFOLDED) == 0

        eventually(folded, seconds=LONGEST_SECONDS, what="The folding of all events", every=1)

    def _is_over(self) -> bool:
        executions = self.shop.executions()
        for each in executions:
            if each["status"] == "paused":
                campaign = next(c for c in self.shop.campaigns if c.execution == each["id"])
                self.say(f"  resumed, for it was paused: {each['paused_reason']}")
                self.shop.resume(campaign)
        return all(each["status"] in OVER and not each["counts"]["pending"] for each in executions)

    def _send(self) -> bool:
        """Send what is due now; whether nothing is left to be sent."""
        self.house.forks.run("dispatch", "--once")
        return self._is_over()

    def _tick(self, now: dt.datetime) -> None:
        self.house.forks.run("tick", "--now", now.isoformat())

    def _count(self, script: str) -> int:
        return int(self.house.forks.run("shell", "-v0", "-c", script))
