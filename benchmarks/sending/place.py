"""Where a run takes place: its own database, Redis, provider and folder, all given back."""

import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

from benchmarks.sending.processes import HOST, Failed, cpu_seconds, free_port
from benchmarks.sending.providers import Recorder, Sandbox, start_recorder, start_sandbox

STANDARD = "postgres://postgres@127.0.0.1:5432/"


@dataclass(frozen=True)
class Place:
    """
    Attributes:
        env: of every process of the run; like production's, without a real key.
        redis_url: empty where no redis-server is installed.
        provider: whom the product sends to; everybody else sends to the recorder.
    """

    folder: Path
    database_url: str
    redis_url: str
    env: dict[str, str]
    recorder: Recorder
    provider: Recorder | Sandbox

    def product_env(self) -> dict[str, str]:
        return self.env | {"SENDGRID_API_URL": f"{self.provider.url}/v3/"}

    def connect(self) -> psycopg.Connection:
        return psycopg.connect(self.database_url, autocommit=True)

    def database_cpu(self, known: dict[int, float]) -> float:
        """CPU seconds of all backends of our database so far; 0 where they cannot be seen.

        Args:
            known: the last figure of each backend, kept by the caller between questions.
        """
        with self.connect() as connection:
            rows = connection.execute(
                "SELECT pid FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            known.update({pid: cpu_seconds(pid) for (pid,) in rows})
        return sum(known.values())


@contextmanager
def place(*, with_sandbox: bool = False) -> Iterator[Place]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        database_url = _database(stack)
        env = environment(folder, database_url=database_url)
        recorder = start_recorder(stack, env=env, folder=folder)
        env["SENDGRID_API_URL"] = f"{recorder.url}/v3/"
        provider = recorder
        if with_sandbox:
            provider = start_sandbox(stack, env=env, folder=folder)
        yield Place(folder, database_url, _redis(stack), env, recorder, provider)


def environment(folder: Path, *, database_url: str) -> dict[str, str]:
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "barbershop.settings",
        "DATABASE_URL": database_url,
        "REDIS_URL": "",
        "VAR_DIR": str(folder),
        "DEBUG": "false",
        "DEMO": "false",
        "SECURE_SSL": "false",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "ADDRESS_PEPPER": secrets.token_urlsafe(32),
        "LINK_SIGNING_KEYS": secrets.token_urlsafe(32),
        "FIELD_ENCRYPTION_KEYS": "YmVuY2htYXJrcy1vbmx5LWZpZWxkLWVuY3J5cHRpb24=",
        "PUBLIC_BASE_URL": "https://campaigns.example.com",
        "ALLOWED_HOSTS": "campaigns.example.com",
        "SENDGRID_API_KEY": "SG.benchmark",
        "SENDGRID_FROM_EMAIL": "hello@example.com",
        "SENDGRID_FROM_NAME": "Main Street Barbers",
        "SENDGRID_API_URL": f"http://{HOST}:9/v3/",  # nobody listens there
        "SENDGRID_WEBHOOK_PUBLIC_KEYS": "",
        "TWILIO_BASE_URL": f"http://{HOST}:9",
        "SENTRY_DSN": "",
    }


def _database(stack: ExitStack) -> str:
    parts = urlsplit(os.environ.get("TEST_DATABASE_URL") or STANDARD)
    server = urlunsplit(parts._replace(path="/postgres"))
    name = f"bench_{secrets.token_hex(6)}"

    def do(statement: str) -> None:
        with psycopg.connect(server, autocommit=True, connect_timeout=5) as connection:
            connection.execute(statement)

    try:
        do(f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0")
    except psycopg.Error as error:
        raise Failed(f"PostgreSQL is needed (TEST_DATABASE_URL): {error}") from error
    stack.callback(do, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    return urlunsplit(parts._replace(path=f"/{name}"))


def _redis(stack: ExitStack) -> str:
    program = shutil.which("redis-server")
    if not program:
        return ""
    port = free_port()
    options = ("--bind", HOST, "--save", "", "--appendonly", "no")
    server = subprocess.Popen([program, "--port", str(port), *options], stdout=subprocess.DEVNULL)
    stack.callback(server.wait)
    stack.callback(server.terminate)
    return f"redis://{HOST}:{port}/0"
