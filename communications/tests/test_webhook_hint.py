import pytest
from kombu.exceptions import OperationalError

from communications import tasks
from communications.models import ProviderEvent
from communications.tests.reports import PUBLIC_KEY, email_event, in_call, post_sendgrid
from communications.webhooks import hint

pytestmark = pytest.mark.django_db


@pytest.fixture
def published(monkeypatch, settings):
    """The hints that reach the broker; none has been given lately."""
    settings.SENDGRID_WEBHOOK_PUBLIC_KEYS = [PUBLIC_KEY]
    hints = []
    monkeypatch.setattr(hint, "_last", -100.0)
    monkeypatch.setattr(tasks.fold_events, "apply_async", lambda **options: hints.append(options))
    return hints


def test_stored_events_ask_to_be_folded_after_commit(published, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        post_sendgrid([email_event(in_call(), "open")])
        assert published == []

    assert len(published) == 1


def test_many_events_in_one_second_ask_once(published):
    for _ in range(50):
        hint.ask_to_fold()

    assert len(published) == 1


def test_hint_looks_later_than_the_last_event_it_stands_for(published):
    hint.ask_to_fold()

    assert published[0]["countdown"] > hint._QUIET


def test_empty_batch_asks_for_nothing(published, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        post_sendgrid([])

    assert published == []


@pytest.mark.parametrize("error", [OperationalError("no broker"), ConnectionRefusedError()])
def test_lost_hint_loses_no_event(
    published, monkeypatch, error, django_capture_on_commit_callbacks
):
    def fail(**options):
        raise error

    monkeypatch.setattr(tasks.fold_events, "apply_async", fail)

    with django_capture_on_commit_callbacks(execute=True):
        answer = post_sendgrid([email_event(in_call(), "open")])

    assert answer.status_code == 200
    assert ProviderEvent.objects.count() == 1
