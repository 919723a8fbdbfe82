"""Whatever a verified body holds: an answer below 500, and a fold that goes on."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from communications import events
from communications.models import ProviderEvent
from communications.tests.reports import (
    PUBLIC_KEY,
    email_event,
    in_call,
    inbound_form,
    post_sendgrid,
    post_twilio,
    status_form,
    status_path,
)

pytestmark = pytest.mark.django_db

HARD = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=60)
    | st.sampled_from([10**400, -1, 2**63, "\x00", "\ud800", "9" * 400, "{}", "1e9"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)
KINDS = st.sampled_from(
    ["processed", "delivered", "open", "bounce", "dropped", "spamreport", "unsubscribe"]
)
FIELDS = st.sampled_from(
    [
        *("event", "email", "timestamp", "type", "reason", "status", "response", "category"),
        *("sg_event_id", "sg_message_id", "sg_machine_open", "communication", "attempt"),
        *("MessageSid", "ErrorCode"),
    ]
)
WORDS = st.text(st.characters(codec="utf-8"), max_size=40)


@pytest.fixture(autouse=True)
def keys(settings):
    settings.SENDGRID_WEBHOOK_PUBLIC_KEYS = [PUBLIC_KEY]


def all_settled() -> bool:
    """Everything is folded but what says nothing at all, which is in quarantine from the start."""
    events.fold()
    open_ones = ProviderEvent.objects.filter(folded_at=None)
    return not open_ones.exclude(kind="unreadable", quarantined_at__isnull=False).exists()


@HARD
@given(
    body=st.binary(max_size=200) | st.text(max_size=200).map(lambda t: t.encode(errors="replace"))
)
def test_arbitrary_body_is_malformed_or_taken(body):
    assert post_sendgrid(body).status_code in {200, 400}


@HARD
@given(
    batch=VALUES | st.lists(st.dictionaries(st.text(max_size=8), VALUES, max_size=5), max_size=4)
)
def test_arbitrary_json_is_malformed_or_taken_and_settled(batch):
    answer = post_sendgrid(json.dumps(batch).encode())

    assert answer.status_code in {200, 400}
    assert all_settled()


@HARD
@given(kind=KINDS, changed=st.dictionaries(FIELDS, VALUES, max_size=4))
def test_event_with_wrong_values_is_taken_and_settled(kind, changed):
    event = {**email_event(in_call(), kind), **changed}

    answer = post_sendgrid(json.dumps([event]).encode())

    assert answer.status_code == 200
    assert all_settled()


@HARD
@given(
    status=WORDS,
    changed=st.dictionaries(
        st.sampled_from(["MessageSid", "ErrorCode", "To", "From", "Extra"]), WORDS, max_size=3
    ),
)
def test_status_with_wrong_values_is_malformed_or_taken_and_settled(status, changed):
    path = status_path(in_call(channel="sms"))

    answer = post_twilio(path, {**status_form("sent"), "MessageStatus": status, **changed})

    assert answer.status_code in {200, 400}
    assert all_settled()


@HARD
@given(body=WORDS, sender=WORDS, kind=WORDS, to=WORDS)
def test_answer_with_wrong_values_is_malformed_or_taken_and_settled(body, sender, kind, to):
    form = inbound_form(body, sender=sender, to=to, OptOutType=kind)

    answer = post_twilio("/webhooks/twilio/inbound/", form)

    assert answer.status_code in {200, 400}
    assert all_settled()


@HARD
@given(query=st.text(st.characters(codec="ascii", exclude_characters="#"), max_size=60))
def test_status_with_an_arbitrary_query_is_below_500(query):
    answer = post_twilio(f"/webhooks/twilio/status/?{query}", status_form("sent"))

    assert answer.status_code in {200, 400, 403}
    assert all_settled()
