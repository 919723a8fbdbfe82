"""Setting automations up, through the API."""

import datetime as dt

import pytest

from barbershop.tests.api import token_client
from barbershop.tests.factories import ShopFactory
from campaigns import automations
from campaigns.models import Automation, AutomationStep, CampaignDefinition, CampaignVariant, Offer

pytestmark = pytest.mark.django_db

PATH = "/api/campaigns/automated/setup"
ALL_THREE = {
    "campaign_types": ["welcome", "birthday", "win_back"],
    "welcome_series_config": {"emails": 3, "schedule": [0, 3, 7]},
    "birthday_config": {"discount_percentage": 25, "valid_days": 30},
    "win_back_config": {"trigger_days": 60, "discount_percentage": 20},
}


def refused(response):
    assert response.status_code == 400, response.content
    return response.json()["error"]["fields"]


@pytest.mark.parametrize("path", [PATH, PATH + "/"])
def test_second_body_of_the_request_works_verbatim(api, shop, path):
    response = api.post(path, ALL_THREE)

    assert response.status_code == 200
    welcome, birthday, win_back = response.json()["automations"]
    assert [each["kind"] for each in (welcome, birthday, win_back)] == ALL_THREE["campaign_types"]
    assert all(each["active"] for each in (welcome, birthday, win_back))
    assert [step["delay_days"] for step in welcome["steps"]] == [0, 3, 7]
    assert welcome["config"] | ALL_THREE["welcome_series_config"] == welcome["config"]
    assert birthday["config"] | ALL_THREE["birthday_config"] == birthday["config"]
    assert win_back["config"] | ALL_THREE["win_back_config"] == win_back["config"]
    assert set(Automation.objects.values_list("shop", flat=True)) == {shop.pk}


def test_campaigns_of_the_automations_are_active_with_their_trigger(api):
    api.post(PATH, ALL_THREE)

    found = CampaignDefinition.objects.order_by("pk")
    assert list(found.values_list("category", "trigger", "status", "campaign_type")) == [
        ("welcome", "lifecycle", "active", "multi"),
        ("welcome", "lifecycle", "active", "email"),
        ("welcome", "lifecycle", "active", "email"),
        ("birthday", "lifecycle", "active", "multi"),
        ("win_back", "behavioral", "active", "multi"),
    ]
    birthday, win_back = found[3], found[4]
    assert (birthday.offer.value, birthday.offer.valid_days) == (25, 30)
    assert win_back.offer.value == 20
    assert win_back.target_criteria == {"last_visit_days": {"min": 60}}


def test_campaigns_of_the_automations_say_it_in_spanish_too(api):
    api.post(PATH, ALL_THREE)

    said = {
        definition.name: [each["name"] for each in definition.variants.get().variations]
        for definition in CampaignDefinition.objects.all()
    }

    assert said == {
        "Welcome series 1: Welcome": ["Spanish"],
        "Welcome series 2: Your first booking": [],
        "Welcome series 3: Keep it fresh": [],
        "Birthday wishes": ["Spanish"],
        "Win-back": ["Spanish"],
    }


def test_repeating_the_set_up_changes_nothing(api):
    def everything():
        return [
            list(model.objects.order_by("pk").values_list("pk", flat=True))
            for model in (Automation, AutomationStep, CampaignDefinition, CampaignVariant, Offer)
        ] + [list(Automation.objects.order_by("pk").values_list("active_from", flat=True))]

    first = api.post(PATH, ALL_THREE).json()
    before = everything()

    assert api.post(PATH, ALL_THREE).json() == first
    assert everything() == before


def test_set_up_of_another_shop_is_its_own(api):
    api.post(PATH, ALL_THREE)

    token_client(ShopFactory()).post(PATH, ALL_THREE | {"active": False})

    assert Automation.objects.count() == 6
    assert Automation.objects.filter(active_from=None).count() == 3


