"""Events that cannot be folded are put aside, and folded again when a person says so."""

import pytest
from django.utils import timezone

from barbershop.models import AuditEntry
from barbershop.tests.factories import UserFactory
from communications import events
from communications.events import folding, quarantine, words
from communications.models import CustomerCommunication, Incident, ProviderEvent
from communications.tests.poison import Poison
from communications.tests.reports import (
    PUBLIC_KEY,
    email_event,
    in_call,
    post_sendgrid,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def poison(monkeypatch, settings):
    settings.SENDGRID_WEBHOOK_PUBLIC_KEYS = [PUBLIC_KEY]
    return Poison(monkeypatch)


@pytest.fixture
def held(poison) -> ProviderEvent:
    return poison.hold()


def open_incidents() -> int:
    return Incident.objects.filter(kind=Incident.Kind.QUARANTINED_EVENT, resolved_at=None).count()


def test_of_500_events_with_one_poisonous_499_are_applied_and_one_is_quarantined(poison):
    first = in_call()
    others = [
        in_call(
            dispatch=first.dispatch, content=first.content, customer=None, address=f"{n}@a.test"
        )
        for n in range(499)
    ]
    batch = [email_event(message, "open") for message in [*others[:250], poison.message]]
    batch += [email_event(message, "open") for message in others[250:]]

    answer = post_sendgrid(batch)
    for _ in range(quarantine.MOST_TRIES):
        events.fold()

    assert (answer.status_code, len(batch)) == (200, 500)
    opened = CustomerCommunication.objects.filter(opened_at__isnull=False)
    assert set(opened.values_list("pk", flat=True)) == {message.pk for message in others}
    assert ProviderEvent.objects.filter(folded_at__isnull=False).count() == 499
    held = ProviderEvent.objects.get(quarantined_at__isnull=False)
    assert held.communication_uuid == poison.message.uuid
    assert events.fold() == 0


def test_quarantine_is_an_incident_of_the_shop_it_concerns(held, poison):
    incident = Incident.objects.get()

    assert incident.event == held
    assert held.shop == incident.shop == poison.message.shop


def test_replay_folds_what_can_be_folded_now(held, poison):
    poison.is_mended = True
    person, now = UserFactory(), timezone.now()

    assert events.replay(held, by=person, now=now) is True

    held.refresh_from_db()
    poison.message.refresh_from_db()
    assert (held.folded_at, held.quarantined_at) == (now, None)
    assert poison.message.opened_at is not None
    assert open_incidents() == 0
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.actor, entry.object_id) == (
        "provider_event.replay",
        person,
        str(held.pk),
    )


def test_replay_tells_the_upper_floors(
    held, poison, monkeypatch, django_capture_on_commit_callbacks
):
    poison.is_mended = True
    told = []
    monkeypatch.setattr(folding, "announce", lambda ids, *, now: told.append(ids))

    with django_capture_on_commit_callbacks(execute=True):
        events.replay(held, by=UserFactory())

    assert told == [[poison.message.pk]]


def test_replay_in_vain_gives_all_tries_again_and_one_incident(held):
    assert events.replay(held, by=UserFactory()) is False

    assert (held.tries, held.quarantined_at, held.folded_at) == (1, None, None)
    assert AuditEntry.objects.count() == 1
    for _ in range(quarantine.MOST_TRIES - 1):
        events.fold()
    held.refresh_from_db()
    assert (held.tries, held.quarantined_at is not None) == (quarantine.MOST_TRIES, True)
    assert open_incidents() == Incident.objects.count() == 1


def test_incident_is_settled_by_a_later_try_too(held, poison):
    events.replay(held, by=UserFactory())
    poison.is_mended = True

    events.fold()

    held.refresh_from_db()
    assert held.folded_at is not None
    assert open_incidents() == 0


def test_incident_of_another_event_stays_open(held, poison):
    other = Incident.objects.create(
        shop=held.shop, kind=Incident.Kind.QUARANTINED_EVENT, detail="Another."
    )
    poison.is_mended = True

    events.replay(held, by=UserFactory())

    assert Incident.objects.get(resolved_at=None) == other


def test_only_what_is_in_quarantine_is_replayed(held, poison):
    poison.is_mended = True
    folded = ProviderEvent.objects.exclude(pk=held.pk).get()
    events.replay(held, by=UserFactory())
    before = AuditEntry.objects.count()

    for event in (held, folded):
        with pytest.raises(events.NotInQuarantine):
            events.replay(event, by=UserFactory())

    assert AuditEntry.objects.count() == before


def test_event_of_no_shop_is_replayed_without_an_audit_entry(settings):
    settings.SENDGRID_WEBHOOK_PUBLIC_KEYS = [PUBLIC_KEY]
    post_sendgrid([{"sg_event_id": "says-nothing"}, email_event(in_call(), "open")])
    held = ProviderEvent.objects.get(quarantined_at__isnull=False)

    assert events.replay(held, by=UserFactory()) is False

    assert held.error == "Unreadable: It does not say what happened."
    assert AuditEntry.objects.count() == 0


@pytest.mark.parametrize(
    ("channel", "provider", "says_from"),
    [("sms", "twilio", "From"), ("email", "sendgrid", "from")],
)
def test_answer_that_cannot_be_read_is_an_incident_of_the_shop_that_wrote(
    monkeypatch, channel, provider, says_from
):
    """It may be a STOP: somebody must look."""
    message = in_call(channel=channel)
    in_call(channel=channel)
    answer = {says_from: message.address}
    reported = events.Reported(key="one", kind=words.INBOUND, payload=answer)
    stranger = events.Reported(key="two", kind=words.INBOUND, payload={says_from: "nobody"})

    def fail(event, *, now):
        raise ValueError("cannot be read")

    monkeypatch.setattr(folding.inbound, "fold", fail)
    events.record(provider, [reported, stranger], now=timezone.now())
    for _ in range(quarantine.MOST_TRIES):
        events.fold()

    incident = Incident.objects.get()
    assert (incident.shop, incident.event.event_key) == (message.shop, "one")
    assert ProviderEvent.objects.filter(quarantined_at__isnull=False).count() == 2
