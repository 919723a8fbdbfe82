"""What every test run reports, and what it skips where something is not installed."""

import gc
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlsplit

import pytest

from barbershop.tests import emptying, migrated
from barbershop.tests.environment import chromium, services_are_up


def pytest_configure(config: pytest.Config) -> None:
    if migrated.begin():
        config.add_cleanup(migrated.end)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What waits for other processes comes first: the rest is done beside it, not before it."""
    items.sort(key=lambda item: not any(map(item.get_closest_marker, ("processes", "browser"))))


def pytest_collection_finish(session: pytest.Session) -> None:
    """The thousands of tests and all modules are there to stay: garbage is not sought in them."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)


def pytest_report_header() -> str:
    database = urlsplit(os.environ["DATABASE_URL"]).scheme
    broker = "Redis" if os.environ["REDIS_URL"] else "the file system"
    return f"database: {database}, broker: {broker}, chromium: {chromium() or 'ABSENT'}"


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("services") and not services_are_up():
        pytest.skip("runs on PostgreSQL + Redis only")
    if item.get_closest_marker("browser") and not chromium():
        if os.environ.get("REQUIRE_SERVICES", "") not in ("", "0"):
            pytest.fail("chromium is required (REQUIRE_SERVICES=1) and not installed")
        pytest.skip("NO CHROMIUM: install it and this is tested too")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix,
    django_db_use_migrations,
    django_db_keepdb,
    django_db_createdb,
) -> Iterator[None]:
    """The database of the tests begins as a copy; what it lacks is then migrated as ever."""
    from django.conf import settings

    is_kept = django_db_keepdb and not django_db_createdb
    if is_kept or not django_db_use_migrations:
        yield
        return
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("postgresql"):
        database["TEST"]["TEMPLATE"] = migrated.postgresql_template()
        yield
        return
    # In memory, and there as long as somebody has it open.
    with closing(sqlite3.connect(migrated.TEST_DATABASE, uri=True)) as kept:
        migrated.copy_into(kept)
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker) -> None:
    with django_db_blocker.unblock():
        emptying.install()


@pytest.fixture(autouse=True)
def _daytime(request, monkeypatch):
    """Tests run at any hour: for all that are not about quiet hours it is open everywhere."""
    if request.node.get_closest_marker("quiet_hours"):
        return
    from communications import quiet_hours

    always = quiet_hours.Window(is_open=True)
    monkeypatch.setattr(quiet_hours, "window", lambda place, *, hours, now: always)


@pytest.fixture
def providers(settings):
    """Both providers' emulator over real HTTP, without events; the settings point to it."""
    from communications.sandbox import running_sandbox

    with running_sandbox(events=False) as sandbox:
        # The test runner swaps the backend for one that keeps mail in memory.
        settings.EMAIL_BACKEND = "anymail.backends.sendgrid.EmailBackend"
        settings.SENDGRID_API_URL = sandbox.sendgrid_url
        settings.TWILIO_BASE_URL = sandbox.twilio_url
        yield sandbox
