"""One run of pytest on a copy of the code."""

import enum
import os
import subprocess
import sys
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

STANDARD_DATABASE = "postgres://postgres@127.0.0.1:5432/"
LONGEST = 900  # seconds
TAIL = 1500  # characters of what pytest said


class Verdict(enum.Enum):
    NOTICED = "noticed"
    SURVIVED = "SURVIVED"
    BROKEN = "BROKEN"  # the tests did not run at all
    MOVED = "MOVED"
    NOT_PROVEN = "NOT PROVEN"


# pytest: 0 all passed, 1 some failed, anything else ran nothing or broke down.
BY_EXIT_CODE = {0: Verdict.SURVIVED, 1: Verdict.NOTICED}


@dataclass
class Trial:
    """Tests in one tree, on the database at ``url`` (none: embedded SQLite).

    Tables are made from the models rather than by migrations: a key that is taken out of a model
    is then missing from the database, too.
    """

    tree: Path
    url: str
    verdict: Verdict = Verdict.BROKEN
    said: str = ""

    def run(self, tests: Collection[str], *, processes: str = "0") -> "Trial":
        arguments = ["-q", "-x", "--nomigrations", "--create-db", "-p", "no:cacheprovider"]
        try:
            done = subprocess.run(
                [sys.executable, "-m", "pytest", *arguments, "-n", processes, *tests],
                cwd=self.tree,
                env=self._environment(),
                capture_output=True,
                text=True,
                timeout=LONGEST,
                check=False,
            )
        except subprocess.TimeoutExpired:
            # What waits for ever without its guard has been noticed.
            self.verdict, self.said = Verdict.NOTICED, f"no end after {LONGEST} seconds"
            return self
        self.verdict = BY_EXIT_CODE.get(done.returncode, Verdict.BROKEN)
        self.said = (done.stdout + done.stderr)[-TAIL:]
        return self

    def _environment(self) -> dict[str, str]:
        return os.environ | {
            "DATABASE_URL": "",
            "TEST_DATABASE_URL": self.url,
            "TEST_REDIS_URL": "",
            "TEST_DATABASE_SUFFIX": f"{self.tree.parent.name}_{self.tree.name}".replace("-", "_"),
        }


def database_url() -> str:
    """Where PostgreSQL answers, or nothing."""
    url = os.environ.get("TEST_DATABASE_URL") or STANDARD_DATABASE
    server = urlsplit(url)._replace(scheme="postgresql", path="/postgres").geturl()
    try:
        psycopg.connect(server, connect_timeout=3).close()
    except psycopg.Error:
        return ""
    return url
