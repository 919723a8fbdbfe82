import datetime as dt

import pytest
from django.utils import timezone

from communications import events
from communications.events import folding
from communications.models import (
    CustomerCommunication,
    Incident,
    ProviderEvent,
    Suppression,
)
from communications.signals import communication_events
from communications.tests.factories import CommunicationFactory
from communications.tests.reports import (
    email_event,
    fold_email,
    in_call,
    post_twilio,
    status_form,
    status_path,
)
from customers.models import ContactConsent

pytestmark = pytest.mark.django_db

Delivery = CustomerCommunication.Delivery
Cause = Suppression.Cause
T = 1_800_000_000  # the Unix time of the first event


def at(seconds: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(T + seconds, tz=dt.UTC)


def told(event: str, **fields) -> CustomerCommunication:
    """An accepted message about which SendGrid has told one thing."""
    message = in_call()
    fold_email(email_event(message, event, timestamp=T, **fields))
    message.refresh_from_db()
    return message


def changed_times(message) -> set[str]:
    names = [f.name for f in message._meta.fields if f.name.endswith("_at")]
    return {n for n in names if getattr(message, n)} - {"queued_at", "proven_at"}


def causes() -> list[str]:
    return list(Suppression.objects.order_by("pk").values_list("cause", flat=True))


@pytest.mark.parametrize(
    ("event", "fields", "delivery", "times", "suppressed", "code"),
    [
        ("processed", {}, Delivery.QUEUED, set(), [], ""),
        ("deferred", {"attempt": "5"}, Delivery.DEFERRED, set(), [], ""),
        ("delivered", {"response": "250 OK"}, Delivery.DELIVERED, {"delivered_at"}, [], ""),
        ("open", {"sg_machine_open": False}, Delivery.NONE, {"opened_at"}, [], ""),
        ("open", {"sg_machine_open": True}, Delivery.NONE, {"machine_opened_at"}, [], ""),
        ("click", {"url": "https://example.com/"}, Delivery.NONE, {"clicked_at"}, [], ""),
        (
            "bounce",
            {"type": "bounce", "status": "5.0.0", "reason": "500 unknown recipient"},
            Delivery.BOUNCED,
            {"bounced_at"},
            [Cause.BOUNCED],
            "5.0.0",
        ),
        (
            "bounce",
            {"type": "blocked", "status": "5.0.0", "reason": "500 unknown recipient"},
            Delivery.BOUNCED,
            {"bounced_at"},
            [],
            "5.0.0",
        ),
        (
            "dropped",
            {"reason": "Bounced Address", "status": "5.0.0"},
            Delivery.DROPPED,
            {"bounced_at"},
            [Cause.BOUNCED],
            "Bounced Address",
        ),
        ("spamreport", {}, Delivery.NONE, {"complained_at"}, [Cause.COMPLAINED], ""),
        ("unsubscribe", {}, Delivery.NONE, {"unsubscribed_at"}, [Cause.UNSUBSCRIBED], ""),
        (
            "group_unsubscribe",
            {"asm_group_id": 10},
            Delivery.NONE,
            {"unsubscribed_at"},
            [Cause.UNSUBSCRIBED],
            "",
        ),
        ("group_resubscribe", {"asm_group_id": 10}, Delivery.NONE, set(), [], ""),
    ],
)
def test_event_of_each_kind_has_its_effect(event, fields, delivery, times, suppressed, code):
    intruder = in_call()

    message = told(event, category="cat facts", **fields)

    assert message.delivery == delivery
    assert changed_times(message) == times
    assert message.proven_at == at(0)
    assert message.error_code == code
    assert causes() == suppressed
    intruder.refresh_from_db()
    assert (intruder.delivery, changed_times(intruder)) == (Delivery.NONE, set())


def test_account_status_change_has_no_recipient_and_no_effect():
    event = {
        "event": "account_status_change",
        "sg_event_id": "MjEzNTg5OTcyOC10ZXJtaW5hdGUtMTcwNzg1MTUzMQ",
        "timestamp": 1709142428,
        "type": "compliance_suspend",
    }

    fold_email(event)

    row = ProviderEvent.objects.get()
    assert row.folded_at is not None
    assert row.kind == "account_status_change"


@pytest.mark.parametrize(
    ("reason", "suppressed"),
    [
        ("Unsubscribed Address", [Cause.UNSUBSCRIBED]),
        ("Spam Reporting Address", [Cause.COMPLAINED]),
        ("Invalid", [Cause.BOUNCED]),
        ("Recipient List over Package Quota", []),
        ("", []),
        (None, []),
    ],
)
def test_drop_suppresses_by_its_reason(reason, suppressed):
    told("dropped", reason=reason)

    assert causes() == suppressed


def test_category_may_be_a_list_and_keys_may_be_unknown():
    message = told("delivered", category=["one", "two"], newsletter={"id": 7}, future=None)

    assert message.delivery == Delivery.DELIVERED


def test_unsubscribe_opts_the_customer_out():
    message = told("unsubscribe")

    consent = ContactConsent.objects.get(customer=message.customer)
    assert (consent.channel, consent.topic) == ("email", "marketing")
    assert consent.decision == ContactConsent.Decision.OPTED_OUT
    assert consent.given_at == at(0)


def test_unsubscribing_from_a_test_message_has_no_customer():
    message = in_call(customer=None, address="owner@example.test")

    fold_email(email_event(message, "unsubscribe"))

    assert causes() == [Cause.UNSUBSCRIBED]
    assert ContactConsent.objects.count() == 0


def test_repeated_bounces_suppress_once():
    message = in_call()
    for _ in range(2):
        fold_email(email_event(message, "bounce", type="bounce"))

    assert causes() == [Cause.BOUNCED]


def test_suppression_belongs_to_the_shop_that_wrote():
    message = told("spamreport")

    assert Suppression.objects.get().shop == message.shop
    assert Suppression.objects.get().address_hmac == message.address_hmac


def test_first_times_are_the_smallest_and_delivery_never_falls():
    message = in_call()
    fold_email(email_event(message, "delivered", timestamp=T + 50))
    fold_email(email_event(message, "processed", timestamp=T + 40))
    fold_email(
        email_event(message, "open", timestamp=T + 90),
        email_event(message, "open", timestamp=T + 70),
        email_event(message, "open", timestamp=T + 80),
    )

    message.refresh_from_db()
    assert message.delivery == Delivery.DELIVERED
    assert message.opened_at == at(70)
    assert message.proven_at == at(40)


@pytest.mark.parametrize("state", ["sending", "unknown"])
def test_event_proves_the_whole_call(state):
    message = in_call(state=state)
    beside = CommunicationFactory(
        dispatch=message.dispatch,
        content=message.content,
        send_state="in_call",
        attempt=message.attempt,
    )
    now = timezone.now()

    fold_email(email_event(message, "processed"), now=now)

    message.attempt.refresh_from_db()
    assert message.attempt.state == "accepted"
    assert message.attempt.answered_at == now
    assert CustomerCommunication.objects.accepted().count() == 2
    beside.refresh_from_db()
    assert beside.proven_at is None


def test_event_leaves_other_calls_alone():
    intruder = in_call(state="unknown")

    fold_email(email_event(in_call(state="unknown"), "processed"))

    intruder.attempt.refresh_from_db()
    assert intruder.attempt.state == "unknown"


@pytest.mark.parametrize("state", ["pending", "blocked", "rejected", "cancelled"])
def test_report_about_a_message_never_sent_raises_one_incident(state):
    message = CommunicationFactory(send_state=state, reason="no_consent")

    fold_email(email_event(message, "delivered"), email_event(message, "open"))
    fold_email(email_event(message, "click"))

    incident = Incident.objects.get()
    message.refresh_from_db()
    assert incident.kind == Incident.Kind.LATE_EVIDENCE
    assert (incident.shop, incident.communication) == (message.shop, message)
    assert message.delivery == Delivery.DELIVERED


@pytest.mark.parametrize("state", ["not_sent", "released"])
def test_report_about_a_call_held_for_unsent_raises_one_incident(state):
    message = in_call(state=state)

    fold_email(email_event(message, "delivered"))
    fold_email(email_event(message, "open"))

    incident = Incident.objects.get()
    assert (incident.kind, incident.attempt) == (Incident.Kind.LATE_EVIDENCE, message.attempt)


def test_ordinary_report_raises_no_incident():
    told("delivered")

    assert Incident.objects.count() == 0


def test_event_of_an_unknown_message_is_folded_without_effect():
    message = CommunicationFactory.build(
        uuid="6f9619ff-8b86-4d01-b42d-00cf4fc964ff", address="a@b.c"
    )

    fold_email(email_event(message, "bounce", type="bounce"))

    assert ProviderEvent.objects.get().folded_at is not None
    assert causes() == []


def test_folded_event_knows_its_shop():
    message = told("delivered")

    assert ProviderEvent.objects.get().shop == message.shop


def test_folding_takes_no_more_than_its_limit():
    message = in_call()
    reported = [email_event(message, "open") for _ in range(5)]
    events.record("sendgrid", _parsed(reported), now=timezone.now())

    assert events.fold(limit=3) == 3
    assert events.fold(limit=3) == 2
    assert events.fold(limit=3) == 0


def _parsed(reported):
    import json

    from communications.webhooks import sendgrid

    return sendgrid.parse(json.dumps(reported).encode())


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
            message = told("open")
    finally:
        communication_events.disconnect(fail)

    assert message.opened_at == at(0)


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


@pytest.mark.parametrize(
    ("status", "fields", "delivery", "code"),
    [
        ("queued", {}, Delivery.QUEUED, ""),
        ("sending", {}, Delivery.QUEUED, ""),
        ("sent", {}, Delivery.SENT, ""),
        ("delivered", {"RawDlrDoneDate": "2607171206"}, Delivery.DELIVERED, ""),
        ("read", {}, Delivery.DELIVERED, ""),
        ("undelivered", {"ErrorCode": "30005"}, Delivery.FAILED, "30005"),
        ("failed", {"ErrorCode": "30003"}, Delivery.FAILED, "30003"),
        ("something new", {}, Delivery.NONE, ""),
    ],
)
def test_status_of_each_kind_has_its_effect(status, fields, delivery, code):
    message, intruder = in_call(channel="sms", state="unknown"), in_call(channel="sms")

    answer = post_twilio(status_path(message), status_form(status, **fields))
    events.fold()

    message.refresh_from_db()
    intruder.refresh_from_db()
    assert answer.status_code == 200
    assert (message.delivery, message.error_code) == (delivery, code)
    assert message.attempt.state == "accepted"
    assert (intruder.delivery, intruder.proven_at) == (Delivery.NONE, None)
    assert causes() == []


def test_status_says_that_the_receiver_stopped_before():
    message = in_call(channel="sms")

    post_twilio(status_path(message), status_form("failed", ErrorCode="21610"))
    events.fold()

    suppression = Suppression.objects.get()
    assert (suppression.cause, suppression.channel) == (Cause.STOP, "sms")
    assert suppression.address_hmac == message.address_hmac


def test_delivery_after_a_failure_wins():
    message = in_call(channel="sms")
    post_twilio(status_path(message), status_form("failed", ErrorCode="30003"))
    post_twilio(status_path(message), status_form("delivered"))

    events.fold()

    message.refresh_from_db()
    assert (message.delivery, message.error_code) == (Delivery.DELIVERED, "")
