"""``/metrics``: right figures by a fixed number of queries, and nothing about anybody."""

import datetime as dt
import os
import re
import subprocess
import sys

import pytest
import yaml
from django.conf import settings as project
from django.db import DatabaseError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from barbershop.tests.factories import ShopFactory
from communications.models import (
    DeliveryAttempt,
    Dispatch,
    Incident,
    ProviderAccount,
    ProviderEvent,
)
from communications.monitoring import ledger, processes
from communications.tests.factories import CommunicationFactory, DispatchFactory
from communications.tests.reports import PUBLIC_KEY, email_event, in_call, post_sendgrid
from communications.tests.scraped import figures

pytestmark = pytest.mark.django_db
MINUTE = dt.timedelta(minutes=1)


def scrape() -> dict[tuple, float]:
    answer = Client().get("/metrics")
    assert answer.status_code == 200, answer.content
    assert answer["Content-Type"].startswith("text/plain; version=")
    return figures(answer.content.decode())


def pending(state=Dispatch.State.RUNNING, *, waited=MINUTE, **kwargs):
    began = timezone.now() - waited
    dispatch = DispatchFactory(state=state, starts_at=began)
    return CommunicationFactory(dispatch=dispatch, queued_at=began, **kwargs)


def is_about(value: float, wanted: dt.timedelta) -> bool:
    return 0 <= value - wanted.total_seconds() < 30


def test_empty_installation_has_every_series_at_zero():
    found = scrape()

    assert found["database_up",] == 1
    assert found["messages_pending", "sms", "running"] == 0
    assert found["oldest_due_message_seconds", "email"] == 0
    assert found["calls", "email", "unknown"] == 0
    assert found["events_waiting", "twilio"] == 0
    assert found["incidents_open", "quarantined_event"] == 0
    assert found["webhook_requests_total", "events", "bad_signature", "sendgrid"] >= 0
    assert ("beat_age_seconds",) not in found


def test_queue_is_counted_by_channel_and_state_of_its_dispatch():
    pending()
    pending()
    pending(channel="sms")
    pending(Dispatch.State.PAUSED)
    in_call()

    found = scrape()

    assert found["messages_pending", "email", "running"] == 2
    assert found["messages_pending", "sms", "running"] == 1
    assert found["messages_pending", "email", "paused"] == 1


def test_oldest_message_is_as_old_as_it_could_have_gone():
    now = timezone.now()
    pending(waited=3 * MINUTE)
    pending(waited=9 * MINUTE, not_before=now - 5 * MINUTE)
    pending(waited=60 * MINUTE, not_before=now + MINUTE)  # quiet hours
    pending(Dispatch.State.PAUSED, waited=60 * MINUTE)
    later = pending(waited=60 * MINUTE)
    Dispatch.objects.filter(pk=later.dispatch_id).update(starts_at=now - 4 * MINUTE)

    found = scrape()

    assert is_about(found["oldest_due_message_seconds", "email"], 5 * MINUTE)
    assert found["oldest_due_message_seconds", "sms"] == 0


def test_calls_are_counted_until_they_are_over():
    for state in ("claimed", "sending", "unknown", "unknown", "accepted", "not_sent"):
        in_call(state=state)
    DeliveryAttempt.objects.filter(state="unknown").update(claimed_at=timezone.now() - 7 * MINUTE)

    found = scrape()

    assert [found["calls", "email", s] for s in ("claimed", "sending", "unknown")] == [1, 1, 2]
    assert is_about(found["oldest_call_seconds", "email", "unknown"], 7 * MINUTE)
    assert found["calls", "sms", "unknown"] == 0


def event(**fields) -> ProviderEvent:
    number = ProviderEvent.objects.count()
    return ProviderEvent.objects.create(
        **{"provider": "sendgrid", "event_key": str(number), "kind": "x", "payload": {}, **fields}
    )


def test_inbox_says_how_far_the_fold_is_behind():
    now = timezone.now()
    event(folded_at=now)
    event(tries=2)
    late = event()
    event(quarantined_at=now, tries=5)
    event(quarantined_at=now, tries=5, folded_at=now)
    ProviderEvent.objects.filter(pk=late.pk).update(received_at=now - 8 * MINUTE)

    found = scrape()

    assert found["events_waiting", "sendgrid"] == 2
    assert is_about(found["oldest_waiting_event_seconds", "sendgrid"], 8 * MINUTE)
    assert found["events_quarantined", "sendgrid"] == 1
    assert found["fold_failures", "sendgrid"] == 7
    assert found["events_waiting", "twilio"] == 0


