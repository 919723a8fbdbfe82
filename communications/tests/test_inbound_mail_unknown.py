"""Emails that want no more, of whom nobody can say at once who he is: none is dropped."""

import pytest

from communications import events, links
from communications.models import InboundMessage, ProviderEvent, Suppression
from communications.tests.answers import DOMAIN, SECRET, causes, mail
from communications.tests.reports import in_call

pytestmark = pytest.mark.django_db

Cause = Suppression.Cause


@pytest.fixture(autouse=True)
def configured(settings):
    settings.SENDGRID_INBOUND_SECRET = SECRET
    settings.SENDGRID_INBOUND_DOMAIN = DOMAIN


@pytest.fixture
def message():
    return in_call(customer__email="sam@example.test")


def fold_to_the_end():
    for _ in range(events.quarantine.MOST_TRIES):
        events.fold()


@pytest.mark.parametrize(
    "fields",
    [
        {"to": "{address}", "sender": "other@example.test"},
        {"to": f"unsubscribe@{DOMAIN}", "sender": "other@example.test"},
        {"to": f"hello@{DOMAIN}", "sender": "other@example.test", "subject": "STOP"},
    ],
)
def test_wish_of_whom_nobody_knows_is_kept_in_quarantine(message, fields):
    token = links.unsubscribe_token(message.uuid).lower()
    small = f"unsubscribe+{token}@{DOMAIN}"
    answer = mail(**fields | {"to": fields["to"].format(address=small)})
    fold_to_the_end()

    kept = ProviderEvent.objects.get()
    assert answer.status_code == 200
    assert (kept.quarantined_at is not None, kept.folded_at) == (True, None)
    assert kept.error.startswith("NobodyFound: It asks for no more emails")
    assert causes(message.shop, "email") == set()


@pytest.mark.parametrize(
    "fields",
    [
        {"subject": "Lunch on Friday?", "text": "Where do we meet?"},
        {"to": f"unsubscribe@{DOMAIN}", "more_headers": "Auto-Submitted: auto-replied\n"},
    ],
)
def test_strangers_talk_and_machines_are_not_kept(message, fields):
    mail(**{"to": f"hello@{DOMAIN}", "sender": "other@example.test"} | fields)

    assert ProviderEvent.objects.get().folded_at is not None


@pytest.mark.parametrize(("to", "subject"), [("hello", "STOP"), ("unsubscribe", "")])
def test_stop_from_the_address_without_its_tag_waits_for_a_person(to, subject):
    message = in_call(customer__email="sam+shop@example.test")
    for other in ("sam@elsewhere.test", "sammy+shop@example.test", "sa+m@example.test"):
        in_call(customer__email=other)

    mail(to=f"{to}@{DOMAIN}", sender="sam@example.test", subject=subject)

    (answer,) = InboundMessage.objects.all()
    assert (answer.shop, answer.outcome) == (message.shop, "held")
    assert (answer.address, answer.customer) == ("sam+shop@example.test", message.customer)
    assert causes(message.shop, "email") == {Cause.HELD}


def test_stop_that_two_tagged_addresses_may_mean_is_kept_in_quarantine():
    for tag in ("one", "two"):
        in_call(customer__email=f"sam+{tag}@example.test")

    mail(to=f"hello@{DOMAIN}", sender="sam@example.test", subject="STOP")
    fold_to_the_end()

    assert ProviderEvent.objects.get().quarantined_at is not None
    assert not InboundMessage.objects.exists()
