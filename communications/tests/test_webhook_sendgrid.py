"""The signature values of one batch are those of sendgrid-python's own tests (MIT)."""

import datetime as dt
import json
import time

import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client
from django.utils import timezone

from communications.models import ProviderEvent
from communications.tests.reports import PUBLIC_KEY, email_event, in_call, post_sendgrid
from communications.webhooks import sendgrid
from communications.webhooks.refusals import BadSignature, NoKey

OFFICIAL_KEY = (
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpVKS3GRqe6"
    "2gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g=="
)
OTHER_KEY = (
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqTxd43gyp8IOEto2LdIfjRQrIbsd4SXZkLW6jDutdhXSJCWHw8RE"
    "ntlo7aNDthvj+y7GjUuFDb/R1NGe1OPzpA=="
)
OFFICIAL_SIGNATURE = (
    "MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqHh89M15Tl"
    "uLtEZtM="
)
OTHER_SIGNATURE = (
    "MEUCIQCtIHJeH93Y+qpYeWrySphQgpNGNr/U+UyUlBkU6n7RAwIgJTz2C+8a8xonZGi6BpSzoQsbVRamr2nlxFDW"
    "YNH3j/0="
)
OFFICIAL_TIMESTAMP = "1600112502"
OFFICIAL_BODY = (
    b'[{"email":"hello@world.com","event":"dropped","reason":"Bounced Address",'
    b'"sg_event_id":"ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA",'
    b'"sg_message_id":"LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18-5F5FC76C-9.0",'
    b'"smtp-id":"<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>",'
    b'"timestamp":1600112492}]\r\n'
)
SIGNED_AT = dt.datetime.fromtimestamp(int(OFFICIAL_TIMESTAMP), tz=dt.UTC)


@pytest.fixture(autouse=True)
def keys(settings):
    settings.SENDGRID_WEBHOOK_PUBLIC_KEYS = [PUBLIC_KEY]


def verify(body=OFFICIAL_BODY, **changed):
    given = {
        "signature": OFFICIAL_SIGNATURE,
        "timestamp": OFFICIAL_TIMESTAMP,
        "public_keys": [OFFICIAL_KEY],
        "now": SIGNED_AT + dt.timedelta(minutes=1),
    }
    sendgrid.verify(body, **{**given, **changed})


def test_official_batch_is_verified():
    verify()


def test_either_of_two_keys_verifies():
    verify(public_keys=[OTHER_KEY, OFFICIAL_KEY])


@pytest.mark.parametrize(
    "changed",
    [
        {"public_keys": [OTHER_KEY]},
        {"signature": OTHER_SIGNATURE},
        {"signature": ""},
        {"signature": "no base64 at all"},
        {"signature": "Zm9v"},
        {"timestamp": "timestamp"},
        {"timestamp": ""},
        {"body": b"payload"},
        {"body": OFFICIAL_BODY.removesuffix(b"\r\n")},
        {"now": SIGNED_AT + dt.timedelta(hours=26, seconds=1)},
        {"now": SIGNED_AT - dt.timedelta(minutes=10, seconds=1)},
    ],
)
def test_anything_altered_is_refused(changed):
    with pytest.raises(BadSignature):
        verify(**changed)


def test_batch_is_taken_until_it_is_26_hours_old():
    verify(now=SIGNED_AT + dt.timedelta(hours=26))


@pytest.mark.parametrize("keys", [[], ["not a key"], ["Zm9v"]])
def test_without_a_usable_key_nothing_is_verified(keys):
    with pytest.raises(NoKey):
        verify(public_keys=keys)


@pytest.mark.django_db
def test_official_batch_is_stored_by_the_view(settings):
    settings.SENDGRID_WEBHOOK_PUBLIC_KEYS = [OFFICIAL_KEY]
    headers = {
        "X-Twilio-Email-Event-Webhook-Signature": OFFICIAL_SIGNATURE,
        "X-Twilio-Email-Event-Webhook-Timestamp": OFFICIAL_TIMESTAMP,
    }

    with time_machine.travel(SIGNED_AT, tick=False):
        answer = Client().post(
            "/webhooks/sendgrid/", OFFICIAL_BODY, content_type="application/json", headers=headers
        )

    event = ProviderEvent.objects.get()
    assert answer.status_code == 200
    assert event.kind == "dropped"
    assert event.event_key == "ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA"
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
