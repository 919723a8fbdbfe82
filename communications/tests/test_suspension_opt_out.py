"""Whoever wants no more messages is heard while the shop is suspended, too."""

import pytest
from django.test import Client

from barbershop import suspension
from barbershop.tests.factories import UserFactory
from communications import links
from communications.models import Suppression
from communications.tests.reports import in_call, reply
from communications.tests.texts import PERSON, active_causes, latest, text
from customers.models import ContactConsent

pytestmark = pytest.mark.django_db

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def suspended(shop):
    suspension.suspend(shop, by=UserFactory(is_superuser=True), reason="Too many complaints.")


@pytest.fixture
def email():
    message = in_call()
    suspended(message.shop)
    return message


def path(message) -> str:
    return f"/u/{links.unsubscribe_token(message.uuid)}/"


def decisions(message) -> set[tuple[str, str, str]]:
    said = ContactConsent.objects.filter(customer=message.customer).latest()
    return {(entry.channel, entry.topic, entry.decision) for entry in said}


def test_stop_counts_at_a_suspended_shop():
    message = text()
    suspended(message.shop)

    reply("STOP", sender=PERSON)

    assert active_causes(message.shop) == ["stop"]
    assert latest(message.customer) == "opted_out"


def test_link_to_unsubscribe_works_at_a_suspended_shop(email):
    assert Client().get(path(email)).status_code == 200
    answer = Client(enforce_csrf_checks=True).post(path(email), ONE_CLICK)

    email.refresh_from_db()
    assert answer.status_code == 200
    assert email.unsubscribed_at is not None
    assert ("email", "marketing", "opted_out") in decisions(email)
    assert Suppression.objects.for_shop(email.shop).active().count() == 1


def test_preferences_are_saved_at_a_suspended_shop(email):
    wanted = {"offered": ["email:marketing", "email:appointments"], "wanted": [], "do": "save"}

    answer = Client().post(f"{path(email)}?preferences", wanted)

    assert answer.status_code == 200
    assert decisions(email) == {
        ("email", "marketing", "opted_out"),
        ("email", "appointments", "opted_out"),
    }
