"""A campaign for a segment: the segment is in it from the beginning."""

import json

import pytest
from django.urls import reverse

from barbershop.models import Membership
from barbershop.tests.factories import MembershipFactory, ShopFactory
from campaigns import template_versions
from campaigns.models import CampaignDefinition, CampaignSegment
from campaigns.tests.factories import EMAIL
from customers.tests.factories import SegmentFactory

pytestmark = pytest.mark.django_db
Role = Membership.Role
ADD = reverse("admin:campaigns_campaigndefinition_add")


@pytest.fixture
def segment(shop):
    SegmentFactory(shop=shop, name="Intruder")
    return SegmentFactory(shop=shop, name="Regulars")


@pytest.fixture
def sign_in(client, shop):
    def _sign_in(role=Role.MANAGER, *, is_staff=False):
        user = MembershipFactory(shop=shop, role=role, user__is_staff=is_staff).user
        client.force_login(user)
        return client

    return _sign_in


def links_of(answer):
    (formset,) = [
        each.formset
        for each in answer.context["inline_admin_formsets"]
        if each.formset.model is CampaignSegment
    ]
    return [form.initial for form in formset.forms]


def url(segment):
    return reverse("segment-campaign", args=[segment.pk])


def test_button_leads_whoever_may_use_the_admin_to_its_form_with_the_segment(sign_in, segment):
    client = sign_in(is_staff=True)

    leads_to = client.get(reverse("segment", args=[segment.pk])).context["campaign_url"]
    form = client.get(leads_to)

    assert leads_to == f"{ADD}?segment={segment.pk}"
    assert links_of(form) == [{"segment": segment.pk, "mode": "include"}]
    assert f'<option value="{segment.pk}" selected>Regulars</option>' in form.content.decode()


def test_form_is_saved_with_the_segment_as_it_was_shown(sign_in, shop, segment):
    client = sign_in(is_staff=True)
    said = {
        "shop": shop.pk,
        "name": "For regulars",
        "campaign_type": "email",
        "category": "promotional",
        "channel_policy": "all",
        "target_criteria": "{}",
        "status": "draft",
        "holdout_percent": "0",
        "variants-TOTAL_FORMS": "1",
        "variants-INITIAL_FORMS": "0",
        "variants-0-label": "A",
        "variants-0-weight": "1",
        "variants-0-channels": json.dumps(EMAIL),
        "campaign_segments-TOTAL_FORMS": "1",
        "campaign_segments-INITIAL_FORMS": "0",
        "campaign_segments-0-segment": segment.pk,
        "campaign_segments-0-mode": "include",
    }

    answer = client.post(f"{ADD}?segment={segment.pk}", said)

    assert answer.status_code == 302, answer.context["errors"]
    link = CampaignDefinition.objects.get().campaign_segments.get()
    assert (link.segment, link.mode) == (segment, "include")


@pytest.mark.parametrize("raw", ["0", "x", "", "9" * 30, "1 or 1"])
def test_segment_that_there_is_not_leaves_the_form_as_it_was(sign_in, segment, raw):
    assert links_of(sign_in(is_staff=True).get(ADD, {"segment": raw})) == []


def test_segment_of_another_shop_is_not_taken(sign_in):
    stranger = SegmentFactory()
    client = sign_in(is_staff=True)

    assert links_of(client.get(ADD, {"segment": stranger.pk})) == []
    assert client.get(url(stranger)).status_code == 404
    assert client.post(url(stranger)).status_code == 404


def test_without_the_admin_a_draft_is_made_from_a_template_for_the_segment_alone(sign_in, segment):
    client = sign_in()
    leads_to = client.get(reverse("segment", args=[segment.pk])).context["campaign_url"]

    shown = client.get(leads_to).context["form"]
    answer = client.post(leads_to, {"name": "For regulars", "template": "win_back"})

    assert (leads_to, shown.initial["name"]) == (url(segment), "For Regulars")
    made = CampaignDefinition.objects.get()
    assert answer.url == reverse("campaign", args=[made.pk])
    assert (made.name, made.status, made.target_criteria) == ("For regulars", "draft", {})
    assert [(link.segment, link.mode) for link in made.campaign_segments.all()] == [
        (segment, "include")
    ]
    assert made.variants.get().channels["email"]["subject"]


def test_own_template_is_offered_too_and_another_shops_is_not(sign_in, shop, segment):
    for owner in (shop, ShopFactory()):
        template_versions.create(
            shop=owner, name=f"Own of {owner.pk}", said=template_versions.Said(channels=EMAIL)
        )

    form = sign_in().get(url(segment)).context["form"]

    offered = [name for _, name in form.fields["template"].choices]
    assert [name for name in offered if name.startswith("Own of")] == [f"Own of {shop.pk}"]


@pytest.mark.parametrize("said", [{}, {"name": "x"}, {"name": "x", "template": "no-such"}])
def test_what_is_missing_is_said_and_nothing_is_made(sign_in, segment, said):
    assert sign_in().post(url(segment), said).status_code == 400
    assert CampaignDefinition.objects.count() == 0


def test_whoever_only_reads_has_no_button_and_no_page(sign_in, segment):
    client = sign_in(Role.READ_ONLY)

    assert client.get(reverse("segment", args=[segment.pk])).context["campaign_url"] == ""
    assert client.get(url(segment)).status_code == 403
    assert client.post(url(segment)).status_code == 403
