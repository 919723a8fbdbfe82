"""Whom a campaign leaves out, as its settings: by API, in admin, copied, and in plain words."""

import datetime as dt

import pytest
from django.urls import reverse

from barbershop.models import Membership
from barbershop.tests.api import token_client
from barbershop.tests.factories import MembershipFactory
from campaigns import planning
from campaigns.models import CampaignDefinition
from campaigns.tests.factories import EMAIL, DefinitionFactory
from campaigns.views import consequences_of
from campaigns.waterfall import ChannelFall, Waterfall

pytestmark = pytest.mark.django_db

BODY = {"campaign_name": "A chair", "campaign_type": "email", "channels": EMAIL}


def settings_of(definition):
    definition.refresh_from_db()
    return definition.excludes_booked, definition.excludes_visited_days


def test_api_takes_shows_and_changes_the_exclusions(shop):
    client = token_client(shop)

    made = client.post("/api/campaigns", BODY | {"excludes_booked": True}).json()
    definition = CampaignDefinition.objects.get()
    assert (made["excludes_booked"], made["excludes_visited_days"]) == (True, None)
    assert settings_of(definition) == (True, None)

    path = f"/api/campaigns/{definition.pk}"
    assert client.patch(path, {"excludes_visited_days": 14}).status_code == 200
    assert settings_of(definition) == (True, 14)
    assert client.patch(path, {"excludes_booked": False, "excludes_visited_days": None}).json()
    assert settings_of(definition) == (False, None)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("excludes_booked", "yes"),
        ("excludes_booked", None),
        ("excludes_visited_days", 0),
        ("excludes_visited_days", -1),
        ("excludes_visited_days", 3651),
        ("excludes_visited_days", "7"),
    ],
)
def test_api_refuses_what_is_no_exclusion(shop, field, value):
    response = token_client(shop).post("/api/campaigns", BODY | {field: value})

    assert response.status_code == 400
    assert not CampaignDefinition.objects.exists()


def test_campaign_leaves_nobody_out_unless_it_is_asked_to(shop):
    token_client(shop).post("/api/campaigns", BODY)

    assert settings_of(CampaignDefinition.objects.get()) == (False, None)


def test_copy_leaves_out_the_same_people(shop):
    definition = DefinitionFactory(shop=shop, excludes_booked=True, excludes_visited_days=30)

    assert settings_of(planning.clone(definition)) == (True, 30)


def test_page_and_form_name_the_exclusions(shop, client):
    definition = DefinitionFactory(shop=shop, excludes_booked=True, excludes_visited_days=30)
    manager = MembershipFactory(shop=shop, role=Membership.Role.MANAGER, user__is_staff=True)
    client.force_login(manager.user)

    who = client.get(reverse("campaign", args=[definition.pk])).context["who"]
    form = client.get(f"/admin/campaigns/campaigndefinition/{definition.pk}/change/")

    assert who.endswith(
        " Nobody who has an appointment coming up. Nobody who was here within 30 days."
    )
    assert {"excludes_booked", "excludes_visited_days"} <= set(
        form.context["adminform"].form.fields
    )


def test_confirmation_says_how_many_wait_for_their_hours():
    texts = ChannelFall("sms", considered=9, blocked={}, failed={}, now=5, later=4, cost_micros=0)
    monday = dt.datetime(2026, 6, 1, 9, tzinfo=dt.UTC)

    found = consequences_of(
        Waterfall(
            "forecast",
            as_of=monday,
            matched=9,
            held_out=0,
            channels=(texts,),
            cost=0,
            currency="USD",
            next_at=monday,
        )
    )

    assert ("4", "of them wait for their local hours, until Monday 09:00") in found
