"""A product to torment: servers, provider, web, senders; built up and torn down as one."""

import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import requests

from benchmarks.chaos.crash import Forks
from benchmarks.chaos.provider import WatchedProvider
from benchmarks.chaos.servers import (
    HOST,
    BorrowedPostgres,
    PostgresServer,
    RedisServer,
    free_port,
)
from benchmarks.chaos.tree import Tree
from communications.sandbox import SandboxOptions

SQLITE, POSTGRESQL = "sqlite", "postgresql"
TWILIO_TOKEN = "chaos"  # noqa: S105 - accepted by the emulator only
KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "VIRTUAL_ENV")


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How to build a house.

    ``senders``: Celery workers; 0 for ``manage.py dispatch --loop``. ``server_url``: a PostgreSQL
    to borrow a database from; without it there is a cluster of our own, which may be killed.
    ``migrated``: an SQLite file, or a database on the borrowed server, to begin with a copy of.
    """

    database: str
    senders: int = 6
    seed: int = 0
    server_url: str = ""
    migrated: str = ""
    story_seconds: float = 20.0
    slow_seconds: float = 2.0
    hang_seconds: float = 40.0
    faults: Mapping[str, float] = field(default_factory=dict)


class House:
    """Use as a context manager.

    ``tree`` holds the processes, ``forks`` runs management commands, ``provider`` is the emulator.
    """

    postgres: PostgresServer | None = None
    redis: RedisServer | None = None
    tree: Tree
    forks: Forks
    provider: WatchedProvider

    def __init__(self, plan: Plan):
        self.plan = plan
        self.port = free_port()
        self.base = f"http://{HOST}:{self.port}"
        self._stack = ExitStack()

    def __enter__(self) -> "House":
        try:
            self._build()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *_) -> None:
        self._stack.close()

    def _build(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="chaos-"))
        self._stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
        self.folder.chmod(0o711)  # PostgreSQL's user must be able to pass
        database_url = self._database()
        if self.plan.senders and self.plan.database == POSTGRESQL:
            self.redis = RedisServer(self.folder)
            self._stack.callback(self.redis.stop)
            self.redis.start()
        self.provider = self._stack.enter_context(WatchedProvider(self._options()))
        self.tree = self._stack.enter_context(Tree(self.folder, self._environment(database_url)))
        self.forks = self._stack.enter_context(Forks(self.tree.environment))
        self.forks.run("migrate", "--verbosity", "0")
        self.forks.run("sync_schedules")
        self.start_web()

    def start_web(self) -> None:
        """In two processes; on SQLite one, as in the embedded default."""
        self.tree.environment["WEB_CONCURRENCY"] = "1" if self.plan.database == SQLITE else "2"
        gunicorn = ("-m", "gunicorn", "--config", "barbershop/gunicorn.conf.py")
        self.tree.start("web", *gunicorn, "--bind", f"{HOST}:{self.port}", "--log-level", "error")
        eventually(self.web_answers, seconds=120, what="The web process")

    def start_senders(self) -> None:
        """The workers and beat as in production, or the loop that needs neither."""
        if not self.plan.senders:
            self.tree.start("worker-1", "manage.py", "dispatch", "--loop")
            return
        celery = ("-m", "celery", "--app=barbershop")
        for number in range(1, self.plan.senders + 1):
            name = f"worker-{number}"
            self.tree.start(name, *celery, "worker", f"--hostname={name}@%h", *self._pool())
        self.tree.start("beat", *celery, "beat", "--loglevel=WARNING", "--pidfile=")

    def end_senders(self) -> None:
        self.tree.end("worker")
        self.tree.end("beat")

    def web_answers(self) -> bool:
        try:
            return requests.get(f"{self.base}/readyz", timeout=5).ok
        except requests.RequestException:
            return False

    def _pool(self) -> list[str]:
        # SQLite has one sender: more would wait for its write lock (docs/adr/0002).
        kind = "threads" if self.plan.database == SQLITE else "prefork"
        return ["--loglevel=WARNING", "--concurrency=1", f"--pool={kind}"]

    def _database(self) -> str:
        if self.plan.database == SQLITE:
            path = self.folder / "db.sqlite3"
            if self.plan.migrated:
                shutil.copy(self.plan.migrated, path)
            return f"sqlite:///{path}"
        if self.plan.server_url:
            server = BorrowedPostgres(self.plan.server_url, self.plan.migrated or "template0")
        else:
            server = self.postgres = PostgresServer(self.folder)
        self._stack.callback(server.stop)
        server.start()
        return server.url

    def _options(self) -> SandboxOptions:
        return SandboxOptions(
            record=self.folder / "accepted.jsonl",
            webhook_base=self.base,
            faults=self.plan.faults,
            seed=self.plan.seed,
            speed=self.plan.story_seconds,
            store_bodies=False,
            twilio_token=TWILIO_TOKEN,
            slow_seconds=self.plan.slow_seconds,
            hang_seconds=self.plan.hang_seconds,
            webhook_tries=10,
        )

    def _environment(self, database_url: str) -> dict[str, str]:
        """Production's settings. Nothing of the developer's own shell reaches the product."""
        provider = self.provider
        return {name: os.environ[name] for name in KEPT if name in os.environ} | {
            "DJANGO_SETTINGS_MODULE": "barbershop.settings",
            "PYTHONUNBUFFERED": "1",
            "DEBUG": "false",
            "DEMO": "false",
            "SECURE_SSL": "false",
            "ALLOWED_HOSTS": HOST,
            "SECRET_KEY": secrets.token_hex(32),
            "ADDRESS_PEPPER": secrets.token_hex(16),
            "LINK_SIGNING_KEYS": secrets.token_hex(16),
            "FIELD_ENCRYPTION_KEYS": "Y2hhb3Mtb25seS1maWVsZC1lbmNyeXB0aW9uLWtleSE=",
            "DATABASE_URL": database_url,
            "REDIS_URL": self.redis.url if self.redis else "",
            "VAR_DIR": str(self.folder),
            "PUBLIC_BASE_URL": self.base,
            "SENDGRID_API_KEY": "SG.chaos",
            "SENDGRID_FROM_EMAIL": "hello@chaos.example",
            "SENDGRID_FROM_NAME": "Chaos Barbers",
            "SENDGRID_API_URL": provider.sendgrid_url,
            "SENDGRID_WEBHOOK_PUBLIC_KEYS": provider.public_key,
            "TWILIO_ACCOUNT_SID": "AC" + "c" * 32,
            "TWILIO_AUTH_TOKEN": TWILIO_TOKEN,
            "TWILIO_PHONE_NUMBER": "+15005550006",
            "TWILIO_REGISTRATION": "CTEST01",
            "TWILIO_BASE_URL": provider.twilio_url,
            "SENTRY_DSN": "",
        }


def eventually(look: Callable, *, seconds: float, what: str, every: float = 0.2):
    """What ``look`` returns once it is true; TimeoutError naming ``what`` after ``seconds``."""
    deadline = time.monotonic() + seconds
    while not (seen := look()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {seconds:.0f} s (last: {seen!r})")
        time.sleep(every)
    return seen


def aloud(line: str) -> None:
    """Say how it goes, at once."""
    print(line, flush=True)
