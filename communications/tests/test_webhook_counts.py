"""What became of the requests to each webhook, counted by all processes of a web server."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings as project
from django.db import DatabaseError
from django.test import Client

from communications import events
from communications.models import ProviderEvent
from communications.tests.reports import (
    FORM,
    PUBLIC_KEY,
    email_event,
    in_call,
    inbound_form,
    post_sendgrid,
    post_twilio,
    status_form,
)
from communications.webhooks import counts

pytestmark = pytest.mark.django_db
INBOUND = "/webhooks/twilio/inbound/"


@pytest.fixture(autouse=True)
def empty(settings, tmp_path):
    settings.COUNTS_DIR = tmp_path
    settings.SENDGRID_WEBHOOK_PUBLIC_KEYS = [PUBLIC_KEY]
    return tmp_path


def counted() -> dict:
    return {key: number for key, number in counts.read().items() if number}


def test_every_figure_begins_at_zero():
    assert counted() == {}
    assert ("twilio", "status", "bad_signature") in counts.read()


@pytest.mark.parametrize(
    ("key", "post"),
    [
        (("sendgrid", "events", "accepted"), lambda: post_sendgrid([])),
        (
            ("sendgrid", "events", "bad_signature"),
            lambda: post_sendgrid([], key=ec.generate_private_key(ec.SECP256R1())),
        ),
        (("sendgrid", "events", "malformed"), lambda: post_sendgrid(b"{}")),
        (("sendgrid", "events", "too_large"), lambda: post_sendgrid(b" " * (1024 * 1024 + 1))),
        (
            ("twilio", "inbound", "accepted"),
            lambda: post_twilio(INBOUND, inbound_form("Yes", sender="+12125550123")),
        ),
        (
            ("twilio", "status", "bad_signature"),
            lambda: post_twilio("/webhooks/twilio/status", status_form("sent"), token="other"),
        ),
        (("twilio", "status", "malformed"), lambda: post_twilio("/webhooks/twilio/status/", {})),
        (
            ("twilio", "inbound", "too_large"),
            lambda: Client().post(INBOUND, b"a" * (1024 * 1024 + 1), content_type=FORM),
        ),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, tuple) else "",
)
def test_each_outcome_is_counted_at_its_door(key, post):
    post()
    post()

    assert counted() == {key: 2}


def test_missing_key_is_counted(settings):
    settings.SENDGRID_WEBHOOK_PUBLIC_KEYS = []
    settings.TWILIO_AUTH_TOKEN = ""

    post_sendgrid([])
    post_twilio(INBOUND, inbound_form("Yes", sender="+12125550123"), token="any")

    assert counted() == {("sendgrid", "events", "no_key"): 1, ("twilio", "inbound", "no_key"): 1}


def test_failure_of_our_own_is_counted(monkeypatch):
    def fail(*args, **kwargs):
        raise DatabaseError("gone")

    monkeypatch.setattr(events, "record", fail)

    answer = post_sendgrid([email_event(in_call(), "open")])

    assert answer.status_code == 500
    assert counted() == {("sendgrid", "events", "failed"): 1}


def test_what_is_no_report_is_not_counted():
    Client().get(INBOUND)
    Client().post("/webhooks/elsewhere/")
    Client().get("/livez")

    assert counted() == {}


def test_threads_lose_no_count():
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: counts._count("twilio", "status", "accepted"), range(4000)))

    assert counted() == {("twilio", "status", "accepted"): 4000}


@pytest.mark.processes
def test_processes_lose_no_count(empty):
    program = (
        "import sys\n"
        "from django.conf import settings\n"
        "settings.configure(COUNTS_DIR=sys.argv[1])\n"
        "from communications.webhooks import counts\n"
        "sys.stdin.read()\n"  # until all of them are ready
        "for _ in range(3000): counts._count('sendgrid', 'events', 'accepted')\n"
    )
    command = [sys.executable, "-c", program, str(empty)]
    others = [
        subprocess.Popen(command, cwd=project.BASE_DIR, stdin=subprocess.PIPE) for _ in range(4)
    ]

    for other in others:
        other.stdin.close()
    assert [other.wait(60) for other in others] == [0] * 4
    assert counted() == {("sendgrid", "events", "accepted"): 12_000}


def test_counts_that_cannot_be_written_cost_no_report(settings, empty):
    settings.COUNTS_DIR = empty / "missing"

    answer = post_sendgrid([email_event(in_call(), "open")])

    assert answer.status_code == 200
    assert ProviderEvent.objects.count() == 1
    assert counted() == {}


def test_figures_stand_in_one_small_file(empty):
    post_sendgrid([])
    post_twilio(INBOUND, {})

    (file,) = empty.iterdir()
    assert file.stat().st_size <= 8 * len(counts.read())
    assert file.stat().st_mode & 0o077 == 0
    assert len(counted()) == 2
