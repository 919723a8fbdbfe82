"""A campaign that cannot start: the explainer promises nothing, and says what is in the way."""

import pytest
from django.core.management import call_command
from django.urls import reverse

from barbershop.tests.api import token_client
from barbershop.tests.factories import MembershipFactory
from campaigns.models import CampaignVariant
from campaigns.tests.factories import DefinitionFactory
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db


def explained(definition, customer):
    path = f"/api/campaigns/{definition.pk}/explain?customer={customer.pk}"
    return token_client(definition.shop).get(path).json()


def conclusion_of(client, definition, customer):
    client.force_login(MembershipFactory(shop=definition.shop).user)
    why = reverse("campaign-why", args=[definition.pk])
    return client.get(why, {"customer": customer.pk}).context["conclusion"]


def test_what_execute_refuses_the_explainer_does_not_promise(client, shop, capsys):
    customer, definition = CustomerFactory(shop=shop), DefinitionFactory(shop=shop)
    shop.postal_address = ""
    shop.save()
    CampaignVariant.objects.update(channels={"email": {"subject": "", "message": "Hi"}})

    refused = token_client(shop).post(f"/api/campaigns/{definition.pk}/execute")
    said = explained(definition, customer)
    conclusion = conclusion_of(client, definition, customer)
    call_command("explain", campaign=definition.pk, customer=customer.pk)

    assert refused.status_code == 400
    assert said["not_ready"] == [refused.json()["error"]["message"]]
    (why,) = said["not_ready"]
    assert conclusion == f"The campaign cannot start. {why} After that he gets it at once."
    printed = capsys.readouterr().out
    assert conclusion in printed
    assert "He would get it here at once, once the campaign can start." in printed


def test_everything_that_is_in_the_way_is_said(client, shop, settings):
    settings.SENDGRID_FROM_EMAIL = ""
    shop.postal_address = ""
    shop.save()
    customer = CustomerFactory(shop=shop, email="")
    definition = DefinitionFactory(shop=shop)

    said = explained(definition, customer)
    conclusion = conclusion_of(client, definition, customer)

    assert len(said["not_ready"]) == 2
    assert said["reason"] == "no_address"
    assert all(sentence in conclusion for sentence in said["not_ready"])
    assert " After that he does not get it. No address: " in conclusion


def test_campaign_without_content_says_so(shop):
    customer, definition = CustomerFactory(shop=shop), DefinitionFactory(shop=shop)
    definition.variants.all().delete()

    said = explained(definition, customer)

    assert said["not_ready"] == ["The campaign has no content: give it channels first."]


def test_campaign_that_can_start_or_that_nobody_matches_is_ready(shop):
    customer = CustomerFactory(shop=shop)

    for raw in ({}, {"visit_count": {"min": 3}}):
        said = explained(DefinitionFactory(shop=shop, target_criteria=raw), customer)
        assert (said["not_ready"], said["matches"]) == ([], not raw)


def test_suspension_is_said_once(client, shop):
    customer, definition = CustomerFactory(shop=shop), DefinitionFactory(shop=shop)
    shop.suspended_at, shop.suspended_reason = definition.created_at, "Complaints."
    shop.save()

    said = explained(definition, customer)
    conclusion = conclusion_of(client, definition, customer)

    assert (len(said["not_ready"]), said["reason"]) == (1, "shop_suspended")
    assert conclusion.startswith("Sent now, he does not get it. ")
    assert "cannot start" not in conclusion
