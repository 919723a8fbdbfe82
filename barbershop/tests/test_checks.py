import os
import subprocess
import sys

import pytest
from django.conf import settings as project
from django.core.checks import ERROR, run_checks

from barbershop import checks

# A P-256 key whose private half nobody has.
WEBHOOK_KEY = (
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAExSZP8K0fTpwdn8tN9yj2DQfuBnIW"
    "GZC569e9YSTQaV7M7U9gQ9DpgDN4MtDsNfNOum9dhkr1eiVpToyC5fpBAA=="
)
PROVIDERS = {
    "SENDGRID_API_KEY": "SG.key",
    "SENDGRID_FROM_EMAIL": "hello@shop.example.test",
    "SENDGRID_WEBHOOK_PUBLIC_KEYS": [WEBHOOK_KEY],
    "SENDGRID_INBOUND_DOMAIN": "replies.example.test",
    "SENDGRID_INBOUND_SECRET": "s" * 24,
    "TWILIO_ACCOUNT_SID": "AC0",
    "TWILIO_AUTH_TOKEN": "token",
    "TWILIO_PHONE_NUMBER": "+15005550006",
    "TWILIO_REGISTRATION": "CTEST01",
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


@pytest.mark.parametrize("row", checks.REPORTING, ids=lambda row: row[0])
def test_provider_that_cannot_report_back_is_an_error_with_a_hint(complete, row):
    check_id, name, *_ = row
    setattr(complete, name, "")

    (error,) = [m for m in run_checks(include_deployment_checks=True) if m.id == check_id]

    assert error.level == ERROR
    assert name in error.msg
    assert error.hint
    assert ids() == [check_id]


@pytest.mark.parametrize("row", checks.REPORTING, ids=lambda row: row[0])
def test_provider_that_is_not_used_needs_no_key_for_its_reports(complete, row):
    _, name, provider, *_ = row
    setattr(complete, name, "")
    setattr(complete, provider, "")

    assert checks.reports_can_be_verified() == []
    needed = [row[1] for row in checks.NEEDED]
    assert len(checks.providers_are_set()) == needed.count(provider)


@pytest.mark.parametrize("url", ["http://shop.example.test", "https://127.0.0.1"])
def test_links_that_lead_nowhere_are_warned_of(complete, url):
    complete.PUBLIC_BASE_URL = url

    assert ids() == ["barbershop.W007"]


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
    done = check_deploy(
        SENDGRID_WEBHOOK_PUBLIC_KEYS="", TWILIO_AUTH_TOKEN="", SENDGRID_INBOUND_SECRET=""
    )

    assert done.returncode == 1
    assert "barbershop.E001" in done.stderr
    assert "barbershop.E002" in done.stderr
    assert "barbershop.E003" in done.stderr
    assert "SENDGRID_INBOUND_SECRET is not set, though SENDGRID_INBOUND_DOMAIN is." in done.stderr


@pytest.mark.processes
def test_demonstration_with_real_providers_does_not_start():
    done = check_deploy(DEMO="true")

    assert done.returncode == 2
    assert done.stderr.startswith("error: DEMO is on and SENDGRID_API_URL is ")
