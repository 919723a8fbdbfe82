"""PostgreSQL and Redis of our own, so that they may be killed."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import redis

HOST = "127.0.0.1"
READY_SECONDS = 60


class Missing(Exception):
    """A program that is not installed; the message says which."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def leashed(*command: str) -> list[str]:
    """The command, ended by the kernel when we are gone, however that came (Linux)."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "KILL", *command] if setpriv else list(command)


class PostgresServer:
    """A cluster in ``folder``. PostgreSQL refuses root, so as root it runs as user postgres."""

    def __init__(self, folder: Path):
        self._programs = _postgres_programs()
        self._data = folder / "postgres"
        self._log = folder / "postgres.log"
        self._user = "postgres" if os.geteuid() == 0 else None
        self._process: subprocess.Popen | None = None
        self.port = free_port()
        self._data.mkdir()
        if self._user:
            shutil.chown(self._data, self._user, self._user)
        subprocess.run(
            [
                *(self._programs / "initdb", "-D", self._data, "-U", "postgres", "-A", "trust"),
                *("-E", "UTF8", "--locale=C", "--no-sync"),
            ],
            check=True,
            stdout=subprocess.DEVNULL,
            **self._as_user,
        )

    @property
    def url(self) -> str:
        return f"postgres://postgres@{HOST}:{self.port}/postgres"

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *leashed(str(self._programs / "postgres"), "-D", str(self._data)),
                    *("-p", str(self.port), "-k", str(self._data)),
                    *("-c", f"listen_addresses={HOST}", "-c", "max_connections=200"),
                ],
                stdout=log,
                stderr=log,
                start_new_session=True,
                **self._as_user,
            )
        _until(self._answers, what="PostgreSQL")

    def restart(self) -> None:
        """Immediately: every connection breaks, and it recovers from its log."""
        self.stop()
        self.start()

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(READY_SECONDS)

    @property
    def _as_user(self) -> dict:
        own = {"user": self._user, "group": self._user, "extra_groups": []}
        return {"cwd": "/", **(own if self._user else {})}

    def _answers(self) -> bool:
        if self._process.poll() is not None:
            raise RuntimeError(f"PostgreSQL has ended: {self._log.read_text()[-2000:]}")
        try:
            with psycopg.connect(self.url, connect_timeout=2):
                return True
        except psycopg.OperationalError:
            return False


class RedisServer:
    """Without a file: a restart forgets everything."""

    def __init__(self, folder: Path):
        program = shutil.which("redis-server")
        if not program:
            raise Missing("redis-server is not installed")
        self._program = program
        self._folder = folder
        self._process: subprocess.Popen | None = None
        self.port = free_port()

    @property
    def url(self) -> str:
        return f"redis://{HOST}:{self.port}/0"

    def start(self) -> None:
        options = ["--port", str(self.port), "--bind", HOST, "--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen(
            leashed(self._program, *options),
            cwd=self._folder,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        _until(self._answers, what="Redis")

    def restart(self) -> None:
        self.stop()
        self.start()

    def flush(self) -> None:
        with redis.Redis.from_url(self.url) as client:
            client.flushall()

    def stop(self) -> None:
        """As a power cut would."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait(READY_SECONDS)

    def _answers(self) -> bool:
        try:
            with redis.Redis.from_url(self.url, socket_connect_timeout=2) as client:
                return client.ping()
        except redis.ConnectionError:
            return False


class BorrowedPostgres:
    """A database of our own on somebody's server, which is not ours to restart."""

    def __init__(self, server_url: str, template: str):
        parts = urlsplit(server_url)
        self._server = urlunsplit(parts._replace(path="/postgres"))
        self._name = f"chaos_{secrets.token_hex(6)}"
        self._template = template
        self.url = urlunsplit(parts._replace(path=f"/{self._name}"))

    def start(self) -> None:
        with psycopg.connect(self._server, autocommit=True) as connection:
            connection.execute(
                f"CREATE DATABASE {self._name} ENCODING 'UTF8' TEMPLATE {self._template}"
            )

    def stop(self) -> None:
        with psycopg.connect(self._server, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {self._name} WITH (FORCE)")


def _postgres_programs() -> Path:
    """The folder with initdb and postgres: Debian keeps it out of the PATH."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise Missing("PostgreSQL's server programs (initdb, postgres) are not installed")


def _until(answers, *, what: str) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not answers():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} was not there after {READY_SECONDS} s")
        time.sleep(0.05)
