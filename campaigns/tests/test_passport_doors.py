"""Who may see a passport, and how it is asked for."""

import json

import pytest
from django.test import Client
from django.utils import timezone

from barbershop.models import AuditEntry
from barbershop.tests.api import person_client, token_client
from barbershop.tests.factories import MembershipFactory, ShopFactory
from campaigns import passport
from campaigns.tests.passports import PHONE, signed_up, text_to
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db

NOBODY = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"


@pytest.fixture
def shop():
    return ShopFactory(name="Cedar")


@pytest.fixture
def customer(shop):
    return signed_up(shop)


def test_looking_is_kept_in_the_audit_log(shop, customer):
    message = text_to(customer)
    client = person_client(shop, "manager")

    client.get(f"/api/customers/{customer.pk}/passport?communication={message.uuid}")

    entry = AuditEntry.objects.for_shop(shop).get(action="customer.passport")
    assert entry.object_id == str(customer.pk)
    assert entry.actor is not None
    assert entry.detail.after == {"communication": str(message.uuid)}


def test_message_to_somebody_else_is_not_found_and_nothing_is_recorded(shop, customer):
    other = text_to(CustomerFactory(shop=shop))

    with pytest.raises(passport.NotHis):
        passport.of(customer, communication=other.uuid, now=timezone.now())

    assert not AuditEntry.objects.filter(action="customer.passport").exists()


@pytest.mark.parametrize("role", ["owner", "manager", "staff", "read_only"])
def test_managers_and_owners_see_it_and_others_do_not(shop, customer, role):
    api = person_client(shop, role)
    client = Client()
    client.force_login(MembershipFactory(shop=shop, role=role).user)

    answers = (
        api.get(f"/api/customers/{customer.pk}/passport").status_code,
        client.get(f"/customers/{customer.pk}/passport/").status_code,
    )

    assert answers == ((200, 200) if role in {"owner", "manager"} else (403, 403))


@pytest.mark.parametrize(("scopes", "status"), [(("read", "write"), 403), (("read", "send"), 200)])
def test_token_needs_the_scope_of_a_manager(shop, customer, scopes, status):
    client = token_client(shop, scopes=scopes)

    assert client.get(f"/api/customers/{customer.pk}/passport").status_code == status


def test_answer_is_whole_json(shop, customer):
    message = text_to(customer)

    answer = token_client(shop).get(
        f"/api/customers/{customer.pk}/passport/?communication={message.uuid}"
    )

    found = json.loads(answer.content)
    assert list(found) == [
        "made_at",
        "customer",
        "shop",
        "consent",
        "sign_ups",
        "suppressions",
        "answers",
        "message",
    ]
    assert found["customer"]["phone"] == PHONE
    assert found["message"]["uuid"] == str(message.uuid)
    assert found["sign_ups"][0]["ip"] == "203.0.113.7"


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("communication=nonsense", 400),
        ("communication=", 400),
        (f"communication={NOBODY}", 404),
        ("comunication=x", 400),
        ("communication=%00", 400),
    ],
)
def test_wrong_questions_are_answered_in_the_one_shape(shop, customer, query, status):
    answer = token_client(shop).get(f"/api/customers/{customer.pk}/passport?{query}")

    assert answer.status_code == status
    assert set(answer.json()) == {"error"}


def test_page_shows_it_to_people(shop, customer):
    message = text_to(customer)
    client = Client()
    client.force_login(MembershipFactory(shop=shop).user)

    page = client.get(f"/customers/{customer.pk}/passport/?communication={message.uuid}")

    shown_words = page.content.decode()
    assert "Opted in on 2026-11-22 17:00 UTC for this address" in shown_words
    assert "203.0.113.7" in shown_words
    assert "Hi Sam, come in." in shown_words
    for query in ("?communication=x", f"?communication={NOBODY}"):
        assert client.get(f"/customers/{customer.pk}/passport/{query}").status_code == 404


def test_page_of_another_shops_customer_is_not_found(customer):
    client = Client()
    client.force_login(MembershipFactory().user)

    assert client.get(f"/customers/{customer.pk}/passport/").status_code == 404
