"""One shop with many customers, and its campaigns, by the product's own doors."""

import csv
import datetime as dt
import time
from dataclasses import dataclass, field

import requests

from benchmarks.chaos.house import House

CHANNELS = ("email", "sms")
PATIENCE = 180.0  # seconds; a database that was killed recovers meanwhile
TEXT_SHARE = 0.15
COLUMNS = ["external_id", "first_name", "email", "phone", "tags", "timezone"]
PROOF = ["sms_consent_at", "sms_consent_source", "sms_consent_text"]
OPEN = """
from barbershop.models import Barbershop, Organization
owner = Organization.objects.create(name="Chaos", slug="chaos")
Barbershop.objects.create(
    organization=owner, name="Chaos", slug="main", postal_address="1 Test Street, NY 10001",
    timezone={zone!r},
)
"""


@dataclass
class Campaign:
    """One campaign and its run; ``people`` is the audience that it must reach."""

    number: int
    people: int
    id: int = 0
    execution: int = 0
    channels: tuple[str, ...] = CHANNELS


@dataclass(frozen=True)
class Pause:
    """From when a pause was confirmed until going on was asked for; Unix times.

    ``begun``: attempts that the confirmation lists as begun; None when it lists none at all.
    """

    execution: int
    confirmed_at: float
    until: float
    begun: frozenset[str] | None


@dataclass
class Shop:
    house: House
    sizes: list[int]
    kinds: list[tuple[str, ...]] = field(default_factory=list)  # channels; default: both, always
    text_share: float = TEXT_SHARE
    campaigns: list[Campaign] = field(default_factory=list)
    cancelled: set[int] = field(default_factory=set)

    def open(self) -> None:
        """The shop, its customers (tagged by the campaign that will address them), a token."""
        zone = zone_at_noon(dt.datetime.now(dt.UTC))
        self.house.forks.run("shell", "-v0", "-c", OPEN.format(zone=zone))
        path = self.house.folder / "customers.csv"
        with path.open("w", newline="") as file:
            self._write_customers(csv.writer(file), zone=zone)
        self.house.forks.run("import_customers", str(path), "--shop", "main")
        token = self.house.forks.run(
            *("create_token", "--shop", "main", "--name", "chaos", "--scopes", "read,write,send")
        )
        self._headers = {"Authorization": f"Bearer {token.strip()}"}
        kinds = self.kinds or [CHANNELS] * len(self.sizes)
        self.campaigns = [
            self._campaign(n, size, channels)
            for n, (size, channels) in enumerate(zip(self.sizes, kinds, strict=True))
        ]

    def start(self, campaign: Campaign) -> None:
        started = self.call("POST", f"campaigns/{campaign.id}/execute")
        if started is None:
            (started,) = self.call("GET", f"executions?campaign={campaign.id}")["results"]
        campaign.execution = started["id"]

    def pause(self, campaign: Campaign) -> dict | None:
        """The product's answer; None when there is nothing that could be paused."""
        return self.call("POST", f"campaigns/{campaign.id}/pause")

    def resume(self, campaign: Campaign) -> dict | None:
        return self.call("POST", f"campaigns/{campaign.id}/resume")

    def cancel(self, campaign: Campaign) -> None:
        if self.call("POST", f"campaigns/{campaign.id}/cancel"):
            self.cancelled.add(campaign.number)

    def executions(self) -> list[dict]:
        found, page = [], "executions?page_size=100"
        while page:
            answer = self.call("GET", page)
            found += answer["results"]
            page = (answer["next"] or "").partition("/api/")[2]
        return found

    def call(self, method: str, path: str, body: dict | None = None) -> dict | None:
        """Ask until there is an answer: None for a 409, also when a lost answer did it before."""
        deadline, problem = time.monotonic() + PATIENCE, None
        while time.monotonic() < deadline:
            try:
                answer = requests.request(
                    method,
                    f"{self.house.base}/api/{path}",
                    json={} if body is None and method == "POST" else body,
                    headers=self._headers,
                    timeout=60,
                )
            except requests.RequestException as error:
                problem = repr(error)
            else:
                if answer.status_code == 409:
                    return None
                if answer.ok:
                    return answer.json()
                problem = f"{answer.status_code} {answer.text[:300]}"
                if answer.status_code < 500:
                    break
            time.sleep(0.5)
        raise RuntimeError(f"{method} {path}: {problem}")

    def _campaign(self, number: int, people: int, channels: tuple[str, ...]) -> Campaign:
        texts = {
            "email": {"subject": "A chair", "message": "Hi {{customer_first_name}}, it is free."},
            "sms": {"message": "Hi {{customer_first_name}}, a chair is free."},
        }
        made = self.call(
            "POST",
            "campaigns/create",
            {
                "campaign_name": f"Storm {number}",
                "campaign_type": "multi" if len(channels) > 1 else channels[0],
                "campaign_category": "promotional",
                "channels": {channel: texts[channel] for channel in channels},
                "target_criteria": {"tags": [f"storm-{number}"]},
            },
        )
        return Campaign(number, people, id=made["id"], channels=channels)

    def _write_customers(self, writer, *, zone: str) -> None:
        """Every person has an address for each channel; some have agreed to texts."""
        writer.writerow(COLUMNS + PROOF)
        agreed = (dt.datetime.now(dt.UTC) - dt.timedelta(days=200)).isoformat()
        every = round(1 / self.text_share)
        n = 0
        for number, size in enumerate(self.sizes):
            for _ in range(size):
                proof = [agreed, "paper form", "I agree to texts."] if n % every == 0 else [""] * 3
                person = [f"c{n}", f"Sam{n}", f"sam{n}@example.com", phone_of(n)]
                writer.writerow([*person, f"storm-{number}", zone, *proof])
                n += 1


def phone_of(n: int) -> str:
    """The phone of customer ``n``: an area code of nowhere, which has no hours of its own."""
    return f"+1555{200 + n // 10_000:03d}{n % 10_000:04d}"


def zone_at_noon(now: dt.datetime) -> str:
    """A zone in which it is noon or a little later: no law keeps anything waiting there."""
    east = (12 - now.hour + 11) % 24 - 11  # hours, -11 to 12
    return f"Etc/GMT{-east:+d}"  # POSIX counts to the west
