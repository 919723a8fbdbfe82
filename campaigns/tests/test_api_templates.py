"""Templates through the API: the list to start from, and the shop's own with their versions."""

import pytest

from barbershop.tests.api import token_client
from barbershop.tests.factories import ServiceFactory, ShopFactory
from barbershop.tests.query_counts import assert_same_queries
from campaigns import template_versions
from campaigns.library import BLUEPRINTS
from campaigns.models import CampaignDefinition, CampaignTemplate
from campaigns.template_versions import Said
from customers.models import CustomerSegment
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db
PATH = "/api/templates/"
EMAIL = {"subject": "Hi {{ customer_first_name }}", "blocks": [{"type": "text", "text": "Hello"}]}
SPANISH = {
    "name": "Spanish",
    "criteria": {"language": "es"},
    "channels": {"email": {**EMAIL, "subject": "Hola"}, "sms": {"message": "Hola"}},
}
SPRING = {
    "name": "Spring",
    "category": "seasonal",
    "channels": {"email": EMAIL, "sms": {"message": "Spring!"}},
    "variations": [SPANISH],
    "target_criteria": {"visit_count": {"min": 1}},
    "primary_goal": "more",
    "offer": {"discount_percentage": 15, "valid_days": 20},
}


@pytest.fixture
def theirs():
    return make(ShopFactory(), name="Theirs")


def make(shop, *, name="Mine", words="Hi"):
    said = Said(channels={"sms": {"message": words}})
    return template_versions.create(shop=shop, name=name, said=said)


def refused(answer) -> tuple:
    error = answer.json()["error"]
    return answer.status_code, error["code"], error["fields"]


def test_everything_to_start_from_is_listed_with_its_source(api, shop, theirs):
    mine, away = make(shop, name="Mine"), make(shop, name="Away")
    template_versions.archive(away)
    CampaignTemplate.objects.create(shop=shop, key="silent", name="Says nothing yet")

    body = api.get("/api/campaigns/templates").json()

    assert (body["count"], body["next"], body["previous"]) == (11, None, None)
    found = [(each["source"], each["key"], each["id"]) for each in body["results"]]
    assert found == [*(("library", key, None) for key in BLUEPRINTS), ("shop", "mine", mine.pk)]
    welcome, own = body["results"][0], body["results"][-1]
    assert [step["delay_days"] for step in welcome["steps"]] == [0, 3, 7]
    assert [v["name"] for v in welcome["steps"][0]["variations"]] == ["Spanish"]
    assert welcome["offer"] == {"discount_percentage": 15, "valid_days": 30}
    assert (own["offer"], own["steps"][0]["channels"]["sms"]["message"]) == (None, "Hi")


def test_list_says_which_links_the_shop_has_to_enter_first(api, shop):
    shop.booking_url, shop.review_url = "https://book.example.test/", ""
    shop.save()

    found = {each["key"]: each for each in api.get("/api/campaigns/templates").json()["results"]}

    assert (found["vip"]["needs"], found["vip"]["missing"]) == (["booking_url"], [])
    assert found["review"]["needs"] == ["review_url"]
    assert found["review"]["missing"] == [
        "Enter your review link first: its button leads nowhere yet."
    ]


@pytest.mark.parametrize("key", BLUEPRINTS)
def test_every_ready_template_makes_a_campaign(api, key):
    answer = api.post("/api/campaigns/create", {"template": key})

    assert (answer.status_code, answer.json()["campaign_category"]) == (201, key)
    names = [each["name"] for each in BLUEPRINTS[key].steps[0].variations]
    assert [each["name"] for each in answer.json()["variations"]] == names


@pytest.mark.parametrize(
    ("worth", "said"),
    [
        ({"discount_percentage": 20}, "20% off"),
        ({"discount_amount": 500}, "$5 off"),
        ({"free_service": "Beard trim"}, "Free Beard trim"),
    ],
)
def test_ready_template_reads_well_with_an_offer_of_ones_own(api, shop, worth, said):
    CustomerFactory(shop=shop)
    service = ServiceFactory(shop=shop, name="Beard trim", price=1500)
    if "free_service" in worth:
        worth = {"free_service": service.pk}
    draft = {"template": "vip", "offer": worth | {"valid_days": 5}}

    made = api.post("/api/campaigns/create", draft).json()
    shown = api.get(f"/api/campaigns/{made['id']}/preview").json()

    email, text = shown["channels"]
    assert email["preheader"] == f"{said}, for our regulars alone."
    assert text["text"].startswith(f"{shop.name}: {said} until ")


