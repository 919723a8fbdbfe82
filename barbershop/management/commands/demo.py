"""Run the whole product on this machine: no services, no message leaves it."""

import fcntl
import http.client
import os
import re
import sys
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from barbershop import demo_environment
from barbershop.child_process import PrefixedLog, Program
from barbershop.supervisor import StopRequested, Supervisor, SupervisorError

SIGN_IN = "owner@demo.example / password"
SANDBOX_OFFSET = 25
STORY_SECONDS = 60
READY_SECONDS = 60


class Command(BaseCommand):
    help = (
        "Run web, worker, beat and the provider sandbox on SQLite, seeded with demonstration "
        "shops. No message leaves the machine."
    )
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--port", type=int, default=os.environ.get("PORT") or "8000")
        parser.add_argument(
            "--sandbox-port", type=int, help=f"default: the web port + {SANDBOX_OFFSET}"
        )
        parser.add_argument("--reset", action="store_true", help="forget the last demonstration")

    def handle(self, *, port, sandbox_port, reset, **_):
        sandbox_port = sandbox_port or port + SANDBOX_OFFSET
        _refuse_real_keys()
        _refuse_taken_ports(port, sandbox_port)
        with _only_one(settings.VAR_DIR / "demo.lock"):
            database = settings.VAR_DIR / "demo.sqlite3"
            _clear(database, reset=reset)
            log = PrefixedLog(self.stdout)
            env = demo_environment.environment(
                port=port, sandbox_port=sandbox_port, database=database
            )
            try:
                with Supervisor(env=env, cwd=settings.BASE_DIR, log=log) as supervisor:
                    _start(supervisor, port=port, sandbox_port=sandbox_port)
                    log.write(_box(f"http://{demo_environment.HOST}:{port}/"))
                    supervisor.watch()
            except StopRequested:
                log.write("Stopped.")
            except SupervisorError as error:
                raise CommandError(f"The demo has stopped: {error}") from error


def _start(supervisor: Supervisor, *, port: int, sandbox_port: int) -> None:
    # The sandbox comes first: the web process must know the key that signs its webhooks.
    sandbox = supervisor.start(_sandbox(port=port, sandbox_port=sandbox_port))
    supervisor.run(_manage("migrate", "migrate", "--verbosity=0", "--skip-checks"))
    supervisor.run(_manage("seed", "seed_demo"))
    supervisor.run(_manage("schedule", "sync_schedules"))
    public_key = supervisor.wait_for(
        lambda: sandbox.said(_public_key), seconds=READY_SECONDS, what="The sandbox's key"
    )
    supervisor.set_environment(SENDGRID_WEBHOOK_PUBLIC_KEYS=public_key)
    supervisor.start(_manage("web", "runserver", "--noreload", f"{demo_environment.HOST}:{port}"))
    # Beat is a process of its own: embedded in the worker it would be a grandchild, which the
    # kernel does not end when this process is killed.
    supervisor.start(_celery("beat", "--pidfile="))
    quiet = ("--without-gossip", "--without-mingle", "--without-heartbeat")
    supervisor.start(_celery("worker", "--pool=threads", "--concurrency=4", *quiet))
    supervisor.wait_for(
        lambda: _answers(port), seconds=READY_SECONDS, what=f"An answer of /readyz on port {port}"
    )


def _manage(name: str, *arguments: str) -> Program:
    return Program(name=name, command=[sys.executable, "manage.py", *arguments])


def _celery(name: str, *arguments: str) -> Program:
    celery = [sys.executable, "-m", "celery", "--app=barbershop", "--quiet"]
    return Program(name=name, command=[*celery, name, "--loglevel=WARNING", *arguments])


def _sandbox(*, port: int, sandbox_port: int) -> Program:
    return _manage(
        "sandbox",
        "sandbox",
        f"--port={sandbox_port}",
        f"--webhook-base=http://{demo_environment.HOST}:{port}",
        f"--record={settings.VAR_DIR / 'demo-sandbox.jsonl'}",
        f"--signing-key={settings.VAR_DIR / 'demo-signing.key'}",
        f"--sendgrid-key={demo_environment.SENDGRID_KEY}",
        f"--twilio-token={demo_environment.TWILIO_TOKEN}",
        f"--speed={STORY_SECONDS}",
        "--follow-links",
    )


def _public_key(line: str) -> str | None:
    found = re.search(r"SENDGRID_WEBHOOK_PUBLIC_KEYS=(\S+)", line)
    return found and found.group(1)


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection(demo_environment.HOST, port, timeout=2)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False  # not listening yet
    finally:
        connection.close()


def _refuse_real_keys() -> None:
    configured = {name: getattr(settings, name) for name in demo_environment.PROVIDER_KEYS}
    if real := demo_environment.real_keys(configured):
        raise CommandError(
            f"{', '.join(real)} is set: the demo never starts beside real provider keys. "
            "Unset it (also in .env) and start again."
        )


def _refuse_taken_ports(port: int, sandbox_port: int) -> None:
    for number in (port, sandbox_port):
        if not demo_environment.port_is_free(number):
            raise CommandError(
                f"Port {number} on {demo_environment.HOST} is in use. Choose another, for "
                f"example: make demo PORT={port + 100} (the sandbox takes that + {SANDBOX_OFFSET})"
            )


@contextmanager
def _only_one(path: Path):
    """One demo per folder: two would share a database file and a queue."""
    with path.open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CommandError("A demo is already running from this folder.") from error
        yield


def _clear(database: Path, *, reset: bool) -> None:
    # Static files come from their sources; the empty folder keeps a warning away.
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    # Hints of an earlier run: what is to be done stands in the database.
    for message in (settings.VAR_DIR / "broker").rglob("*"):
        if message.is_file():
            message.unlink()
    if reset:
        for name in (database.name, f"{database.name}-wal", f"{database.name}-shm"):
            (database.parent / name).unlink(missing_ok=True)
        (settings.VAR_DIR / "demo-sandbox.jsonl").unlink(missing_ok=True)


def _box(url: str) -> str:
    lines = [
        "The demo is running.",
        f"  {url}   {SIGN_IN}",
        "  No message leaves this machine. Ctrl-C stops everything.",
    ]
    width = max(map(len, lines)) + 2
    edge = "+" + "-" * width + "+"
    return "\n".join(["", edge, *(f"| {line:<{width - 1}}|" for line in lines), edge, ""])
