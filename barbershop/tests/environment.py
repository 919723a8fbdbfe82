"""The environment of the tests; ``tests/settings.py`` fixes it before it reads any setting.

Nothing of the developer's own environment may reach a provider from a test: keys are replaced,
provider addresses point to a closed loopback port until a test starts its own sandbox.
"""

import os
import shutil
from pathlib import PurePosixPath
from urllib.parse import urlsplit, urlunsplit

CLOSED_PORT = "http://127.0.0.1:9"

FIXED = {
    "DEBUG": "false",
    "DEMO": "false",
    "SECRET_KEY": "tests-only-" + "s" * 50,
    "ADDRESS_PEPPER": "tests-only-pepper-" + "p" * 32,
    "LINK_SIGNING_KEYS": "tests-only-link-key-" + "k" * 32,
    "FIELD_ENCRYPTION_KEYS": "dGVzdHMtb25seS1maWVsZC1lbmNyeXB0aW9uLWtleTE=",
    "ALLOWED_HOSTS": "testserver,localhost,127.0.0.1",
    "PUBLIC_BASE_URL": "https://shop.example.test",
    "SENDGRID_API_KEY": "SG.tests-only",
    "SENDGRID_FROM_EMAIL": "hello@shop.example.test",
    "SENDGRID_FROM_NAME": "Example Barbers",
    "SENDGRID_API_URL": f"{CLOSED_PORT}/v3/",
    "SENDGRID_WEBHOOK_PUBLIC_KEYS": "",
    "SENDGRID_INBOUND_DOMAIN": "",
    "SENDGRID_INBOUND_SECRET": "",
    "SENDGRID_MESSAGES_PER_SECOND": "",
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": "tests-only-token",
    "TWILIO_PHONE_NUMBER": "+15005550006",
    "TWILIO_REGISTRATION": "CTEST01",
    "TWILIO_BASE_URL": CLOSED_PORT,
    "TWILIO_MESSAGES_PER_SECOND": "",
    "SHOP_TEST_MESSAGES_PER_DAY": "",
    "METRICS_TOKEN": "",
    "SENTRY_DSN": "",
    "REDIS_URL": os.environ.get("TEST_REDIS_URL", ""),
    "SECURE_SSL": "false",
}


def test_database_url() -> str:
    """The database of this run: TEST_DATABASE_URL, else DATABASE_URL, else embedded SQLite."""
    url = os.environ.get("TEST_DATABASE_URL") or os.environ.get("DATABASE_URL") or ""
    suffix = os.environ.get("TEST_DATABASE_SUFFIX", "")
    if not url.startswith("postgres"):
        return url or "sqlite:///:memory:"
    parts = urlsplit(url)
    name = PurePosixPath(parts.path).name or "barbershop"
    return urlunsplit(parts._replace(path=f"/{name}_{suffix}" if suffix else f"/{name}"))


test_database_url.__test__ = False


def fix() -> None:
    """Set the environment of this process and of those it starts."""
    os.environ.update(FIXED)
    os.environ["DATABASE_URL"] = test_database_url()


def chromium() -> str | None:
    """The path of an installed chromium, for the tests that drive one."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((path for path in map(shutil.which, names) if path), None)


def services_are_up() -> bool:
    """Whether this run is on PostgreSQL and Redis."""
    on_postgresql = os.environ["DATABASE_URL"].startswith("postgres")
    return on_postgresql and bool(os.environ["REDIS_URL"])
