"""SendGrid's door: what it takes, what it refuses, and what stands in the inbox afterwards."""

import datetime as dt
import json
import time

import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client
from django.utils import timezone

from communications import events
from communications.models import ProviderEvent
from communications.tests.published import SENDGRID
from communications.tests.reports import PUBLIC_KEY, email_event, in_call, post_sendgrid
from communications.webhooks import sendgrid

SIGNED_AT = dt.datetime.fromtimestamp(int(SENDGRID["timestamp"]), tz=dt.UTC)


@pytest.fixture(autouse=True)
def keys(settings):
    settings.SENDGRID_WEBHOOK_PUBLIC_KEYS = [PUBLIC_KEY]


@pytest.mark.django_db
def test_official_batch_is_stored_by_the_view(settings):
    settings.SENDGRID_WEBHOOK_PUBLIC_KEYS = [SENDGRID["public_key"]]
    headers = {
        sendgrid.SIGNATURE: SENDGRID["signature"],
        sendgrid.TIMESTAMP: SENDGRID["timestamp"],
    }

    with time_machine.travel(SIGNED_AT, tick=False):
        answer = Client().post(
            "/webhooks/sendgrid/",
            SENDGRID["payload"].encode(),
            content_type="application/json",
            headers=headers,
        )

    event = ProviderEvent.objects.get()
    assert answer.status_code == 200
    assert event.kind == "dropped"
    assert event.event_key == "ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA:dropped"
    assert event.occurred_at == SIGNED_AT - dt.timedelta(seconds=10)
    assert event.payload["reason"] == "Bounced Address"


@pytest.mark.django_db
def test_event_keeps_our_ids():
    message = in_call()

    answer = post_sendgrid([email_event(message, "delivered")])

    event = ProviderEvent.objects.get()
    assert answer.status_code == 200
    assert event.communication_uuid == message.uuid
    assert event.attempt_uuid == message.attempt.uuid


@pytest.mark.django_db
def test_batch_told_twice_is_stored_once():
    batch = [email_event(in_call(), "delivered"), email_event(in_call(), "open")]

    first, second = post_sendgrid(batch), post_sendgrid([*batch, batch[0]])

    assert (first.status_code, second.status_code) == (200, 200)
    assert ProviderEvent.objects.count() == 2


@pytest.mark.django_db
def test_event_without_an_id_is_stored_once():
    event = email_event(in_call(), "delivered")
    del event["sg_event_id"]

    post_sendgrid([event])
    post_sendgrid([dict(reversed(event.items()))])

    assert ProviderEvent.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    "strange", [7, "text", None, [1], {}, {"event": None}, {"event": ["open"]}, {"event": ""}]
)
def test_what_is_no_event_is_quarantined_and_its_neighbours_count(strange):
    before, after = in_call(), in_call()
    batch = [email_event(before, "open"), strange, email_event(after, "open")]

    answers = [post_sendgrid(batch).status_code for _ in range(2)]
    events.fold()

    held = ProviderEvent.objects.get(quarantined_at__isnull=False)
    assert answers == [200, 200]
    assert held.kind == "unreadable"
    assert held.error.startswith("Unreadable: It ")
    assert held.payload == (strange if isinstance(strange, dict) else {"value": strange})
    assert ProviderEvent.objects.filter(folded_at__isnull=False).count() == 2
    for message in (before, after):
        message.refresh_from_db()
        assert message.opened_at is not None


@pytest.mark.django_db
def test_two_kinds_with_one_id_are_two_events():
    """SendGrid's own examples have such a pair."""
    message = in_call()
    batch = [
        email_event(message, "bounce", type=kind, sg_event_id="one")
        for kind in ("blocked", "bounce")
    ]

    for _ in range(2):
        post_sendgrid(batch)

    assert sorted(ProviderEvent.objects.values_list("kind", flat=True)) == [
        "bounced",
        "soft_bounced",
    ]


@pytest.mark.django_db
def test_own_attempt_number_of_a_deferred_event_is_not_taken_for_our_id():
    post_sendgrid([email_event(in_call(), "deferred", attempt="5")])

    assert ProviderEvent.objects.get().attempt_uuid is None


@pytest.mark.django_db
def test_batch_of_a_foreign_key_is_refused_and_not_stored():
    answer = post_sendgrid(
        [email_event(in_call(), "bounce")], key=ec.generate_private_key(ec.SECP256R1())
    )

    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "bad_signature"
    assert ProviderEvent.objects.count() == 0


@pytest.mark.django_db
def test_replayed_old_batch_is_refused():
    answer = post_sendgrid([email_event(in_call(), "bounce")], at=int(time.time()) - 27 * 3600)

    assert answer.status_code == 403
    assert ProviderEvent.objects.count() == 0


@pytest.mark.django_db
def test_without_a_key_the_provider_is_asked_to_try_again(settings):
    settings.SENDGRID_WEBHOOK_PUBLIC_KEYS = []

    answer = post_sendgrid([email_event(in_call(), "bounce")])

    assert answer.status_code == 503
    assert ProviderEvent.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"nonsense",
        b"{}",
        b'"text"',
        b"null",
        b"[1, 2]",
        b'[{"event": NaN}]',
        b'[{"timestamp": 1e999}]',
        b"\xff\xfe",
        b"[" * 5000,
        b'[{"a":' + b"[" * 200 + b"]" * 200 + b"}]",
        b'[{"event": "open"}] trailing',
    ],
)
def test_signed_nonsense_is_malformed(body):
    answer = post_sendgrid(body)

    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "malformed"


@pytest.mark.django_db
def test_body_above_the_limit_is_refused(settings):
    settings.WEBHOOK_BODY_LIMIT = 1000

    answer = post_sendgrid([email_event(in_call(), "open", useragent="x" * 1000)])

    assert answer.status_code == 413
    assert ProviderEvent.objects.count() == 0


@pytest.mark.django_db
def test_event_with_characters_that_postgresql_refuses_is_stored():
    body = json.dumps([{"event": "op\x00en", "sg_event_id": "a\x00b", "reason": "\ud800"}]).encode()

    answer = post_sendgrid(body)

    assert answer.status_code == 200
    assert ProviderEvent.objects.get().payload["reason"] == "\ufffd"


@pytest.mark.django_db
def test_empty_batch_is_fine():
    assert post_sendgrid([]).status_code == 200
    assert ProviderEvent.objects.count() == 0


@pytest.mark.parametrize("method", ["get", "head", "put", "delete", "options"])
def test_only_post_is_answered(method):
    answer = getattr(Client(), method)("/webhooks/sendgrid/")

    assert answer.status_code == 405
    assert answer["Allow"] == "POST"


@pytest.mark.django_db
def test_address_without_slash_is_not_redirected():
    answer = Client().post("/webhooks/sendgrid", b"[]", content_type="application/json")

    assert answer.status_code == 403


@pytest.mark.django_db
def test_event_without_a_time_happened_when_it_was_received():
    before = timezone.now()
    post_sendgrid([email_event(in_call(), "open", timestamp="soon")])

    assert ProviderEvent.objects.get().occurred_at >= before
