"""Run the whole suite on embedded SQLite, and again on PostgreSQL + Redis where they answer.

The second run leaves out the tests that drive a browser and those that touch no database.

ARGS: further arguments for pytest. TEST_DATABASE_URL, TEST_REDIS_URL: where the services are, if
not on their standard loopback ports. REQUIRE_SERVICES=1: their absence is a failure.
"""

import hashlib
import os
import shlex
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import redis

ROOT = Path(__file__).resolve().parent.parent
STANDARD_DATABASE = "postgres://postgres@127.0.0.1:5432/"
STANDARD_REDIS = "redis://127.0.0.1:6379/15"
NOTHING_COLLECTED = 5
# What a browser shows does not hang on the database; the pages' own tests run on both. What touches
# no database finds the same on either.
ONLY_ONCE = ("-m", "not browser and not pure")
CONNECT_SECONDS = 3


@dataclass(frozen=True, kw_only=True)
class Services:
    """Where both services answered, or why there is no second run."""

    database_url: str = ""
    redis_url: str = ""
    label: str = ""
    missing: str = ""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    label: str
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0
    exit_code: int = 0

    @property
    def green(self) -> bool:
        return self.exit_code == 0 and self.failed == 0

    def __str__(self) -> str:
        counts = f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"
        ended = "" if self.exit_code in (0, 1) else f" (pytest ended with {self.exit_code})"
        return f"{self.label:<30} {counts} in {self.seconds:.0f} s{ended}"


def main() -> int:
    required = os.environ.get("REQUIRE_SERVICES", "") not in ("", "0")
    services = find_services(os.environ)
    outcomes = [run("SQLite, no services", TEST_DATABASE_URL="", TEST_REDIS_URL="")]
    if not services.missing:
        outcomes.append(
            run(
                services.label,
                *ONLY_ONCE,
                TEST_DATABASE_URL=services.database_url,
                TEST_REDIS_URL=services.redis_url,
            )
        )
    print("\n" + " what was run ".center(78, "="))
    for outcome in outcomes:
        print(outcome)
    if services.missing:
        verdict = "FAILED" if required else "NOT RUN"
        print(f"{'PostgreSQL + Redis':<30} {verdict}: {services.missing}")
    else:
        print("Tests with a browser, and those without a database, ran in the first run only.")
    print("=" * 78)
    passed = sum(outcome.passed for outcome in outcomes)
    failed = sum(outcome.failed for outcome in outcomes)
    absent = bool(services.missing) and required
    print(f"{passed} passed, {failed} failed{', services missing' * absent}", flush=True)
    return 0 if all(outcome.green for outcome in outcomes) and not absent else 1


def find_services(environ: Mapping[str, str]) -> Services:
    database_url = environ.get("TEST_DATABASE_URL") or STANDARD_DATABASE
    redis_url = environ.get("TEST_REDIS_URL") or STANDARD_REDIS
    try:
        with psycopg.connect(
            _maintenance(database_url), connect_timeout=CONNECT_SECONDS
        ) as connection:
            major = connection.info.server_version // 10_000
    except psycopg.Error as error:
        return Services(missing=f"PostgreSQL at {_place(database_url)}: {_first_line(error)}")
    try:
        with redis.Redis.from_url(redis_url, socket_connect_timeout=CONNECT_SECONDS) as client:
            version = client.info("server")["redis_version"]
    except (redis.RedisError, OSError, ValueError) as error:
        return Services(missing=f"Redis at {_place(redis_url)}: {_first_line(error)}")
    return Services(
        database_url=database_url,
        redis_url=redis_url,
        label=f"PostgreSQL {major} + Redis {version}",
    )


def run(label: str, *more: str, **environment: str) -> Outcome:
    """One pytest run; the counts come from its own report, not from its text."""
    print("\n" + f" {label} ".center(78, "="), flush=True)
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        arguments = ["--create-db", f"--junitxml={report}", *_processes(), *more]
        arguments += _extra_arguments()
        result = subprocess.run(
            [sys.executable, "-m", "pytest", *arguments],
            cwd=ROOT,
            env={
                **os.environ,
                "DATABASE_URL": "",
                "TEST_DATABASE_SUFFIX": _suffix(),
                # Or each of the many processes would compile the tests and the product anew.
                "PYTHONDONTWRITEBYTECODE": "",
                **environment,
            },
            check=False,
        )
        counts = _counts(report)
    return Outcome(
        label=label,
        seconds=time.monotonic() - started,
        # With ARGS="-k something" one of the runs may have nothing to do.
        exit_code=0
        if result.returncode == NOTHING_COLLECTED and _extra_arguments()
        else result.returncode,
        **counts,
    )


def _counts(report: Path) -> dict[str, int]:
    if not report.is_file():
        return {}
    suites = ElementTree.parse(report).getroot().iter("testsuite")  # noqa: S314 - pytest's own
    total = {"tests": 0, "failures": 0, "errors": 0, "skipped": 0}
    for suite in suites:
        for name in total:
            total[name] += int(suite.get(name, 0))
    failed = total["failures"] + total["errors"]
    return {
        "passed": total["tests"] - failed - total["skipped"],
        "failed": failed,
        "skipped": total["skipped"],
    }


def _processes() -> list[str]:
    """One more than there are cores: tests with processes of their own mostly wait for them."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return ["-n", str((cores or 1) + 1), "--dist", "worksteal"]


def _extra_arguments() -> list[str]:
    return shlex.split(os.environ.get("ARGS", ""))


def _suffix() -> str:
    """Of the test databases: two clones on one server do not share them."""
    return hashlib.sha256(str(ROOT).encode()).hexdigest()[:8]


def _maintenance(url: str) -> str:
    """The same server by a database that always exists."""
    return urlsplit(url)._replace(scheme="postgresql", path="/postgres").geturl()


def _place(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


if __name__ == "__main__":
    sys.exit(main())