def test_own_template_makes_a_campaign_with_its_variations_or_only_some_channels(api, shop):
    api.post(PATH, SPRING)

    whole = api.post("/api/campaigns/create", {"template": "spring"}).json()
    text = {"template": "spring", "campaign_type": "sms", "campaign_name": "Text"}
    part = api.post("/api/campaigns/create", text).json()

    assert (whole["campaign_name"], whole["campaign_category"]) == ("Spring", "seasonal")
    assert (whole["campaign_type"], whole["target_criteria"]) == (
        "multi",
        {"visit_count": {"min": 1}},
    )
    assert whole["offer"] == {"discount_percentage": 15, "valid_days": 20}
    assert sorted(whole["variations"][0]["channels"]) == ["email", "sms"]
    assert (list(part["channels"]), list(part["variations"][0]["channels"])) == (["sms"], ["sms"])


def test_anothers_own_template_and_one_put_away_start_nothing(api, shop, theirs):
    template_versions.archive(make(shop, name="Away"))
    make(shop, name="Spring")

    for key in (theirs.key, "away"):
        status, _, fields = refused(api.post("/api/campaigns/create", {"template": key}))
        assert (status, fields["template"][0].partition(".")[0]) == (
            400,
            f"'{key}' is not a valid choice",
        )
    _, _, fields = refused(api.post("/api/campaigns/create", {"template": "sprng"}))
    assert fields["template"][0].startswith("'sprng' is not a valid choice. Did you mean spring?")
    assert CampaignDefinition.objects.count() == 0


def test_template_is_written_changed_and_brought_back(api, shop, theirs):
    made = api.post(PATH, SPRING)
    assert made.status_code == 201
    path = f"{PATH}{made.json()['id']}/"
    assert (made.json()["key"], made.json()["current"]["number"]) == ("spring", 1)
    assert made.json()["current"]["offer"] == SPRING["offer"]

    changed = api.post(f"{path}versions/", {"channels": {"sms": {"message": "Two"}}, "note": "B"})
    assert (changed.json()["current"]["number"], changed.json()["current"]["note"]) == (2, "B")
    assert changed.json()["current"]["campaign_type"] == "sms"

    back = api.post(f"{path}restore/", {"number": 1}).json()["current"]
    assert (back["number"], back["restored_from"], back["campaign_type"]) == (3, 1, "multi")
    assert refused(api.post(f"{path}restore/", {"number": 3}))[:2] == (409, "already_newest")
    assert refused(api.post(f"{path}restore/", {"number": 7}))[:2] == (409, "no_such_version")
    versions = api.get(f"{path}versions/").json()
    assert [(v["number"], v["restored_from"]) for v in versions] == [(3, 1), (2, None), (1, None)]


def test_version_made_from_an_older_one_is_a_conflict_where_it_is_said(api, shop):
    path = f"{PATH}{make(shop).pk}/versions/"

    def write(words, **more):
        return api.post(path, {"channels": {"sms": {"message": words}}} | more)

    assert write("Two", version=1).json()["current"]["number"] == 2
    late = write("Three", version=1)
    assert refused(late) == (409, "version_changed", {})
    assert late.json()["error"]["message"] == "Version 2 is the newest: read it before you write."
    assert refused(write("Three", version=7))[:2] == (409, "version_changed")
    assert write("Two", version=1).json()["current"]["number"] == 2  # sent twice
    for wrong in (0, "1", 2**31, None, True):
        assert refused(write("Three", version=wrong))[0] == 400
    assert write("Three", version=2).json()["current"]["number"] == 3
    assert write("Four").json()["current"]["number"] == 4  # who does not ask is not stopped


