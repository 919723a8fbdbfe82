"""SendGrid's own samples of its 13 kinds in one post: 13 rows, each with its effect, once."""

import datetime as dt

import pytest

from communications import events
from communications.models import CustomerCommunication, ProviderEvent, Suppression
from communications.tests.published import SENDGRID_EVENTS
from communications.tests.reports import PUBLIC_KEY, in_call, post_sendgrid
from customers.models import ContactConsent

pytestmark = pytest.mark.django_db
Delivery = CustomerCommunication.Delivery
Cause = Suppression.Cause

# ``(kind in our words, delivery, first times, suppressed because, opted out)``, sample by sample.
EFFECTS = [
    ("queued", Delivery.QUEUED, set(), None, False),
    ("deferred", Delivery.DEFERRED, set(), None, False),
    ("delivered", Delivery.DELIVERED, {"delivered_at"}, None, False),
    ("opened", Delivery.NONE, {"opened_at"}, None, False),
    ("clicked", Delivery.NONE, {"clicked_at"}, None, False),
    ("bounced", Delivery.BOUNCED, {"bounced_at"}, Cause.BOUNCED, False),
    ("soft_bounced", Delivery.BOUNCED, {"bounced_at"}, None, False),
    ("dropped", Delivery.DROPPED, {"bounced_at"}, Cause.BOUNCED, False),
    ("complained", Delivery.NONE, {"complained_at"}, Cause.COMPLAINED, False),
    ("unsubscribed", Delivery.NONE, {"unsubscribed_at"}, Cause.UNSUBSCRIBED, True),
    ("unsubscribed", Delivery.NONE, {"unsubscribed_at"}, Cause.UNSUBSCRIBED, True),
    ("subscribed", Delivery.NONE, set(), None, False),
]
TIMES = (
    "delivered_at",
    "opened_at",
    "clicked_at",
    "bounced_at",
    "complained_at",
    "unsubscribed_at",
)


@pytest.fixture(autouse=True)
def keys(settings):
    settings.SENDGRID_WEBHOOK_PUBLIC_KEYS = [PUBLIC_KEY]


@pytest.fixture
def told():
    """A message for each sample that has a recipient, and the samples with our ids in them."""
    messages = [in_call() for _ in EFFECTS]
    *samples, account_status = SENDGRID_EVENTS
    batch = [
        {"communication": str(message.uuid), "attempt": str(message.attempt.uuid), **sample}
        for message, sample in zip(messages, samples, strict=True)
    ]
    return messages, [*batch, account_status]


def effect(message) -> tuple:
    message.refresh_from_db()
    causes = Suppression.objects.filter(address_hmac=message.address_hmac)
    return (
        message.delivery,
        {name for name in TIMES if getattr(message, name)},
        causes.values_list("cause", flat=True).first(),
        ContactConsent.objects.filter(customer=message.customer, decision="opted_out").exists(),
    )


def test_thirteen_kinds_in_one_post_are_thirteen_rows_with_their_effects(told):
    messages, batch = told

    answer = post_sendgrid(batch)
    events.fold()

    assert answer.status_code == 200
    assert len(batch) == ProviderEvent.objects.count() == 13
    assert ProviderEvent.objects.filter(folded_at__isnull=False).count() == 13
    kinds = dict(ProviderEvent.objects.values_list("communication_uuid", "kind"))
    assert kinds.pop(None) == "account_status_change"
    seen = [(kinds[message.uuid], *effect(message)) for message in messages]
    assert seen == EFFECTS


def test_samples_as_they_are_published_are_thirteen_rows_that_concern_nobody():
    stranger = in_call(customer__email="alex@example.com")

    answer = post_sendgrid(SENDGRID_EVENTS)
    events.fold()

    assert answer.status_code == 200
    assert ProviderEvent.objects.filter(folded_at__isnull=False).count() == 13
    assert effect(stranger) == (Delivery.NONE, set(), None, False)


def test_time_of_a_sample_is_the_providers(told):
    messages, batch = told

    post_sendgrid(batch)
    events.fold()

    opened = messages[3]
    opened.refresh_from_db()
    assert opened.opened_at == dt.datetime.fromtimestamp(1513299569, tz=dt.UTC)


def rows() -> list:
    """All that the events have written."""
    return [
        list(model.objects.order_by("pk").values())
        for model in (CustomerCommunication, ProviderEvent, Suppression, ContactConsent)
    ]


def test_same_batch_twice_changes_nothing(told):
    _, batch = told
    post_sendgrid(batch)
    events.fold()
    before = rows()

    answer = post_sendgrid(list(reversed(batch)))

    assert answer.status_code == 200
    assert events.fold() == 0
    assert rows() == before