def test_open_incidents_are_counted_by_kind():
    shop, kind = ShopFactory(), Incident.Kind.UNKNOWN_OUTCOME
    Incident.objects.create(shop=shop, kind=kind, detail="Open.")
    Incident.objects.create(shop=shop, kind=kind, detail="Done.", resolved_at=timezone.now())

    assert scrape()["incidents_open", "unknown_outcome"] == 1


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({}, ledger.CLOSED),
        ({"failures": 4}, ledger.CLOSED),
        ({"failures": 5, "open_until": -MINUTE}, ledger.TRIAL),
        ({"failures": 5, "open_until": MINUTE}, ledger.OPEN),
        ({"open_until": MINUTE}, ledger.OPEN),
        ({"is_active": False, "open_until": MINUTE}, ledger.OFF),
    ],
)
def test_breaker_of_each_account_is_told_by_its_number(fields, state):
    if "open_until" in fields:
        fields = {**fields, "open_until": timezone.now() + fields["open_until"]}
    account = ProviderAccount.objects.create(provider="twilio", name="Secret name", **fields)

    assert scrape()["breaker_state", str(account.pk), "twilio"] == state


def test_beat_says_when_it_last_gave_a_hint():
    every = IntervalSchedule.objects.create(every=10, period="seconds")
    for name, minutes, enabled in [("a", 9, True), ("b", 4, True), ("c", 1, False)]:
        PeriodicTask.objects.create(
            name=name,
            task="t",
            interval=every,
            enabled=enabled,
            last_run_at=timezone.now() - minutes * MINUTE,
        )

    assert is_about(scrape()["beat_age_seconds",], 4 * MINUTE)


def test_webhooks_are_counted(settings, tmp_path):
    settings.COUNTS_DIR = tmp_path
    settings.SENDGRID_WEBHOOK_PUBLIC_KEYS = [PUBLIC_KEY]
    post_sendgrid([email_event(in_call(), "open")])
    post_sendgrid(b"{}")

    found = scrape()

    assert found["webhook_requests_total", "events", "accepted", "sendgrid"] == 1
    assert found["webhook_requests_total", "events", "malformed", "sendgrid"] == 1
    assert found["webhook_requests_total", "events", "no_key", "sendgrid"] == 0


def test_number_of_queries_is_the_same_whatever_there_is():
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            scrape()
        return len(captured.captured_queries)

    first = queries()
    for _ in range(3):
        pending()
        pending(channel="sms")
        in_call(state="unknown")
        event()
        event(provider="twilio", quarantined_at=timezone.now())
        ProviderAccount.objects.create(shop=ShopFactory(), provider="twilio", name="x")

    assert queries() == first == 9


def test_nothing_about_anybody_is_told():
    message = pending(address="jane.doe@example.com")
    ProviderAccount.objects.create(shop=message.shop, provider="sendgrid", name="Jane's key")
    Incident.objects.create(shop=message.shop, kind="unknown_outcome", detail="About Jane.")
    event(payload={"email": "jane.doe@example.com"}, error="ValueError: jane")

    page = Client().get("/metrics").content.decode().lower()

    assert "messages_pending" in page
    assert "jane" not in page
    assert message.shop.name.lower() not in page


def test_without_a_database_the_rest_is_told(monkeypatch):
    def fail(**kwargs):
        raise DatabaseError("gone")
        yield

    monkeypatch.setattr(ledger, "families", fail)

    found = scrape()

    assert found["database_up",] == 0
    assert found["web_processes",] >= 1
    assert ("messages_pending", "email", "running") not in found


def test_web_server_is_told_as_a_whole(monkeypatch):
    alone = scrape()
    monkeypatch.setattr(processes, "server", lambda: ["self", "self", 2**30])  # one has just ended

    both = scrape()

    assert both["web_processes",] == 3
    assert both["process_resident_memory_bytes",] > 1.5 * alone["process_resident_memory_bytes",]
    assert both["process_cpu_seconds_total",] > 0


def test_processor_time_of_replaced_processes_is_kept(monkeypatch):
    monkeypatch.setattr(processes, "server", lambda: [os.getpid(), os.getpid()])
    before = scrape()["process_cpu_seconds_total",]

    burn = "import time\nwhile time.process_time() < 1: pass"
    subprocess.run([sys.executable, "-c", burn], check=True)

    assert scrape()["process_cpu_seconds_total",] - before > 0.9


def test_handbook_names_every_series_and_alerts_on_none_that_is_not_there():
    every = IntervalSchedule.objects.create(every=10, period="seconds")
    PeriodicTask.objects.create(name="a", task="t", interval=every, last_run_at=timezone.now())
    ProviderAccount.objects.create(provider="twilio", name="a")
    handbook = (project.BASE_DIR / "docs" / "operations.md").read_text()
    section = handbook.split("\n## Metrics\n")[1].split("\n## ")[0]
    table = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    documented = {name for cell in table for name in re.findall(r"`([a-z_]+)`", cell)}
    (rules,) = yaml.safe_load(section.split("```yaml\n")[2].split("```")[0])["groups"]
    used = " ".join(rule["expr"] for rule in rules["rules"])

    told = {name for name, *_ in scrape() if not name.startswith("process_")}

    assert documented == told
    assert set(re.findall(r"barbershop_([a-z_]+)", used)) <= told
