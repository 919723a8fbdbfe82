import os
import subprocess
import sys

import pytest
from django.conf import settings as project
from django.core.checks import run_checks

from barbershop import checks

PROVIDERS = {
    "SENDGRID_API_KEY": "SG.key",
    "SENDGRID_FROM_EMAIL": "hello@shop.example.test",
    "SENDGRID_WEBHOOK_PUBLIC_KEYS": ["key"],
    "TWILIO_ACCOUNT_SID": "AC0",
    "TWILIO_AUTH_TOKEN": "token",
    "TWILIO_PHONE_NUMBER": "+15005550006",
    "PUBLIC_BASE_URL": "https://shop.example.test",
    "REDIS_URL": "redis://127.0.0.1:6379/0",
}
FULL = {
    **{name: v if isinstance(v, str) else ",".join(v) for name, v in PROVIDERS.items()},
    "SENDGRID_API_URL": "https://api.sendgrid.com/v3/",
    "TWILIO_BASE_URL": "https://api.twilio.com",
    "SECRET_KEY": "".join(chr(33 + n) for n in range(2, 80)).replace("$", "S"),
    "ADDRESS_PEPPER": "p" * 40,
    "LINK_SIGNING_KEYS": "k" * 40,
    "FIELD_ENCRYPTION_KEYS": "dGVzdHMtb25seS1maWVsZC1lbmNyeXB0aW9uLWtleTE=",
    "ALLOWED_HOSTS": "shop.example.test",
    "DATABASE_URL": "sqlite:///:memory:",
    "DEBUG": "false",
    "DEMO": "false",
    "SECURE_SSL": "true",
    "DJANGO_SETTINGS_MODULE": "barbershop.settings",
}


@pytest.fixture
def complete(settings):
    for name, value in PROVIDERS.items():
        setattr(settings, name, value)
    return settings


def ids() -> list[str]:
    found = run_checks(include_deployment_checks=True)
    return sorted(message.id for message in found if message.id.startswith("barbershop."))


def test_complete_installation_has_nothing_to_say(complete):
    assert ids() == []


@pytest.mark.parametrize(("check_id", "name"), [(row[0], row[1]) for row in checks.NEEDED])
def test_each_missing_provider_setting_has_its_warning_with_a_hint(complete, check_id, name):
    setattr(complete, name, "")

    (warning,) = checks.providers_are_set()

    assert warning.id == check_id
    assert name in warning.msg
    assert warning.hint


@pytest.mark.parametrize("url", ["http://shop.example.test", "https://127.0.0.1"])
def test_links_that_lead_nowhere_are_warned_of(complete, url):
    complete.PUBLIC_BASE_URL = url

    assert ids() == ["barbershop.W007"]


@pytest.mark.parametrize(
    ("address", "url", "refused"),
    [
        ("SENDGRID_API_URL", "https://api.sendgrid.com/v3/", True),
        ("TWILIO_BASE_URL", "https://api.twilio.com", True),
        ("TWILIO_BASE_URL", "http://127.0.0.1.evil.example", True),
        ("TWILIO_BASE_URL", "http://10.0.0.1", True),
        ("TWILIO_BASE_URL", "http://127.0.0.5:9000", False),
        ("TWILIO_BASE_URL", "http://[::1]:9000", False),
        ("SENDGRID_API_URL", "http://localhost:9000/v3/", False),
    ],
)
def test_demonstration_refuses_keys_for_providers_elsewhere(complete, address, url, refused):
    complete.DEMO = True
    complete.SENDGRID_API_URL = complete.TWILIO_BASE_URL = "http://127.0.0.1:9/v3/"
    setattr(complete, address, url)

    errors = checks.demo_is_harmless()

    assert [error.id for error in errors] == (["barbershop.E001"] if refused else [])


def test_demonstration_without_keys_may_start(complete):
    complete.DEMO = True
    complete.SENDGRID_API_KEY = complete.TWILIO_AUTH_TOKEN = ""
    complete.SENDGRID_API_URL = "https://api.sendgrid.com/v3/"

    assert checks.demo_is_harmless() == []


def check_deploy(**changes) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "INFO"],
        cwd=project.BASE_DIR,
        env={"PATH": os.environ["PATH"], **FULL, **changes},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.processes
def test_check_deploy_is_clean_with_a_full_environment():
    done = check_deploy()

    assert done.returncode == 0, done.stderr
    assert "System check identified no issues" in done.stdout + done.stderr


@pytest.mark.processes
def test_check_deploy_says_what_is_missing():
    done = check_deploy(SENDGRID_WEBHOOK_PUBLIC_KEYS="", TWILIO_AUTH_TOKEN="")

    assert done.returncode == 1
    assert "barbershop.W003" in done.stderr
    assert "barbershop.W005" in done.stderr


@pytest.mark.processes
def test_demonstration_with_real_keys_does_not_start():
    done = check_deploy(DEMO="true")

    assert done.returncode == 1
    assert "barbershop.E001" in done.stderr
