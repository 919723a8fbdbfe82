"""The migrations run once in a run of the suite; every database of a test is a copy of the result.

The processes of one run share a folder, named in the environment by the first of them. Whoever
needs the migrated database first makes it, with ``manage.py migrate``; the others wait for it.
"""

import fcntl
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

ROOT = Path(__file__).resolve().parent.parent.parent
# Django's name for it.
TEST_DATABASE = "file:memorydb_default?mode=memory&cache=shared"
SHARED = "TESTS_SHARED_FOLDER"
_ahead: list[threading.Thread] = []


def begin() -> bool:
    """Whether this process is the first of its run, which has to ``end`` it."""
    if os.environ.get(SHARED):
        return False
    os.environ[SHARED] = tempfile.mkdtemp(prefix="barbershop-suite-")
    return True


def start() -> None:
    """Make it beside the collecting of the tests, for a run that is sure to need it."""
    # A failure is told by the first test that needs the database: it tries again.
    thread = threading.Thread(target=source, name="migrations")
    thread.start()
    _ahead.append(thread)


def end() -> None:
    while _ahead:
        _ahead.pop().join()
    folder = Path(os.environ.pop(SHARED))
    if (folder / "begun").exists():
        _drop_template()
    shutil.rmtree(folder)


def sqlite_file() -> Path:
    """A migrated SQLite database that nobody writes to."""
    with _alone() as folder:
        path = folder / "migrated.sqlite3"
        if not path.exists():
            unfinished = folder / "unfinished.sqlite3"
            _migrate(f"sqlite:///{unfinished}")
            unfinished.rename(path)
    return path


def postgresql_template() -> str:
    """The name of a migrated database on the tests' server; nobody connects to it."""
    name = template_name()
    with _alone() as folder:
        made = folder / "postgresql"
        if not made.exists():
            (folder / "begun").touch()
            _drop_template()  # of a run that was killed
            _on_server(
                sql.SQL("CREATE DATABASE {} ENCODING 'UTF8' TEMPLATE template0").format(
                    sql.Identifier(name)
                )
            )
            _migrate(urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}")))
            made.touch()
    return name


def source() -> str:
    """What a database of this run is to be a copy of: a file, or a database on its server."""
    if urlsplit(os.environ["DATABASE_URL"]).scheme.startswith("postgres"):
        return postgresql_template()
    return str(sqlite_file())


def template_name() -> str:
    return f"{urlsplit(os.environ['DATABASE_URL']).path.strip('/')}_template"


def copy_into(target: sqlite3.Connection) -> None:
    with closing(sqlite3.connect(sqlite_file())) as migrated:
        migrated.backup(target)


@contextmanager
def _alone() -> Iterator[Path]:
    """The run's folder, with no other process of the run between these lines."""
    folder = Path(os.environ[SHARED])
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder


def _migrate(database_url: str) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": database_url},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]


def _drop_template() -> None:
    _on_server(
        sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(template_name()))
    )


def _on_server(statement: sql.Composable) -> None:
    server = urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path="/postgres"))
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement)
