"""Campaigns written in admin: by the product's own parsers, and fixed once they are executed."""

import json

import pytest
from django.urls import reverse

from barbershop.models import Membership
from barbershop.tests.factories import MembershipFactory, UserFactory
from campaigns.models import (
    CampaignDefinition,
    CampaignTemplate,
    CampaignTemplateVersion,
    CampaignVariant,
)
from campaigns.tests.factories import EMAIL, DefinitionFactory, ExecutionFactory
from customers.tests.factories import CustomerFactory, SegmentFactory

pytestmark = pytest.mark.django_db
Role = Membership.Role
LIST = reverse("admin:campaigns_campaigndefinition_changelist")


@pytest.fixture
def sign_in(client, shop):
    def _sign_in(role=Role.MANAGER):
        client.force_login(MembershipFactory(shop=shop, role=role, user__is_staff=True).user)
        return client

    return _sign_in


@pytest.fixture
def draft(shop):
    CustomerFactory.create_batch(2, shop=shop)
    CustomerFactory(shop=shop, email="", phone="")
    return DefinitionFactory(shop=shop, name="Summer")


def change(definition) -> str:
    return reverse("admin:campaigns_campaigndefinition_change", args=[definition.pk])


def form(shop, *, channels=None, **fields) -> dict:
    variant = (
        {}
        if channels is None
        else {
            "variants-0-label": "A",
            "variants-0-weight": "1",
            "variants-0-channels": json.dumps(channels),
        }
    )
    return {
        "shop": shop.pk,
        "name": "Summer",
        "campaign_type": "email",
        "category": "promotional",
        "channel_policy": "all",
        "target_criteria": "{}",
        "status": "draft",
        "holdout_percent": "0",
        "variants-TOTAL_FORMS": "0" if channels is None else "1",
        "variants-INITIAL_FORMS": "0",
        "campaign_segments-TOTAL_FORMS": "0",
        "campaign_segments-INITIAL_FORMS": "0",
        **variant,
        **fields,
    }


def test_a_campaign_is_made_with_its_content(sign_in, shop):
    segment = SegmentFactory(shop=shop)
    segments = {
        "campaign_segments-TOTAL_FORMS": "1",
        "campaign_segments-0-segment": segment.pk,
        "campaign_segments-0-mode": "include",
    }

    answer = sign_in().post(
        reverse("admin:campaigns_campaigndefinition_add"), form(shop, channels=EMAIL, **segments)
    )

    definition = CampaignDefinition.objects.get()
    variant, link = definition.variants.get(), definition.campaign_segments.get()
    assert (definition.created_by, definition.status) == (answer.wsgi_request.user, "draft")
    assert (variant.shop, variant.channels) == (shop, EMAIL)
    assert (link.shop, link.segment) == (shop, segment)


@pytest.mark.parametrize(
    ("channels", "said"),
    [
        ({"email": {"subject": "Hi", "message": "{{customer_frist_name}}"}}, "customer_first_name"),
        ({"sms": {"message": "Hi"}}, "multi"),
        ({"email": {"subject": "Hi"}}, "required"),
        (7, "object"),
        ({"email": {"subject": "Hi", "message": "\x00"}}, "character"),
    ],
)
def test_content_that_cannot_be_sent_is_a_form_error(sign_in, shop, channels, said):
    answer = sign_in().post(
        reverse("admin:campaigns_campaigndefinition_add"), form(shop, channels=channels)
    )

    formset = answer.context["inline_admin_formsets"][0].formset
    assert said in str(formset.errors[0]["channels"])
    assert not CampaignDefinition.objects.exists()


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("target_criteria", '{"spending_teir": "low"}'),
        ("status", "active"),
        ("scheduled_for_0", ""),
        ("campaign_type", "fax"),
        ("holdout_percent", "51"),
    ],
)
def test_a_wrong_plan_is_a_form_error(sign_in, shop, field, typed):
    fields = {field: typed}
    if field == "scheduled_for_0":
        fields["status"] = "scheduled"

    answer = sign_in().post(reverse("admin:campaigns_campaigndefinition_add"), form(shop, **fields))

    assert field.removesuffix("_0") in answer.context["adminform"].form.errors
    assert not CampaignDefinition.objects.exists()


