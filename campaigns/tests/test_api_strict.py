"""What another system sends by mistake is refused by name, not turned into something else."""

import pytest

from campaigns.models import Automation, CampaignDefinition
from campaigns.tests.factories import DefinitionFactory, ExecutionFactory
from customers.tests.factories import SegmentFactory

pytestmark = pytest.mark.django_db

BODY = {
    "campaign_name": "Autumn",
    "campaign_type": "email",
    "channels": {"email": {"subject": "Hi", "message": "Come in"}},
}


def fields_of(response):
    assert response.status_code == 400, response.content
    return response.json()["error"]["fields"]


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"campaign_name": 5}, "campaign_name"),
        ({"campaign_name": True}, "campaign_name"),
        ({"primary_goal": 7}, "primary_goal"),
        ({"holdout_percent": "10"}, "holdout_percent"),
        ({"holdout_percent": True}, "holdout_percent"),
        ({"offer": {"discount_percentage": "20"}}, "offer.discount_percentage"),
        ({"offer": {"discount_percentage": 20, "valid_days": "3"}}, "offer.valid_days"),
        ({"campaign_type": ["email"]}, "campaign_type"),
        ({"channel_policy": 1}, "channel_policy"),
    ],
)
def test_wrong_type_is_refused_at_its_path(api, change, path):
    answer = api.post("/api/campaigns/create", BODY | change)

    assert list(fields_of(answer)) == [path]
    assert CampaignDefinition.objects.count() == 0


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"active": "yes"}, "active"),
        ({"active": 1}, "active"),
        ({"birthday_config": {"valid_days": "30"}}, "birthday_config.valid_days"),
    ],
)
def test_wrong_type_in_an_automation_is_refused_at_its_path(api, body, path):
    asked = {"campaign_types": ["birthday"]} | body

    assert list(fields_of(api.post("/api/campaigns/automated/setup", asked))) == [path]
    assert Automation.objects.count() == 0


def test_undo_seconds_as_a_text_are_refused(api, shop):
    path = f"/api/campaigns/{DefinitionFactory(shop=shop).pk}/execute"

    assert list(fields_of(api.post(path, {"undo_seconds": "5"}))) == ["undo_seconds"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"campaign_type": "emial"},
            "'emial' is not a valid choice. Did you mean email? Known are: email, sms, multi.",
        ),
        (
            {"channel_policy": "every"},
            "'every' is not a valid choice. Known are: all, first_available.",
        ),
        (
            {"template": "wellcome"},
            "'wellcome' is not a valid choice. Did you mean welcome? "
            "Known are: welcome, birthday, win_back, vip, referral, milestone, rebook, review, "
            "fill_a_chair, seasonal.",
        ),
    ],
)
def test_unknown_choice_names_the_nearest_and_all_that_are_known(api, change, said):
    (field,) = change

    assert fields_of(api.post("/api/campaigns/create", BODY | change)) == {field: [said]}


def test_unknown_category_names_the_nearest(api):
    body = BODY | {"campaign_category": "win-back"}

    (said,) = fields_of(api.post("/api/campaigns/create", body))["campaign_category"]

    assert "Did you mean win_back? Known are: promotional," in said


@pytest.mark.parametrize("wrong", [None, "1", 1.5, True, {}])
def test_segment_that_is_no_id_is_told_apart_from_one_that_is_not_there(api, shop, wrong):
    mine, theirs = SegmentFactory(shop=shop), SegmentFactory()
    body = BODY | {"segments": [mine.pk, wrong, theirs.pk]}

    assert fields_of(api.post("/api/campaigns/create", body)) == {
        "segments.1": ["A segment is given by its id, a whole number."],
        "segments.2": [f"There is no segment {theirs.pk} in this shop."],
    }


def test_copy_takes_its_name_and_refuses_everything_else(api, shop):
    path = f"/api/campaigns/{DefinitionFactory(shop=shop).pk}/clone"

    named = api.post(path, {"campaign_name": "Winter"})
    wrong = api.post(path, {"campaign_name": "Spring", "holdout_percent": 10})

    assert (named.status_code, named.json()["campaign_name"]) == (201, "Winter")
    assert list(fields_of(wrong)) == ["holdout_percent"]
    assert CampaignDefinition.objects.count() == 2


def test_execution_names_its_dispatch_so_that_its_messages_can_be_listed(api, shop):
    run = ExecutionFactory(definition__shop=shop)

    found = api.get(f"/api/executions/{run.pk}").json()
    shown = api.get(f"/api/campaigns/{run.definition_id}").json()["execution"]

    assert (found["dispatch"], shown["dispatch"]) == (run.dispatch_id, run.dispatch_id)
    assert api.get(f"/api/communications/?dispatch={found['dispatch']}").status_code == 200