def test_template_is_put_away_taken_out_and_found_by_filters(api, shop, theirs):
    mine = make(shop, name="Mine")
    path = f"{PATH}{mine.pk}/"

    def names(query=""):
        return [each["name"] for each in api.get(f"{PATH}{query}").json()["results"]]

    assert api.delete(path).status_code == 204
    assert (names(), names("?archived=true"), names("?archived=false")) == (["Mine"], ["Mine"], [])
    assert api.get(path).json()["archived_at"] is not None
    assert api.post(f"{path}unarchive/").json()["archived_at"] is None
    assert (names("?search=min"), names("?key=other")) == (["Mine"], [])


def test_template_starts_a_campaign_unless_it_says_nothing(api, shop):
    mine = make(shop, name="Mine")
    silent = CampaignTemplate.objects.create(shop=shop, key="silent", name="Silent")

    made = api.post(f"{PATH}{mine.pk}/campaign/", {"campaign_name": "Today"})
    wrong = api.post(f"{PATH}{silent.pk}/campaign/", {})

    assert (made.status_code, made.json()["campaign_name"]) == (201, "Today")
    assert (made.json()["status"], made.json()["channels"]["sms"]["message"]) == ("draft", "Hi")
    assert refused(wrong)[:2] == (409, "no_version")


@pytest.mark.parametrize("place", ["target_criteria", "variations"])
def test_template_that_names_a_gone_segment_starts_nothing_at_either_door(api, shop, place):
    segment = CustomerSegment.objects.create(shop=shop, name="Gone", criteria={})
    rule = {"in_segment": segment.pk}
    said = {"sms": {"message": "Hi"}}
    words = {"name": "Other", "criteria": rule, "channels": said}
    template = template_versions.create(
        shop=shop,
        name="Mine",
        said=Said(channels=said, **{place: rule if place == "target_criteria" else [words]}),
    )
    segment.delete()

    here = api.post(f"{PATH}{template.pk}/campaign/", {})
    there = api.post("/api/campaigns/create", {"template": template.key})

    at = "target_criteria.in_segment" if place == "target_criteria" else "variations.0.criteria"
    status, code, fields = refused(here)
    assert (status, code, refused(there)) == (400, "invalid", (status, code, fields))
    assert {path: said for path, said in fields.items() if path.startswith(at)} == fields != {}
    assert CampaignDefinition.objects.count() == 0


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"channels": {"email": {"subject": "Hi", "blocks": [{"type": "txt"}]}}}, "channels"),
        ({"channels": {"sms": {"message": "{{ nobody }}"}}}, "channels.sms.message"),
        ({"channels": {}}, "channels.email"),
        ({"channels": []}, "channels"),
        ({"variations": [{"name": "A"}]}, "variations.0.criteria"),
        ({"target_criteria": {"visits": 1}}, "target_criteria.visits"),
        ({"offer": {"discount_percentage": 101}}, "offer.discount_percentage"),
        ({"category": "spring"}, "category"),
        ({"key": "not a key"}, "key"),
        ({"nam": "x"}, "nam"),
    ],
)
def test_what_is_wrong_is_refused_at_its_path(api, change, path):
    status, _, fields = refused(api.post(PATH, SPRING | change))

    assert status == 400
    assert [found for found in fields if found.startswith(path)] != []
    assert CampaignTemplate.objects.count() == 0


def test_key_that_is_taken_is_a_conflict(api, shop):
    make(shop, name="Spring")

    for key in ("spring", "vip"):
        answer = api.post(PATH, SPRING | {"key": key})
        assert refused(answer)[:2] == (409, "key_taken")


def test_lists_ask_as_often_for_three_templates_as_for_one(api, shop):
    names = iter(["One", "Two", "Three", "Four", "Five", "Six"])

    def made():
        return make(shop, name=next(names))

    assert_same_queries(api, PATH, make=made)
    assert_same_queries(api, "/api/campaigns/templates", make=made)


def test_who_may_only_read_changes_nothing(shop):
    mine = make(shop)
    reader = token_client(shop, scopes=("read",))

    assert reader.get(f"{PATH}{mine.pk}/").status_code == 200
    assert reader.post(PATH, SPRING).status_code == 403
    assert reader.post(f"{PATH}{mine.pk}/restore/", {"number": 1}).status_code == 403
    assert reader.delete(f"{PATH}{mine.pk}/").status_code == 403
