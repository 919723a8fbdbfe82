"""Writing campaigns through the API."""

import datetime as dt

import pytest
from django.utils import timezone

from barbershop.models import AuditEntry
from barbershop.tests.api import person_client, token_client
from campaigns.models import CampaignDefinition
from campaigns.tests.factories import DefinitionFactory, ExecutionFactory
from customers.tests.factories import SegmentFactory

pytestmark = pytest.mark.django_db

SUMMER = {
    "campaign_name": "Summer Special 2024",
    "campaign_type": "email",
    "campaign_category": "promotional",
    "channels": {
        "email": {
            "subject": "Beat the heat with 20% off!",
            "message": "Hi {{customer_first_name}}, stay cool this summer...",
            "personalization": True,
        }
    },
    "target_criteria": {"last_visit_days": {"min": 30, "max": 90}, "spending_tier": "medium"},
    "primary_goal": "increase_bookings",
}


def refused(response, status=400):
    assert response.status_code == status, response.content
    return response.json()["error"]


@pytest.mark.parametrize("path", ["/api/campaigns/create", "/api/campaigns/", "/api/campaigns"])
def test_first_body_of_the_request_works_verbatim_on_every_path(api, shop, path):
    response = api.post(path, SUMMER)

    assert response.status_code == 201
    body = response.json()
    assert body | SUMMER == body
    assert (body["status"], body["channel_policy"], body["execution"]) == ("draft", "all", None)
    assert (body["segments"], body["excluded_segments"], body["offer"]) == ([], [], None)
    definition = CampaignDefinition.objects.get()
    assert definition.shop == shop
    assert api.get(f"/api/campaigns/{definition.pk}").json() == body
    assert AuditEntry.objects.get().action == "campaign.create"


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"channels": {}}, "channels.email"),
        ({"channels": None}, "channels"),
        ({"channels": "Hello"}, "channels"),
        ({"campaign_type": "fax"}, "campaign_type"),
        ({"campaign_type": "multi"}, "channels.sms"),
        ({"campaign_category": "spam"}, "campaign_category"),
        ({"campaign_name": ""}, "campaign_name"),
        ({"campaign_name": "x" * 161}, "campaign_name"),
        ({"campaign_nam": "x"}, "campaign_nam"),
        ({"channel_policy": "some"}, "channel_policy"),
        ({"target_criteria": []}, "target_criteria"),
        ({"target_criteria": {"last_visit_day": {"min": 3}}}, "target_criteria.last_visit_day"),
        ({"target_criteria": {"spending_tier": "huge"}}, "target_criteria.spending_tier"),
        ({"segments": 3}, "segments"),
        ({"segments": ["x"]}, "segments.0"),
        ({"segments": [10**30]}, "segments.0"),
        ({"holdout_percent": 51}, "holdout_percent"),
        ({"offer": {"discount_percentage": 101}}, "offer.discount_percentage"),
        ({"offer": {"discount": 20}}, "offer.discount"),
        ({"status": "active"}, "status"),
        ({"status": "scheduled"}, "scheduled_for"),
        ({"scheduled_for": "2001-01-01T00:00:00Z"}, "scheduled_for"),
        ({"template": "wellcome"}, "template"),
        ({"template": []}, "template"),
    ],
)
def test_wrong_field_is_refused_at_its_path_and_nothing_is_written(api, change, path):
    error = refused(api.post("/api/campaigns/create", SUMMER | change))

    assert path in error["fields"]
    assert CampaignDefinition.objects.count() == 0
    assert AuditEntry.objects.count() == 0


def test_unknown_merge_field_names_the_nearest_known_one(api):
    said = {"email": {"subject": "Hi", "message": "Hi {{customer_frist_name}}"}}

    error = refused(api.post("/api/campaigns/create", SUMMER | {"channels": said}))

    (message,) = error["fields"]["channels.email.message"]
    assert "{{ customer_first_name }}" in message


def test_unknown_criterion_names_the_nearest_known_one(api):
    body = SUMMER | {"target_criteria": {"last_visit_dayz": {"min": 30}}}

    error = refused(api.post("/api/campaigns/create", body))

    assert "last_visit_days" in error["fields"]["target_criteria.last_visit_dayz"][0]


def test_segment_of_another_shop_does_not_exist(api, shop):
    mine, theirs = SegmentFactory(shop=shop), SegmentFactory()

    error = refused(api.post("/api/campaigns/create", SUMMER | {"segments": [mine.pk, theirs.pk]}))

    assert list(error["fields"]) == ["segments.1"]


def test_segments_are_stored_and_shown_on_their_side(api, shop):
    one, two, three = SegmentFactory.create_batch(3, shop=shop)
    body = SUMMER | {"segments": [two.pk, one.pk, two.pk], "excluded_segments": [three.pk]}

    shown = api.post("/api/campaigns/create", body).json()
    changed = api.patch(f"/api/campaigns/{shown['id']}", {"segments": []}).json()

    assert (shown["segments"], shown["excluded_segments"]) == ([one.pk, two.pk], [three.pk])
    assert (changed["segments"], changed["excluded_segments"]) == ([], [three.pk])
    error = refused(api.patch(f"/api/campaigns/{shown['id']}", {"segments": [three.pk]}))
    assert error["fields"] == {"segments": [f"Segment {three.pk} is both included and excluded."]}


def test_template_fills_in_what_the_body_leaves_out(api):
    body = {"template": "birthday", "campaign_name": "Own name", "campaign_type": "email"}

    shown = api.post("/api/campaigns/create", body).json()

    assert (shown["campaign_name"], shown["campaign_category"]) == ("Own name", "birthday")
    assert list(shown["channels"]) == ["email"]
    assert shown["offer"] == {"discount_percentage": 25, "valid_days": 30}


