"""Test sends, through the API."""

import pytest

from barbershop.tests.factories import MembershipFactory, ShopFactory
from campaigns import progress
from campaigns.models import CampaignExecution
from campaigns.tests.factories import EMAIL, DefinitionFactory
from communications.models import CustomerCommunication, Dispatch, SenderIdentity, Suppression
from customers.addresses import address_hmac

pytestmark = pytest.mark.django_db

PATH = "/api/campaigns/test"
SMS = {"sms": {"message": "Hi {{ customer_first_name }}", "personalization": True}}


@pytest.fixture
def multi(shop):
    return DefinitionFactory(shop=shop, campaign_type="multi", channels=EMAIL | SMS)


def results(response):
    assert response.status_code == 200, response.content
    return [(r["address"], r["status"], r["reason"]) for r in response.json()["results"]]


def test_test_goes_to_the_given_addresses_marked_and_belongs_to_nobody(api, shop, multi):
    MembershipFactory(shop=shop, phone="(212) 555-0123")

    found = results(
        api.post(
            PATH,
            {
                "campaign_id": multi.pk,
                "emails": ["Me@Example.test", "me@example.test"],
                "phones": ["+12125550123"],
            },
        )
    )

    assert found == [("me@example.test", "queued", ""), ("+12125550123", "queued", "")]
    email, text = CustomerCommunication.objects.order_by("pk")
    assert (email.customer, email.dispatch.kind) == (None, "test")
    assert email.content.subject == "[Test] Beat the heat with 20% off!"
    assert (text.channel, text.send_state) == ("sms", "pending")
    assert email.dispatch.state == "running"


def test_test_is_no_execution_and_leaves_the_draft_a_draft(api, multi):
    api.post(PATH, {"campaign_id": multi.pk, "emails": ["me@example.test"]})

    multi.refresh_from_db()
    assert multi.status == "draft"
    assert CampaignExecution.objects.count() == 0
    assert progress.current_execution(multi) is None


def test_suppressed_address_is_reported_and_not_written_to(api, shop, multi):
    for owner in (shop, ShopFactory()):
        address = "stop@example.test" if owner == shop else "fine@example.test"
        Suppression.objects.create(
            shop=owner, channel="email", address_hmac=address_hmac(address), cause="manual"
        )

    found = results(
        api.post(
            PATH,
            {"campaign_id": multi.pk, "emails": ["stop@example.test", "fine@example.test"]},
        )
    )

    assert found == [
        ("stop@example.test", "blocked", "suppressed"),
        ("fine@example.test", "queued", ""),
    ]
    pending = CustomerCommunication.objects.filter(send_state="pending")
    assert [message.address for message in pending] == ["fine@example.test"]


def test_texts_go_only_to_members_and_verified_numbers(api, shop, multi, django_user_model):
    MembershipFactory(shop=shop, phone="+12125550001")
    MembershipFactory(phone="+12125550002")  # of another shop
    SenderIdentity.objects.create(
        shop=shop,
        channel="sms",
        address="+12125550003",
        registration="CTEST02",
        verified_at="2026-01-01T00:00:00Z",
    )
    SenderIdentity.objects.create(
        shop=shop, channel="sms", address="+12125550004", is_default=False
    )
    phones = [f"+1212555000{number}" for number in (1, 2, 3, 4)]

    found = results(api.post(PATH, {"campaign_id": multi.pk, "phones": phones}))

    assert found == [
        (phones[0], "queued", ""),
        (phones[1], "blocked", "not_verified"),
        (phones[2], "queued", ""),
        (phones[3], "blocked", "not_verified"),
    ]
    assert CustomerCommunication.objects.count() == 2


def test_longest_subject_still_fits_with_its_mark(api, shop):
    said = {"email": {**EMAIL["email"], "subject": "x" * 250}}
    definition = DefinitionFactory(shop=shop, channels=said)

    results(api.post(PATH, {"campaign_id": definition.pk, "emails": ["me@example.test"]}))

    subject = CustomerCommunication.objects.get().content.subject
    assert subject.startswith("[Test] xxx")
    assert len(subject) == 250


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"emails": ["me@example.test"]}, "campaign_id"),
        ({"campaign_id": "x", "emails": ["me@example.test"]}, "campaign_id"),
        ({"emails": ["nonsense"]}, "emails.0"),
        ({"emails": [5]}, "emails.0"),
        ({"emails": "me@example.test"}, "emails"),
        ({"emails": [f"a{n}@example.test" for n in range(11)]}, "emails"),
        ({"phones": ["12"]}, "phones.0"),
        ({}, "emails"),
        ({"email": ["me@example.test"]}, "email"),
    ],
)
def test_wrong_request_is_refused_and_sends_nothing(api, multi, body, path):
    if path != "campaign_id":
        body = {"campaign_id": multi.pk} | body

    response = api.post(PATH, body)

    assert response.status_code == 400, response.content
    assert path in response.json()["error"]["fields"]
    assert Dispatch.objects.count() == 0


def test_campaign_of_another_shop_does_not_exist(api):
    theirs = DefinitionFactory()

    response = api.post(PATH, {"campaign_id": theirs.pk, "emails": ["me@example.test"]})

    assert response.status_code == 400
    assert "campaign_id" in response.json()["error"]["fields"]


def test_text_to_a_campaign_without_one_is_refused(api, shop):
    MembershipFactory(shop=shop, phone="+12125550001")
    email_only = DefinitionFactory(shop=shop)

    response = api.post(PATH, {"campaign_id": email_only.pk, "phones": ["+12125550001"]})

    assert response.status_code == 400
    assert response.json()["error"]["code"] == "no_content"
    assert Dispatch.objects.count() == 0
