"""A wrong value of the environment ends the start with one sentence that names the variable."""

import os
import runpy
import subprocess
import sys

import pytest
from django.conf import settings as project
from django.core.exceptions import ImproperlyConfigured

from barbershop import env, env_values
from barbershop.tests.test_checks import FULL, WEBHOOK_KEY

RSA_OR_NONSENSE = ["key", "a2V5", WEBHOOK_KEY[:-8]]
WRONG = [
    *(("DATABASE_URL", f"postgres://u:s3cret@{rest}") for rest in ("h:abc/n", "h:99999/n", "h")),
    ("DATABASE_URL", "postgres://u:s3cret[@h/n"),
    ("DATABASE_URL", "mysql://h/n"),
    ("DATABASE_URL", "sqlite:////no/such/folder/db.sqlite3"),
    *(("REDIS_URL", f"redis://:s3cret@{rest}") for rest in ("h:abc/0", "h:99999", "h/abc", "")),
    ("REDIS_URL", "http://h"),
    ("SENTRY_DSN", "foo"),
    ("METRICS_TOKEN", "s3cret"),
    ("METRICS_TOKEN", "s3cret s3cret s3cret"),
    ("SENTRY_DSN", "https://s3cret@h"),
    *((name, ",") for name in ("LINK_SIGNING_KEYS", "FIELD_ENCRYPTION_KEYS")),
    ("SECRET_KEY", "s3cret" * 5),
    ("ADDRESS_PEPPER", "s3cret"),
    ("LINK_SIGNING_KEYS", "k" * 40 + ",s3cret"),
    ("FIELD_ENCRYPTION_KEYS", "s3cret"),
    *(("ALLOWED_HOSTS", host) for host in ("https://h", "h/x", "h:80", "a b")),
    *(("SENDGRID_FROM_EMAIL", address) for address in ("hello", "a@b@c", "Al <a@example.com>")),
    *(("TWILIO_PHONE_NUMBER", number) for number in ("2125550123", "+1 212", "+0123456789")),
    *(("TWILIO_REGISTRATION", id_) for id_ in ("C1", "to be done", "C" * 81)),
    *(("SENDGRID_WEBHOOK_PUBLIC_KEYS", f"{WEBHOOK_KEY},{key}") for key in RSA_OR_NONSENSE),
    *(("SENDGRID_MESSAGES_PER_SECOND", rate) for rate in ("0", "-1", "nan", "inf", "ten", "1e9")),
    ("TWILIO_MESSAGES_PER_SECOND", "10/s"),
    *(("SHOP_TEST_MESSAGES_PER_DAY", n) for n in ("0", "-1", "1.5", "many", "1000000", "²")),
    ("PUBLIC_BASE_URL", "https://h:abc"),
    ("TWILIO_BASE_URL", "api.twilio.com"),
    ("DEBUG", "perhaps"),
]


def start(*arguments: str, **changes) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=project.BASE_DIR,
        env={"PATH": os.environ["PATH"], **FULL, **changes},
        capture_output=True,
        text=True,
        timeout=60,
    )


def read(monkeypatch, **changes) -> dict:
    """The settings as they would be with these values."""
    for name, value in {**FULL, **changes}.items():
        monkeypatch.setenv(name, value)
    return runpy.run_path(str(project.BASE_DIR / "barbershop" / "settings.py"))


