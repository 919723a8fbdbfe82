"""What rules name is not deleted while they name it; who names it is told."""

import pytest
from django.urls import reverse
from django.utils import timezone

from barbershop import uses
from barbershop.models import Barber, Membership, Service
from barbershop.tests.factories import BarberFactory, ServiceFactory
from campaigns import template_versions
from campaigns.models import Automation, AutomationStep, CampaignDefinition
from campaigns.template_versions import Said
from campaigns.tests.factories import DefinitionFactory, ExecutionFactory
from customers.models import CustomerSegment
from customers.tests.factories import SegmentFactory

pytestmark = pytest.mark.django_db
TEXT = {"sms": {"message": "Come again"}}


@pytest.fixture
def tony(shop):
    """Another shop has rules that say the same, of its own Tony."""
    SegmentFactory(name="Intruder", criteria={"preferred_barber": "b1"})
    DefinitionFactory(name="Intruder", target_criteria={"preferred_barber": "b1"})
    return BarberFactory(shop=shop, first_name="Tony", last_name="", external_id="b1")


@pytest.fixture
def trim(shop):
    return ServiceFactory(shop=shop, name="Trim", external_id="s1")


def used_by(row) -> list[tuple[str, str]]:
    return [(use.kind, use.name) for use in uses.of(row)]


def test_segments_name_a_row_by_its_id_or_its_external_id_wherever_it_stands(shop, tony, trim):
    counted = {"visit_count": {"min": 1, "service": ["s9", " s1 "], "barber": tony.pk}}
    SegmentFactory(shop=shop, name="A", criteria={"preferred_barber": "b1"})
    SegmentFactory(shop=shop, name="B", criteria={"any": [{"not": counted}, {"tags": "vip"}]})
    SegmentFactory(shop=shop, name="C", criteria={"tags": ["b1", "s1"], "name": "b1"})
    SegmentFactory(shop=shop, name="D", criteria={"in_segment": [tony.pk, trim.pk]})

    assert used_by(tony) == [("segment", "A"), ("segment", "B")]
    assert used_by(trim) == [("segment", "B")]


def test_campaigns_count_while_they_may_choose_people_and_templates_by_what_they_say_now(
    shop, tony
):
    rule = {"preferred_barber": [tony.pk]}
    draft = DefinitionFactory(shop=shop, name="Draft", target_criteria=rule)
    sent = DefinitionFactory(shop=shop, name="Sent", target_criteria=rule, status="active")
    ExecutionFactory(definition=sent)
    running = DefinitionFactory(shop=shop, name="Running", target_criteria=rule, status="active")
    ExecutionFactory(definition=running, audience_complete_at=None)
    told = DefinitionFactory(shop=shop, name="Told", status="draft")
    told.variants.update(variations=[{"name": "His", "criteria": rule, "channels": {}}])
    by_step = DefinitionFactory(shop=shop, name="Step", target_criteria=rule, status="active")
    automation = Automation.objects.create(shop=shop, kind="birthday", name="Birthday")
    step = {"shop": shop, "automation": automation, "definition": by_step}
    AutomationStep.objects.create(position=0, **step)
    said = Said(channels=TEXT, target_criteria=rule)
    template = template_versions.create(shop=shop, name="Now", said=said)
    before = template_versions.create(shop=shop, name="Before", said=said)
    template_versions.write(before, said=Said(channels=TEXT))
    away = template_versions.create(shop=shop, name="Away", said=said)
    template_versions.archive(away)

    assert sorted(used_by(tony)) == [
        ("campaign", "Draft"),
        ("campaign", "Running"),
        ("campaign", "Step"),
        ("campaign", "Told"),
        ("template", template.name),
    ]
    AutomationStep.objects.update(retired_at=timezone.now())
    draft.delete()
    assert sorted(used_by(tony))[0] == ("campaign", "Running")
    assert ("campaign", "Step") not in used_by(tony)


@pytest.mark.parametrize(
    ("kind", "rule"),
    [
        ("barbers", lambda row: {"preferred_barber": row.pk}),
        ("services", lambda row: {"visit_count": {"min": 1, "service": row.external_id}}),
    ],
)
def test_the_api_says_who_names_it_and_keeps_it(api, shop, tony, trim, kind, rule):
    row = {"barbers": tony, "services": trim}[kind]
    segment = SegmentFactory(shop=shop, name="Mine", criteria=rule(row))

    refused = api.delete(f"/api/{kind}/{row.pk}/")

    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "in_use")
    said = f"“{row}” is used by segment “Mine”. Take it out there first."
    assert refused.json()["error"]["message"] == said
    segment.delete()
    assert api.delete(f"/api/{kind}/{row.pk}/").status_code == 204
    assert not type(row).objects.filter(pk=row.pk).exists()


def test_a_draft_that_rules_name_is_kept_by_the_api_and_by_the_page(api, client, shop, sign_in):
    draft = DefinitionFactory(shop=shop, name="Spring")
    draft.target_criteria = {"not": {"received": {"campaign": draft.pk}}}  # itself is no other
    draft.save()
    rule = {"received": {"campaign": [draft.pk]}}
    segment = SegmentFactory(shop=shop, name="Readers", criteria=rule)
    other = DefinitionFactory(shop=shop, name="Again", target_criteria={"not": rule})
    sign_in(Membership.Role.STAFF)

    refused = api.delete(f"/api/campaigns/{draft.pk}/")
    page = client.post(f"/campaigns/{draft.pk}/delete/")

    said = "“Spring” is used by campaign “Again”, segment “Readers”. Take it out there first."
    assert (refused.status_code, refused.json()["error"]["message"]) == (409, said)
    assert page.status_code == 409
    assert said in page.content.decode()
    other.delete()
    segment.delete()
    assert api.delete(f"/api/campaigns/{draft.pk}/").status_code == 204


@pytest.mark.parametrize("model", [Barber, Service, CampaignDefinition])
def test_admin_names_who_uses_it_instead_of_asking(sign_in, shop, tony, trim, model):
    draft = DefinitionFactory(shop=shop, name="Spring")
    row = {Barber: tony, Service: trim, CampaignDefinition: draft}[model]
    rules = {
        Barber: {"preferred_barber": tony.pk},
        Service: {"visit_count": {"max": 2, "service": trim.pk}},
        CampaignDefinition: {"opened": {"campaign": draft.pk}},
    }
    segment = SegmentFactory(shop=shop, name="Mine", criteria=rules[model])
    client = sign_in(user__is_staff=True)
    name = f"{model._meta.app_label}_{model._meta.model_name}"
    one = reverse(f"admin:{name}_delete", args=[row.pk])
    many = {"action": "delete_selected", "_selected_action": [row.pk]}
    said = f"“{row}” is used by segment “Mine”. Take it out there first."

    assert said in client.get(one).content.decode()
    assert said in client.post(one, {"post": "yes"}).content.decode()
    listing = reverse(f"admin:{name}_changelist")
    assert said in client.post(listing, many | {"post": "yes"}).content.decode()
    assert model.objects.filter(pk=row.pk).exists()
    CustomerSegment.objects.filter(pk=segment.pk).delete()
    assert client.post(one, {"post": "yes"}).status_code == 302
    assert not model.objects.filter(pk=row.pk).exists()