def test_changed_set_up_updates_and_keeps_the_owners_words(api):
    api.post(PATH, ALL_THREE)
    own = {"email": {"subject": "Own words", "message": "Own words", "personalization": True}}
    CampaignVariant.objects.filter(definition__category="win_back").update(channels=own)

    body = api.post(
        PATH,
        ALL_THREE | {"win_back_config": {"trigger_days": 90, "discount_percentage": 30}},
    ).json()

    definition = CampaignDefinition.objects.get(category="win_back")
    assert body["automations"][2]["config"]["trigger_days"] == 90
    assert definition.offer.value == 30
    assert definition.target_criteria == {"last_visit_days": {"min": 90}}
    assert definition.variants.get().channels == own


def test_shorter_series_retires_a_step_and_a_longer_one_brings_it_back(api):
    api.post(PATH, ALL_THREE)
    ids = list(
        AutomationStep.objects.filter(automation__kind="welcome").values_list("pk", flat=True)
    )
    shorter = {
        "campaign_types": ["welcome"],
        "welcome_series_config": {"emails": 2, "schedule": [0, 5]},
    }

    (welcome,) = api.post(PATH, shorter).json()["automations"]
    assert [step["delay_days"] for step in welcome["steps"]] == [0, 5]
    assert AutomationStep.objects.exclude(retired_at=None).get().pk == ids[2]
    api.post(PATH, ALL_THREE)

    steps = AutomationStep.objects.filter(automation__kind="welcome", retired_at=None)
    assert list(steps.values_list("pk", flat=True)) == ids


def test_switched_off_and_on_again_starts_from_then():
    shop = ShopFactory()
    rules = [automations.Rule(kind="birthday")]
    first = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
    second = first + dt.timedelta(days=9)

    (on,) = automations.setup(shop=shop, rules=rules, now=first)
    assert on.active_from == first
    (off,) = automations.setup(shop=shop, rules=rules, active=False, now=second)
    assert off.active_from is None
    (again,) = automations.setup(shop=shop, rules=rules, now=second)
    assert again.active_from == second


def test_only_some_types_without_configuration_take_defaults(api):
    (found,) = api.post(PATH, {"campaign_types": ["win_back"]}).json()["automations"]

    assert found["config"] == {
        "discount_percentage": 20,
        "valid_days": 30,
        "holdout_percent": 10,
        "trigger_days": 60,
    }


def welcome(**config):
    return {"campaign_types": ["welcome"], "welcome_series_config": config}


@pytest.mark.parametrize(
    ("body", "path", "says"),
    [
        ({}, "campaign_types", "required"),
        ({"campaign_types": []}, "campaign_types", "empty"),
        ({"campaign_types": "welcome"}, "campaign_types", "list"),
        ({"campaign_types": ["winback"]}, "campaign_types.0", "win_back"),
        ({"campaign_types": [None]}, "campaign_types.0", "null"),
        (
            {"campaign_types": ["welcome"], "birthday_cnfig": {}},
            "birthday_cnfig",
            "birthday_config",
        ),
        (welcome(emails=2, schedule=[0, 3, 7]), "welcome_series_config.schedule", "3 days"),
        (welcome(emails=4, schedule=[0, 3, 7, 9]), "welcome_series_config.emails", "at most 3"),
        (welcome(emails=3, schedule=[0, 7, 3]), "welcome_series_config.schedule", "after"),
        (welcome(schedule=[]), "welcome_series_config.schedule", "at least 1"),
        (welcome(schedule=[-1]), "welcome_series_config.schedule.0", "greater"),
        (welcome(emails=[3]), "welcome_series_config.emails", "integer"),
        (welcome(email=3), "welcome_series_config.email", "emails"),
    ],
)
def test_wrong_configuration_is_refused_at_its_path_and_nothing_is_set_up(api, body, path, says):
    fields = refused(api.post(PATH, body))

    assert says in fields[path][0]
    assert Automation.objects.count() == 0


@pytest.mark.parametrize("scopes", [["read"], ["read", "write"]])
def test_setting_up_needs_the_right_to_send(shop, scopes):
    assert token_client(shop, scopes).post(PATH, ALL_THREE).status_code == 403