@pytest.mark.parametrize(("name", "value"), WRONG, ids=lambda each: each[:40])
def test_wrong_value_is_refused_by_name_without_its_secret(monkeypatch, name, value):
    with pytest.raises(ImproperlyConfigured) as refused:
        read(monkeypatch, **{name: value})

    assert name in str(refused.value)
    assert "s3cret" not in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("REDIS_URL", "rediss://:p@h:6379/0?ssl_cert_reqs=required", ...),
        ("REDIS_URL", "redis://h", ...),
        ("REDIS_URL", "unix:///run/redis.sock", ...),
        ("SENTRY_DSN", "", ...),
        ("METRICS_TOKEN", "", ...),
        ("METRICS_TOKEN", "scrape-scrape-12", ...),
        ("ALLOWED_HOSTS", "*,.example.com, [::1]", ["*", ".example.com", "[::1]"]),
        ("SENDGRID_FROM_EMAIL", "", ...),
        ("TWILIO_PHONE_NUMBER", "+442071838750", ...),
        ("TWILIO_REGISTRATION", "QE" + "0a" * 16, ...),
        ("SENDGRID_WEBHOOK_PUBLIC_KEYS", f"{WEBHOOK_KEY}, {WEBHOOK_KEY}", [WEBHOOK_KEY] * 2),
        ("SENDGRID_MESSAGES_PER_SECOND", "", None),
        ("TWILIO_MESSAGES_PER_SECOND", "0.5", 0.5),
        ("SHOP_TEST_MESSAGES_PER_DAY", "", 100),
        ("SHOP_TEST_MESSAGES_PER_DAY", "7", 7),
    ],
)
def test_right_value_is_taken(monkeypatch, name, value, expected):
    assert read(monkeypatch, **{name: value})[name] == (value if expected is ... else expected)


@pytest.mark.parametrize(
    ("url", "database"),
    [
        ("postgres://u:p%40w@h:5432/n", "n"),
        ("postgresql://u@/n", "n"),
        ("sqlite://:memory:", ":memory:"),
        ("sqlite:///new.sqlite3", "new.sqlite3"),
    ],
)
def test_address_of_a_database_is_taken(monkeypatch, url, database):
    assert read(monkeypatch, DATABASE_URL=url)["DATABASES"]["default"]["NAME"] == database


def test_short_secrets_do_on_a_development_machine(monkeypatch):
    settings = read(monkeypatch, DEBUG="true", SECRET_KEY="short", LINK_SIGNING_KEYS="a,b")

    assert (settings["SECRET_KEY"], settings["LINK_SIGNING_KEYS"]) == ("short", ["a", "b"])


@pytest.mark.parametrize("name", ["SENDGRID_API_URL", "TWILIO_BASE_URL"])
@pytest.mark.parametrize(
    ("url", "refused"),
    [
        ("https://api.example.com", True),
        ("http://127.0.0.1.evil.example", True),
        ("http://10.0.0.1", True),
        ("http://127.0.0.5:9000", False),
        ("http://[::1]:9000", False),
        ("http://localhost:9000", False),
        ("", False),
    ],
)
def test_demonstration_has_its_providers_on_this_machine_key_or_no_key(
    monkeypatch, name, url, refused
):
    keyless = {"SENDGRID_API_KEY": "", "TWILIO_AUTH_TOKEN": ""}
    keyless |= {"SENDGRID_API_URL": "", "TWILIO_BASE_URL": ""}
    keyless[name] = f"{url}/v3/" if url and name == "SENDGRID_API_URL" else url

    if refused:
        with pytest.raises(ImproperlyConfigured, match=f"DEMO is on and {name}"):
            read(monkeypatch, DEMO="true", **keyless)
    else:
        settings = read(monkeypatch, DEMO="true", **keyless)
        assert env_values.is_loopback(settings["SENDGRID_API_URL"])
        assert env_values.is_loopback(settings["TWILIO_BASE_URL"])


@pytest.mark.processes
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["manage.py", "check"], 2),
        (["-m", "celery", "-A", "barbershop", "worker"], 2),
        (["-c", "import barbershop.wsgi"], 4),
        (["-c", "import barbershop.asgi"], 4),
    ],
)
def test_start_with_a_wrong_value_says_the_sentence_and_nothing_else(arguments, code):
    done = start(*arguments, ADDRESS_PEPPER="short")

    assert done.returncode == code
    assert done.stdout == ""
    assert done.stderr == (
        "error: ADDRESS_PEPPER holds a secret of 5 characters; it needs at least 16 "
        "(see .env.example for a command that makes one).\n"
    )


def test_tests_themselves_run_with_values_that_pass():
    assert env.secret("SECRET_KEY", own=False, shortest=32) == project.SECRET_KEY
