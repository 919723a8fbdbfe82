"""The whole product as real processes: web, worker, beat and an in-process provider sandbox.

For journeys: nothing here looks inside; tests talk HTTP and read what the sandbox recorded.
"""

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import requests

from barbershop.tests import migrated
from communications.sandbox import Sandbox, running_sandbox

ROOT = Path(__file__).resolve().parent.parent.parent
TWILIO_TOKEN = "journey"
PATIENCE = 300.0  # seconds; a loaded machine is slow, a broken product is for ever


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def eventually(look: Callable, *, timeout: float = PATIENCE, every: float = 0.1):
    """What ``look`` returns once it is true, asked ``every`` so many seconds.

    Fails with what it returned last.
    """
    deadline = time.monotonic() + timeout
    while True:
        seen = look()
        if seen:
            return seen
        if time.monotonic() > deadline:
            raise AssertionError(f"still {seen!r} after {timeout:.0f} s")
        time.sleep(every)  # between looks at another process; nothing is assumed to be done by then


class Product:
    """Use as a context manager. ``celery=False`` runs ``manage.py dispatch --loop`` instead."""

    def __init__(self, folder: Path, *, celery: bool = True):
        self.folder = folder
        self.celery = celery
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self.processes: dict[str, subprocess.Popen] = {}
        self.sandbox: Sandbox
        self.environment: dict[str, str] = {}
        self._stack = ExitStack()

    def __enter__(self) -> "Product":
        self.sandbox = self._stack.enter_context(
            running_sandbox(
                webhook_base=self.base,
                speed=0.5,
                record=self.folder / "accepted.jsonl",
                twilio_token=TWILIO_TOKEN,
            )
        )
        self.environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "barbershop.settings",
            "DEBUG": "true",
            "DATABASE_URL": self._database(),
            "REDIS_URL": self._redis(),
            "PUBLIC_BASE_URL": self.base,
            "SENDGRID_API_URL": self.sandbox.sendgrid_url,
            "SENDGRID_WEBHOOK_PUBLIC_KEYS": self.sandbox.public_key,
            "TWILIO_BASE_URL": self.sandbox.twilio_url,
            "TWILIO_AUTH_TOKEN": TWILIO_TOKEN,
            "VAR_DIR": str(self.folder),
        }
        try:
            self.manage("sync_schedules")
            self.start("web", "manage.py", "runserver", "--noreload", f"127.0.0.1:{self.port}")
            self.start_worker()
            eventually(self._is_ready)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_) -> None:
        for name in list(self.processes):
            self.kill(name)
        self._stack.close()

    def start_worker(self) -> None:
        if not self.celery:
            self.start("worker", "manage.py", "dispatch", "--loop")
            return
        self.start("worker", "-m", "celery", "-A", "barbershop", "worker", *self._pool())
        self.start("beat", "-m", "celery", "-A", "barbershop", "beat", "--pidfile=")

    def _pool(self) -> list[str]:
        # As in the embedded default and as at scale: threads on SQLite, processes on PostgreSQL.
        kind = "threads" if self.environment["DATABASE_URL"].startswith("sqlite") else "prefork"
        return ["-P", kind, "-c", "2", "--loglevel", "WARNING"]

    def start(self, name: str, *arguments: str) -> None:
        log = (self.folder / f"{name}.log").open("ab")
        self.processes[name] = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=self.environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def kill(self, name: str, number: int = signal.SIGKILL) -> None:
        """End a process we started, with its children."""
        process = self.processes.pop(name)
        if process.poll() is None:
            os.killpg(process.pid, number)
        process.wait()

    def manage(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    def ledger(self, execution: int) -> list[dict]:
        return [
            json.loads(line)
            for line in self.manage("ledger", "--execution", str(execution)).splitlines()
        ]

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text()

    def _is_ready(self) -> bool:
        process = self.processes["web"]
        assert process.poll() is None, self.log("web")[-3000:]
        try:
            return requests.get(f"{self.base}/readyz", timeout=5).ok
        except requests.ConnectionError:
            return False

    def _database(self) -> str:
        given = os.environ["DATABASE_URL"]
        if not given.startswith("postgres"):
            shutil.copy(migrated.sqlite_file(), self.folder / "db.sqlite3")
            return f"sqlite:///{self.folder / 'db.sqlite3'}"
        import psycopg

        name = f"journey_{secrets.token_hex(6)}"
        parts = urlsplit(given)
        server = urlunsplit(parts._replace(path="/postgres"))
        with psycopg.connect(server, autocommit=True) as server_connection:
            template = migrated.postgresql_template()
            server_connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")

        def drop() -> None:
            with psycopg.connect(server, autocommit=True) as connection:
                connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

        self._stack.callback(drop)
        return urlunsplit(parts._replace(path=f"/{name}"))

    def _redis(self) -> str:
        """A Redis of our own, so that nobody else's worker takes our tasks."""
        if not os.environ["REDIS_URL"] or not self.celery:
            return ""
        program = shutil.which("redis-server")
        assert program, "redis-server is not installed; this journey needs its own"
        port = free_port()
        server = subprocess.Popen(
            [
                program,
                "--port",
                str(port),
                "--bind",
                "127.0.0.1",
                "--save",
                "",
                "--appendonly",
                "no",
            ],
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
        )
        self._stack.callback(server.wait)
        self._stack.callback(server.terminate)
        return f"redis://127.0.0.1:{port}/0"
