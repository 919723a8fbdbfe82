"""What every test run reports, what it skips where something is not installed, and what tests of
every floor begin with."""

import gc
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlsplit

import pytest
from hypothesis import settings as examples

from barbershop.tests import emptying, environment, migrated

# A slow machine is no failure.
examples.register_profile("suite", parent=examples(), deadline=None)
examples.load_profile("suite")

ON_A_DATABASE = frozenset({"db", "transactional_db", "django_db_setup", "live_server"})


def pytest_configure(config: pytest.Config) -> None:
    if migrated.begin():
        config.add_cleanup(migrated.end)
        is_whole_suite = config.args_source is config.ArgsSource.TESTPATHS
        has_workers = getattr(config.option, "numprocesses", None)
        if is_whole_suite and has_workers and not config.option.collectonly:
            migrated.start()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What waits for other processes comes first, then what is long: the rest is done beside it."""
    for item in items:
        if is_pure(item):
            item.add_marker("pure")
    items.sort(key=_turn)


def is_pure(item: pytest.Item) -> bool:
    """Whether a test can reach no database, neither in this process nor in one that it starts."""
    # The fixtures of others keep every connection from it. Django's own test cases ask for none.
    return not (
        any(map(item.get_closest_marker, ("django_db", "services", "processes", "browser")))
        or ON_A_DATABASE.intersection(item.fixturenames)
        or getattr(getattr(item, "cls", None), "databases", None)
    )


def _turn(item: pytest.Item) -> int:
    if any(map(item.get_closest_marker, ("processes", "browser"))):
        return 0
    return 1 if item.get_closest_marker("long") else 2


def pytest_collection_finish(session: pytest.Session) -> None:
    """The thousands of tests and all modules are there to stay: garbage is not sought in them."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)


def pytest_report_header() -> str:
    database = urlsplit(os.environ["DATABASE_URL"]).scheme
    broker = "Redis" if os.environ["REDIS_URL"] else "the file system"
    return f"database: {database}, broker: {broker}, chromium: {environment.chromium() or 'ABSENT'}"


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("services") and not environment.services_are_up():
        pytest.skip("runs on PostgreSQL + Redis only")
    if item.get_closest_marker("browser") and not environment.chromium():
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
def shop():
    """A shop with nobody in it."""
    from barbershop.tests.factories import ShopFactory

    return ShopFactory()


@pytest.fixture
def api(shop):
    """An integration of the shop that may do everything."""
    from barbershop.tests.api import token_client

    return token_client(shop)


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


@pytest.fixture
def site(transactional_db, tmp_path, monkeypatch):
    """The address of the running site. Playwright's own loop makes Django wary of its thread."""
    from barbershop.tests.browser import database_in_a_file, server

    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    with database_in_a_file(tmp_path), server() as url:
        yield url


@pytest.fixture
def chromium(site):
    """A real chromium, beside the running site."""
    from barbershop.tests.browser import browser

    with browser() as opened:
        yield opened
