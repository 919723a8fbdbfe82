"""What every test run reports, and what it skips where something is not installed."""

import os
from urllib.parse import urlsplit

import pytest

from barbershop.tests.environment import chromium, services_are_up


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
