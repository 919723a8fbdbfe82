import datetime as dt

import pytest

from communications.models import (
    CustomerCommunication,
    ProviderEvent,
    Suppression,
)
from communications.tests.factories import CommunicationFactory
from communications.tests.reports import (
    email_event,
    fold_email,
    in_call,
)
from customers.models import ContactConsent

pytestmark = pytest.mark.django_db

Delivery = CustomerCommunication.Delivery
Cause = Suppression.Cause
T = 1_700_000_000  # the Unix time of the first event


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


@pytest.mark.parametrize("reason", ["Unsubscribed Address", " unsubscribed address "])
def test_message_dropped_for_an_unsubscription_leaves_its_evidence_like_any_other(reason):
    intruder = in_call()

    message = told("dropped", reason=reason)

    entry = ContactConsent.objects.get()
    assert (entry.customer, entry.channel, entry.topic) == (message.customer, "email", "marketing")
    assert (entry.decision, entry.source) == ("opted_out", "provider_unsubscribe")
    assert entry.given_at == at(0)
    assert causes() == [Cause.UNSUBSCRIBED]
    # Not of this message he unsubscribed: it never reached him.
    assert changed_times(message) == {"bounced_at"}
    assert not intruder.customer.consents.exists()


def test_message_dropped_twice_for_an_unsubscription_leaves_one_entry():
    message = told("dropped", reason="Unsubscribed Address")

    fold_email(email_event(message, "dropped", timestamp=T + 9, reason="Unsubscribed Address"))

    assert (ContactConsent.objects.count(), causes()) == (1, [Cause.UNSUBSCRIBED])


@pytest.mark.parametrize("reason", ["Bounced Address", "Invalid", "Spam Reporting Address", "", 5])
def test_message_dropped_for_anything_else_says_nothing_about_consent(reason):
    told("dropped", reason=reason)

    assert not ContactConsent.objects.exists()
