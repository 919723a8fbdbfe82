"""``python -m benchmarks.stops``: STOPs by the signed webhook while workers send a campaign.

No call to a number may begin more than a second after its STOP was answered with 200. A call
begins with the commit of ``sending``; both moments are of one machine's clock. Each STOP comes from
somebody whose turn is near, so that as many as possible meet a call that is about to begin.
"""

import argparse
import json
import random
import sys
import threading
import time
from dataclasses import dataclass
from uuid import uuid4

import requests
from twilio.request_validator import RequestValidator

from benchmarks.chaos.house import POSTGRESQL, TWILIO_TOKEN, House, Plan, eventually
from benchmarks.chaos.shop import Shop, phone_of

PROMISED = 1.0  # seconds
NEAR = 1000  # of so many people whose turn is next, one says STOP
MOST_SECONDS = 1800
WORDS = ("STOP", "Stop please", "take me off your list", "no me escriban", "unsubscribe", "sotp")
BEGUN = """
import json
from communications.models import CustomerCommunication
rows = CustomerCommunication.objects.filter(attempt__sending_at__isnull=False)
found = rows.values_list("address", "attempt__sending_at")
print(json.dumps({address: at.timestamp() for address, at in found}))
"""


@dataclass
class Said:
    """When the webhook was asked and had answered, in Unix times."""

    asked_at: float
    answered_at: float


class Stoppers:
    """People who say STOP just before it is their turn."""

    def __init__(self, house: House, numbers: list[str], *, stops: int, seed: int):
        self.house, self.numbers, self.stops = house, numbers, stops
        self.chance = random.Random(seed)
        self.said: dict[str, Said] = {}
        self.refused: list[str] = []
        self._lock = threading.Lock()
        self._validator = RequestValidator(TWILIO_TOKEN)

    def run(self, *, hands: int) -> None:
        """Spread over the run: the next one speaks when the next part of the campaign has gone."""
        threads = [threading.Thread(target=self._work) for _ in range(hands)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _work(self) -> None:
        while (number := self._next()) is not None:
            asked = time.time()
            answer = self._post(number)
            with self._lock:
                self.said[number] = Said(asked, time.time())
                if answer.status_code != 200:
                    self.refused.append(f"{answer.status_code} {answer.text[:100]}")

    def _next(self) -> str | None:
        """Somebody near the front; waits until as much of the campaign as of the STOPs is done."""
        while True:
            front = self.house.provider.stats()["accepted"].get("sms", 0)
            with self._lock:
                if len(self.said) >= self.stops or front >= len(self.numbers) - 2 * NEAR:
                    return None
                if len(self.said) / self.stops <= front / (len(self.numbers) - 3 * NEAR):
                    number = self.numbers[front + NEAR // 5 + self.chance.randrange(NEAR)]
                    if number not in self.said:
                        self.said[number] = Said(0, 0)  # taken
                        return number
            time.sleep(0.01)

    def _post(self, number: str) -> requests.Response:
        url = f"{self.house.base}/webhooks/twilio/inbound/"
        form = {
            "MessageSid": f"SM{uuid4().hex}",
            "AccountSid": "AC" + "c" * 32,
            "From": number,
            "To": "+15005550006",
            "Body": self.chance.choice(WORDS),
            "NumMedia": "0",
        }
        signature = self._validator.compute_signature(url, form)
        # A connection of its own: one kept open too long is closed by the server, unanswered.
        return requests.post(url, data=form, headers={"X-Twilio-Signature": signature}, timeout=60)


def main() -> int:
    options = read()
    plan = Plan(database=POSTGRESQL, senders=options.workers, seed=options.seed)
    with House(plan) as house:
        shop = Shop(house, [options.recipients], kinds=[("sms",)], text_share=1.0)
        shop.open()
        house.start_senders()
        began = time.monotonic()
        shop.start(shop.campaigns[0])
        eventually(
            lambda: house.provider.stats()["accepted"].get("sms"),
            seconds=180,
            what="The first text",
        )
        numbers = [phone_of(n) for n in range(shop.sizes[0])]
        stoppers = Stoppers(house, numbers, stops=options.stops, seed=options.seed)
        stoppers.run(hands=options.hands)
        eventually(
            lambda: all(run["status"] == "done" for run in shop.executions()),
            seconds=MOST_SECONDS,
            every=2,
            what="The end of the campaign",
        )
        seconds = time.monotonic() - began
        begun = json.loads(house.forks.run("shell", "-v0", "-c", BEGUN))
    return _report(stoppers, begun, seconds=seconds, options=options)


def _report(stoppers: Stoppers, begun: dict[str, float], *, seconds: float, options) -> int:
    said = stoppers.said
    lags = {n: begun[n] - one.answered_at for n, one in said.items() if n in begun}
    after = {n: lag for n, lag in lags.items() if lag > 0}
    during = sum(begun[n] > said[n].asked_at for n in lags)
    took = sorted(one.answered_at - one.asked_at for one in said.values())
    late = [lag for lag in after.values() if lag > PROMISED]
    rows = [
        ("recipients", len(stoppers.numbers)),
        ("workers", options.workers),
        ("seconds for the campaign", f"{seconds:.0f}"),
        ("STOPs posted, answered 200", f"{len(said)}, {len(said) - len(stoppers.refused)}"),
        ("never called", len(said) - len(lags)),
        ("called before they asked", len(lags) - during),
        ("call begun while being answered", during - len(after)),
        ("call begun after the answer", len(after)),
        ("largest lag, seconds", f"{max(after.values(), default=0):.3f}"),
        (f"begun more than {PROMISED:.0f} s after", len(late)),
        ("answer in seconds, median / 99 % / most", _quantiles(took)),
    ]
    for name, value in rows:
        print(f"{name:<42}{value}", flush=True)
    kept = not late and not stoppers.refused and len(said) == options.stops
    print("kept" if kept else f"NOT KEPT {stoppers.refused[:3]}")
    return 0 if kept else 1


def _quantiles(took: list[float]) -> str:
    return " / ".join(f"{took[min(len(took) - 1, int(len(took) * q))]:.3f}" for q in (0.5, 0.99, 1))


def read(argv: list[str] | None = None) -> argparse.Namespace:
    """The options; an error says what is needed for STOPs before, during and after a call."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.stops", description=__doc__)
    fewest = 3 * NEAR + 1
    parser.add_argument(
        "--recipients", type=int, default=20_000, help=f"at least {fewest:,} (%(default)s)"
    )
    parser.add_argument("--stops", type=int, default=500, help="at least 1 (%(default)s)")
    parser.add_argument("--workers", type=int, default=8)
    parser.add_argument("--hands", type=int, default=4, help="people who say STOP at once")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(argv)
    if options.recipients < fewest:
        parser.error(
            f"--recipients: at least {fewest:,}, for who says STOP is one of the {NEAR:,} next, "
            f"and the last {2 * NEAR:,} say nothing."
        )
    if options.stops < 1:
        parser.error("--stops: at least 1.")
    return options


if __name__ == "__main__":
    sys.exit(main())