def test_the_segment_of_another_shop_cannot_be_chosen(sign_in, shop):
    theirs = SegmentFactory()
    segments = {
        "campaign_segments-TOTAL_FORMS": "1",
        "campaign_segments-0-segment": theirs.pk,
        "campaign_segments-0-mode": "include",
    }

    answer = sign_in().post(
        reverse("admin:campaigns_campaigndefinition_add"), form(shop, **segments)
    )

    assert answer.context["inline_admin_formsets"][1].formset.errors[0]["segment"]
    assert not CampaignDefinition.objects.exists()


def test_staff_cannot_schedule_nor_change_what_is_scheduled(sign_in, draft):
    client = sign_in(Role.STAFF)
    later = {"status": "scheduled", "scheduled_for_0": "2030-01-01", "scheduled_for_1": "10:00"}
    variants = draft.variants.values_list("pk", flat=True)
    kept = {
        "variants-TOTAL_FORMS": "1",
        "variants-INITIAL_FORMS": "1",
        "variants-0-id": variants[0],
        "variants-0-definition": draft.pk,
        "variants-0-label": "A",
        "variants-0-weight": "1",
        "variants-0-channels": json.dumps(EMAIL),
    }

    answer = client.post(change(draft), form(draft.shop, **later, **kept))
    draft.refresh_from_db()
    assert (answer.status_code, draft.status) == (302, "draft")

    CampaignDefinition.objects.update(status="scheduled", scheduled_for="2030-01-01T10:00Z")
    assert client.post(change(draft), form(draft.shop, **kept)).status_code == 403


def test_an_executed_campaign_is_read_only_and_stays(client, shop):
    client.force_login(UserFactory(is_staff=True, is_superuser=True))
    run = ExecutionFactory(definition__shop=shop)
    url = change(run.definition)

    page = client.get(url)
    delete = reverse("admin:campaigns_campaigndefinition_delete", args=[run.definition_id])

    assert page.context["has_change_permission"] is False
    assert [verb for verb, _ in page.context["verbs"]] == ["pause", "cancel"]
    assert client.post(url, form(shop)).status_code == 403
    assert client.post(delete, {"post": "yes"}).status_code == 403
    variant = CampaignVariant.objects.get()
    variant_url = reverse("admin:campaigns_campaignvariant_change", args=[variant.pk])
    assert client.post(variant_url, {"label": "B"}).status_code == 403
    assert f'href="/campaigns/{run.definition_id}/"' in page.content.decode()


def test_a_draft_can_be_deleted_with_its_parts(sign_in, draft):
    url = reverse("admin:campaigns_campaigndefinition_delete", args=[draft.pk])

    answer = sign_in().post(url, {"post": "yes"})

    assert answer.status_code == 302
    assert not CampaignVariant.objects.exists()


def test_duplicating_makes_a_draft(sign_in, shop):
    run = ExecutionFactory(definition__shop=shop)

    sign_in(Role.STAFF).post(LIST, {"action": "duplicate", "_selected_action": [run.definition_id]})

    copy = CampaignDefinition.objects.exclude(pk=run.definition_id).get()
    assert (copy.status, copy.shop) == ("draft", shop)


def test_a_template_version_must_be_sound_and_is_numbered_by_itself(sign_in, shop):
    client = sign_in()
    client.post(
        reverse("admin:campaigns_campaigntemplate_add"),
        {"shop": shop.pk, "key": "spring", "name": "Spring"},
    )
    template = CampaignTemplate.objects.get()
    url = reverse("admin:campaigns_campaigntemplateversion_add")
    sound = {
        "shop": shop.pk,
        "template": template.pk,
        "channels": '{"sms": {"message": "Hi"}}',
        "variations": "[]",
        "target_criteria": "{}",
    }

    for change in (
        {"channels": '{"sms": {"mesage": "Hi"}}'},
        {"variations": '[{"name": "B"}]'},
        {"target_criteria": '{"in_segment": 9}'},
    ):
        wrong = client.post(url, sound | change)
        assert list(wrong.context["adminform"].form.errors) == list(change)
    for words in ("Hi", "Hello"):
        client.post(url, sound | {"channels": f'{{"sms": {{"message": "{words}"}}}}'})

    rows = CampaignTemplateVersion.objects.order_by("number")
    made = [(row.template, row.number, row.channels["sms"]["message"]) for row in rows]
    assert made == [(template, 1, "Hi"), (template, 2, "Hello")]
    assert rows[0].created_by.memberships.get().shop == shop
