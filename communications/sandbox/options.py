"""Everything that can be chosen when a sandbox is started."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

MEGABYTE = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class SandboxOptions:
    """How one sandbox behaves.

    `webhook_base` is where webhooks are really posted; `public_base` is the address the
    application believes it has, which Twilio's signature covers (default: the same).
    `speed` is how many seconds the story of one message takes, 0 for at once.
    `outcomes` forces what one address does ("+12015550123": "stop").
    """

    record: Path | None = None
    webhook_base: str = ""
    public_base: str = ""
    faults: Mapping[str, float] = field(default_factory=dict)
    outcomes: Mapping[str, str] = field(default_factory=dict)
    seed: int = 0
    speed: float = 60.0
    events: bool = True
    follow_links: bool = False
    store_bodies: bool = True
    sendgrid_key: str = ""
    twilio_token: str = ""
    signing_key: Path | None = None
    max_body: int = 30 * MEGABYTE
    slow_seconds: float = 2.0
    hang_seconds: float = 120.0
    retry_after: int = 1
    webhook_tries: int = 6
    webhook_backoff: float = 0.5
    workers: int = 4
    max_playing: int = 200_000

    def __post_init__(self):
        for name in ("webhook_base", "public_base"):
            value = getattr(self, name)
            if value and urlsplit(value).scheme not in {"http", "https"}:
                raise ValueError(f"{name} must be a web address such as http://127.0.0.1:8000")
        if self.speed < 0:
            raise ValueError("speed must be 0 or more seconds")

    @property
    def signed_base(self) -> str:
        """The address signatures are made for, without a closing slash."""
        return (self.public_base or self.webhook_base).rstrip("/")
