"""The page of one customer."""

import pytest
from django.urls import reverse
from django.utils import timezone

from barbershop.tests.factories import MembershipFactory
from barbershop.tests.query_counts import assert_same_queries
from campaigns.tests.factories import ExecutionFactory
from communications.tests.factories import CommunicationFactory
from customers import consent, erasure
from customers.tests.factories import AppointmentFactory, CustomerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(shop):
    return CustomerFactory(shop=shop, first_name="Sam", last_name="Adams")


@pytest.fixture
def owner(client, shop):
    client.force_login(MembershipFactory(shop=shop).user)
    return client


def page(person) -> str:
    return reverse("customer", args=[person.pk])


def written_to(person, **fields):
    run = ExecutionFactory(definition__shop=person.shop)
    return CommunicationFactory(dispatch=run.dispatch, customer=person, **fields)


def test_page_shows_messages_with_campaign_outcome_and_reason(owner, person):
    blocked = written_to(person, send_state="blocked", reason="no_consent")
    written_to(CustomerFactory(shop=person.shop))

    (message,) = owner.get(page(person)).context["page_obj"]

    assert message.pk == blocked.pk
    assert (message.outcome.word, message.outcome.why) == ("Blocked", "No consent")
    assert message.campaign_name.startswith("Campaign")


def test_newest_message_stands_first(owner, person):
    first, second = written_to(person), written_to(person)

    shown = owner.get(page(person)).context["page_obj"]

    assert [message.pk for message in shown] == [second.pk, first.pk]


def test_page_shows_the_latest_word_and_all_its_proof(owner, person):
    for decision in ("opted_in", "opted_out"):
        consent.record(
            customer=person,
            channel="sms",
            decision=decision,
            source="booking page",
            given_at=timezone.now(),
            disclosure_text=f"The wording when he {decision}",
        )

    answer = owner.get(page(person))

    assert answer.context["consents"] == [("Email", "Nothing said"), ("SMS", "Opted out")]
    assert b"The wording when he opted_in" in answer.content


def test_page_of_an_erased_customer_says_so(owner, person):
    erasure.erase(person, reason="asked")

    answer = owner.get(page(person))

    assert b"has been erased" in answer.content


def test_page_asks_the_same_of_the_database_with_one_row_and_with_three(owner, person):
    def make():
        written_to(person)
        AppointmentFactory(customer=person)

    assert_same_queries(owner, page(person), make=make)


def test_anothers_customer_is_not_there(owner):
    assert owner.get(page(CustomerFactory())).status_code == 404


def test_stranger_is_asked_to_sign_in(client, person):
    assert client.get(page(person)).url == f"/login/?next={page(person)}"
