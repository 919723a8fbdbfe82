"""A campaign of a suspended shop does not start, and every door says why."""

import pytest
from django.urls import reverse
from django.utils import timezone

from barbershop import suspension
from barbershop.models import AuditEntry
from barbershop.tests.api import token_client
from barbershop.tests.factories import MembershipFactory, ShopFactory, UserFactory
from campaigns import execution
from campaigns.models import CampaignExecution
from campaigns.tests.factories import DefinitionFactory
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db
SAID = (
    "The shop is suspended and sends nothing: Too many complaints. Ask your organisation, or who "
    "runs this installation, to lift it."
)


@pytest.fixture
def shop():
    shop = ShopFactory()
    CustomerFactory(shop=shop)
    suspension.suspend(shop, by=UserFactory(is_superuser=True), reason="Too many complaints.")
    return shop


@pytest.fixture
def draft(shop):
    return DefinitionFactory(shop=shop)


def test_api_refuses_to_start_or_to_try_it(shop, draft):
    client = token_client(shop)
    trial = {"campaign_id": draft.pk, "emails": ["sam@example.test"]}

    for answer in (
        client.post(f"/api/campaigns/{draft.pk}/execute"),
        client.post("/api/campaigns/test", trial, content_type="application/json"),
    ):
        error = answer.json()["error"]
        assert (answer.status_code, error["code"], error["message"]) == (
            409,
            "shop_suspended",
            SAID,
        )
    draft.refresh_from_db()
    assert draft.status == "draft"
    assert CampaignExecution.objects.count() == 0


def test_page_refuses_to_start_it_and_every_page_says_why(client, shop, draft):
    client.force_login(MembershipFactory(shop=shop).user)

    answer = client.post(reverse("campaign-execute", args=[draft.pk]))

    assert answer.status_code == 409
    assert answer.context["blockers"] == [SAID]
    assert CampaignExecution.objects.count() == 0
    for page in ("/", "/campaigns/"):
        html = client.get(page).content.decode()
        assert html.count('id="suspended"') == 1
        assert "Too many complaints." in html
    suspension.lift(shop, by=UserFactory(is_superuser=True), reason="Settled")
    assert 'id="suspended"' not in client.get("/campaigns/").content.decode()


def test_scheduled_campaign_becomes_a_draft_again_and_its_audit_says_why(draft):
    now = timezone.now()
    type(draft).objects.update(status="scheduled", scheduled_for=now)

    assert execution.start_due(now=now) == []

    draft.refresh_from_db()
    entry = AuditEntry.objects.get(action="campaign.not_started")
    assert draft.status == "draft"
    assert SAID in str(entry.detail.after)
