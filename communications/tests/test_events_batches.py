import json

import pytest
from django.utils import timezone

from communications import events
from communications.events import folding
from communications.models import CustomerCommunication, Incident, ProviderEvent
from communications.signals import communication_events
from communications.tests.reports import email_event, fold_email, in_call
from communications.webhooks import sendgrid

pytestmark = pytest.mark.django_db


def test_folding_takes_no_more_than_its_limit():
    message = in_call()
    reported = [email_event(message, "open") for _ in range(5)]
    parsed = sendgrid.parse(json.dumps(reported).encode())
    events.record("sendgrid", parsed, now=timezone.now())

    assert events.fold(limit=3) == 3
    assert events.fold(limit=3) == 2
    assert events.fold(limit=3) == 0


def test_signal_is_sent_once_per_batch_after_commit(django_capture_on_commit_callbacks):
    heard = []

    def listen(sender, communication_ids, now, **kwargs):
        heard.append((sender, communication_ids, now))

    communication_events.connect(listen)
    try:
        one, two, now = in_call(), in_call(), timezone.now()
        with django_capture_on_commit_callbacks(execute=True):
            fold_email(*(email_event(m, e) for m in (two, one) for e in ("open", "click")), now=now)
            assert heard == []
    finally:
        communication_events.disconnect(listen)

    assert heard == [(CustomerCommunication, [one.pk, two.pk], now)]


def test_failing_receiver_does_not_undo_the_fold(django_capture_on_commit_callbacks):
    def fail(**kwargs):
        raise RuntimeError("a receiver is broken")

    communication_events.connect(fail)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            message = in_call()
            fold_email(email_event(message, "open"))
    finally:
        communication_events.disconnect(fail)

    message.refresh_from_db()
    assert message.opened_at is not None


@pytest.fixture
def poison(monkeypatch):
    """Events that tell of this message cannot be folded."""
    message = in_call()
    facts = folding._facts

    def refuse(reports):
        if any(event.communication_uuid == message.uuid for event in reports):
            raise ValueError("cannot be read")
        return facts(reports)

    monkeypatch.setattr(folding, "_facts", refuse)
    return message


def test_event_that_fails_holds_back_no_other(poison):
    others = [in_call() for _ in range(6)]
    messages = [*others[:3], poison, *others[3:]]

    fold_email(*(email_event(message, "open") for message in messages))

    opened = CustomerCommunication.objects.filter(opened_at__isnull=False)
    assert set(opened) == set(others)
    bad = ProviderEvent.objects.get(communication_uuid=poison.uuid)
    assert (bad.tries, bad.folded_at, bad.quarantined_at) == (1, None, None)
    assert bad.error == "ValueError: cannot be read"


def test_event_is_quarantined_after_five_tries(poison):
    fold_email(email_event(poison, "open"))
    for _ in range(3):
        events.fold()
    bad = ProviderEvent.objects.get()
    assert (bad.tries, bad.quarantined_at) == (4, None)

    events.fold()

    bad.refresh_from_db()
    assert bad.tries == 5
    assert bad.quarantined_at is not None
    assert Incident.objects.get().kind == Incident.Kind.QUARANTINED_EVENT
    assert events.fold() == 0