def test_draft_is_changed_field_by_field(api, shop):
    definition = DefinitionFactory(shop=shop)

    shown = api.patch(f"/api/campaigns/{definition.pk}", {"campaign_name": "Autumn"}).json()

    assert shown["campaign_name"] == "Autumn"
    assert shown["channels"]["email"]["subject"] == "Beat the heat with 20% off!"


def test_changed_type_must_fit_the_content_that_is_there(api, shop):
    definition = DefinitionFactory(shop=shop)

    error = refused(api.patch(f"/api/campaigns/{definition.pk}", {"campaign_type": "sms"}))

    assert set(error["fields"]) == {"channels.email", "channels.sms"}


def test_started_campaign_is_neither_changed_nor_deleted(api, shop):
    run = ExecutionFactory(definition=DefinitionFactory(shop=shop, status="active"))
    path = f"/api/campaigns/{run.definition_id}"

    assert refused(api.patch(path, {"campaign_name": "x"}), 409)["code"] == "not_editable"
    assert refused(api.delete(path), 409)["code"] == "already_executed"
    assert CampaignDefinition.objects.get().name != "x"


def test_draft_is_deleted_with_its_content(api, shop):
    definition = DefinitionFactory(shop=shop)
    DefinitionFactory()

    assert api.delete(f"/api/campaigns/{definition.pk}").status_code == 204
    assert api.get(f"/api/campaigns/{definition.pk}").status_code == 404
    assert CampaignDefinition.objects.count() == 1


def test_draft_is_scheduled_moved_and_taken_back(api, shop):
    path = f"/api/campaigns/{DefinitionFactory(shop=shop).pk}"
    at = (timezone.now() + dt.timedelta(days=1)).replace(microsecond=0)

    shown = api.post(f"{path}/schedule", {"scheduled_for": at.isoformat()}).json()
    assert (shown["status"], shown["trigger"]) == ("scheduled", "scheduled")
    assert refused(api.patch(path, {"campaign_name": "x"}), 409)["code"] == "not_editable"
    back = api.patch(path, {"status": "draft", "campaign_name": "x"}).json()

    assert (back["status"], back["trigger"], back["campaign_name"]) == ("draft", "manual", "x")
    assert "scheduled_for" in refused(api.post(f"{path}/schedule", {}))["fields"]


def test_campaign_may_be_scheduled_as_it_is_created(api):
    at = (timezone.now() + dt.timedelta(days=1)).isoformat()

    shown = api.post(
        "/api/campaigns/create", SUMMER | {"status": "scheduled", "scheduled_for": at}
    ).json()

    assert shown["status"] == "scheduled"


def test_scheduling_needs_the_right_to_send(shop):
    at = (timezone.now() + dt.timedelta(days=1)).isoformat()
    body = SUMMER | {"status": "scheduled", "scheduled_for": at}

    for client in (token_client(shop, ["read", "write"]), person_client(shop, "staff")):
        assert client.post("/api/campaigns/create", SUMMER).status_code == 201
        assert client.post("/api/campaigns/create", body).status_code == 403
    assert set(CampaignDefinition.objects.values_list("status", flat=True)) == {"draft"}


@pytest.mark.parametrize("path", ["/api/campaigns/", "/api/campaigns/list"])
def test_list_shows_the_newest_first_and_only_ones_own(api, shop, path):
    one, two = DefinitionFactory(shop=shop), DefinitionFactory(shop=shop)
    DefinitionFactory()

    body = api.get(path).json()

    assert [each["id"] for each in body["results"]] == [two.pk, one.pk]
    assert (body["count"], body["next"], body["previous"]) == (2, None, None)


@pytest.mark.parametrize(
    "query",
    [
        "status=archived",
        "campaign_type=sms",
        "campaign_category=vip",
        "search=spec",
        "created_before=2020-01-01T00:00:00Z",
    ],
)
def test_filter_leaves_what_fits(api, shop, query):
    special = DefinitionFactory(
        shop=shop, name="Special", status="archived", campaign_type="sms", category="vip"
    )
    CampaignDefinition.objects.filter(pk=special.pk).update(
        created_at=dt.datetime(2019, 5, 1, tzinfo=dt.UTC)
    )
    DefinitionFactory(shop=shop)

    body = api.get(f"/api/campaigns/?{query}").json()

    assert [each["id"] for each in body["results"]] == [special.pk]


def test_list_is_ordered_and_paged(api, shop):
    for name in ("b", "c", "a"):
        DefinitionFactory(shop=shop, name=name)

    body = api.get("/api/campaigns/?ordering=name&page_size=2").json()

    assert [each["campaign_name"] for each in body["results"]] == ["a", "b"]
    assert body["count"] == 3
    assert api.get(body["next"]).json()["results"][0]["campaign_name"] == "c"


@pytest.mark.parametrize("query", ["status=nope", "created_after=soon", "stat=draft", "page=0"])
def test_wrong_filter_is_refused(api, query):
    assert api.get(f"/api/campaigns/?{query}").status_code in {400, 404}


@pytest.mark.parametrize("verb", ["execute", "pause", "resume", "cancel", "clone", "schedule"])
def test_campaign_of_another_shop_is_not_there(api, verb):
    theirs = DefinitionFactory()

    assert api.post(f"/api/campaigns/{theirs.pk}/{verb}", {}).status_code == 404


@pytest.mark.parametrize("pk", ["0", "9" * 30, "9" * 5000])
def test_id_that_cannot_exist_is_not_there(api, pk):
    assert api.get(f"/api/campaigns/{pk}").status_code == 404
