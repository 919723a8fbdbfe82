"""Which buttons a campaign offers, to whom, and the one word for what became of a message."""

import pytest
from django.utils import timezone

from barbershop.api.permissions import ALLOWED, READ, SEND, WRITE
from barbershop.models import Membership
from campaigns.controls import controls
from campaigns.outcomes import outcome_of
from communications.models import CustomerCommunication

EVERYTHING = {READ, WRITE, SEND}
Delivery = CustomerCommunication.Delivery


def verbs(*state, rights=frozenset(EVERYTHING), **more) -> list[str]:
    return [each.verb for each in controls(*state, rights=rights, **more)]


@pytest.mark.parametrize(
    ("status", "run", "expected"),
    [
        ("draft", None, ["execute", "clone", "delete"]),
        ("scheduled", None, ["execute", "clone", "delete"]),
        ("active", "preparing", ["pause", "cancel", "clone"]),
        ("active", "running", ["pause", "cancel", "clone"]),
        ("active", "testing", ["pause", "cancel", "clone"]),
        ("active", "paused", ["resume", "cancel", "clone"]),
        ("active", "done", ["clone"]),
        ("active", "cancelled", ["clone"]),
        ("active", "failed", ["clone"]),
        ("archived", None, ["clone"]),
    ],
)
def test_controls_are_those_that_would_not_be_refused(status, run, expected):
    assert verbs(status, run) == expected


def test_campaign_that_an_automation_runs_can_only_be_copied():
    assert verbs("active", None, automated=True) == ["clone"]


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        (Membership.Role.READ_ONLY, []),
        (Membership.Role.STAFF, ["clone", "delete"]),
        (Membership.Role.MANAGER, ["execute", "clone", "delete"]),
    ],
)
def test_nobody_is_offered_what_he_may_not_do(role, expected):
    assert verbs("draft", None, rights=ALLOWED[role]) == expected


def told(*, state="accepted", **fields):
    message = CustomerCommunication(channel="email", **fields)
    message.state = state  # as ``with_state()`` annotates it
    return outcome_of(message)


@pytest.mark.parametrize(
    ("state", "word"),
    [
        ("pending", "Waiting"),
        ("claimed", "Waiting"),
        ("sending", "Waiting"),
        ("released", "Waiting"),
        ("unknown", "Not known"),
        ("not_sent", "Not known"),
        ("cancelled", "Cancelled"),
        ("accepted", "Sent"),
    ],
)
def test_outcome_has_a_word_for_every_state(state, word):
    assert told(state=state).word == word


@pytest.mark.parametrize(
    ("state", "reason", "why"),
    [("blocked", "no_consent", "No consent"), ("rejected", "30006", "30006")],
)
def test_outcome_of_a_refusal_says_why(state, reason, why):
    assert told(state=state, reason=reason).why == why


def test_outcome_is_the_furthest_that_a_message_came():
    now = timezone.now()
    words = [
        told(delivery=Delivery.DELIVERED).word,
        told(delivery=Delivery.DELIVERED, opened_at=now).word,
        told(delivery=Delivery.DELIVERED, opened_at=now, clicked_at=now).word,
        told(delivery=Delivery.DELIVERED, clicked_at=now, replied_at=now).word,
        told(delivery=Delivery.DELIVERED, clicked_at=now, unsubscribed_at=now).word,
        told(delivery=Delivery.DELIVERED, clicked_at=now, complained_at=now).word,
        told(delivery=Delivery.BOUNCED, opened_at=now).word,
    ]

    assert words == [
        "Delivered",
        "Opened",
        "Clicked",
        "Replied",
        "Opted out",
        "Complained",
        "Bounced",
    ]
