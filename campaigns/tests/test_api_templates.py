"""Templates through the API: the list to start from, and the shop's own with their versions."""

import pytest

from barbershop.tests.api import token_client
from barbershop.tests.factories import ServiceFactory, ShopFactory
from barbershop.tests.query_counts import assert_same_queries
from campaigns import template_versions
from campaigns.library import BLUEPRINTS
from campaigns.models import CampaignDefinition, CampaignTemplate
from campaigns.template_versions import Said
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
def shop():
    return ShopFactory()


@pytest.fixture
def client(shop):
    return token_client(shop)


@pytest.fixture
def theirs():
    return make(ShopFactory(), name="Theirs")


def make(shop, *, name="Mine", words="Hi"):
    said = Said(channels={"sms": {"message": words}})
    return template_versions.create(shop=shop, name=name, said=said)


def refused(answer) -> tuple:
    error = answer.json()["error"]
    return answer.status_code, error["code"], error["fields"]


def test_everything_to_start_from_is_listed_with_its_source(client, shop, theirs):
    mine, away = make(shop, name="Mine"), make(shop, name="Away")
    template_versions.archive(away)
    CampaignTemplate.objects.create(shop=shop, key="silent", name="Says nothing yet")

    body = client.get("/api/campaigns/templates").json()

    assert (body["count"], body["next"], body["previous"]) == (11, None, None)
    found = [(each["source"], each["key"], each["id"]) for each in body["results"]]
    assert found == [*(("library", key, None) for key in BLUEPRINTS), ("shop", "mine", mine.pk)]
    welcome, own = body["results"][0], body["results"][-1]
    assert [step["delay_days"] for step in welcome["steps"]] == [0, 3, 7]
    assert [v["name"] for v in welcome["steps"][0]["variations"]] == ["Spanish"]
    assert welcome["offer"] == {"discount_percentage": 15, "valid_days": 30}
    assert (own["offer"], own["steps"][0]["channels"]["sms"]["message"]) == (None, "Hi")


def test_list_says_which_links_the_shop_has_to_enter_first(client, shop):
    shop.booking_url, shop.review_url = "https://book.example.test/", ""
    shop.save()

    found = {each["key"]: each for each in client.get("/api/campaigns/templates").json()["results"]}

    assert (found["vip"]["needs"], found["vip"]["missing"]) == (["booking_url"], [])
    assert found["review"]["needs"] == ["review_url"]
    assert found["review"]["missing"] == [
        "Enter your review link first: its button leads nowhere yet."
    ]


@pytest.mark.parametrize("key", BLUEPRINTS)
def test_every_ready_template_makes_a_campaign(client, key):
    answer = client.post("/api/campaigns/create", {"template": key})

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
def test_ready_template_reads_well_with_an_offer_of_ones_own(client, shop, worth, said):
    CustomerFactory(shop=shop)
    service = ServiceFactory(shop=shop, name="Beard trim", price=1500)
    if "free_service" in worth:
        worth = {"free_service": service.pk}
    draft = {"template": "vip", "offer": worth | {"valid_days": 5}}

    made = client.post("/api/campaigns/create", draft).json()
    shown = client.get(f"/api/campaigns/{made['id']}/preview").json()

    email, text = shown["channels"]
    assert email["preheader"] == f"{said}, for our regulars alone."
    assert text["text"].startswith(f"{shop.name}: {said} until ")


def test_own_template_makes_a_campaign_with_its_variations_or_only_some_channels(client, shop):
    client.post(PATH, SPRING)

    whole = client.post("/api/campaigns/create", {"template": "spring"}).json()
    text = {"template": "spring", "campaign_type": "sms", "campaign_name": "Text"}
    part = client.post("/api/campaigns/create", text).json()

    assert (whole["campaign_name"], whole["campaign_category"]) == ("Spring", "seasonal")
    assert (whole["campaign_type"], whole["target_criteria"]) == (
        "multi",
        {"visit_count": {"min": 1}},
    )
    assert whole["offer"] == {"discount_percentage": 15, "valid_days": 20}
    assert sorted(whole["variations"][0]["channels"]) == ["email", "sms"]
    assert (list(part["channels"]), list(part["variations"][0]["channels"])) == (["sms"], ["sms"])


def test_anothers_own_template_and_one_put_away_start_nothing(client, shop, theirs):
    template_versions.archive(make(shop, name="Away"))
    make(shop, name="Spring")

    for key in (theirs.key, "away"):
        status, _, fields = refused(client.post("/api/campaigns/create", {"template": key}))
        assert (status, fields["template"][0].partition(".")[0]) == (
            400,
            f"'{key}' is not a valid choice",
        )
    _, _, fields = refused(client.post("/api/campaigns/create", {"template": "sprng"}))
    assert fields["template"][0].startswith("'sprng' is not a valid choice. Did you mean spring?")
    assert CampaignDefinition.objects.count() == 0


def test_template_is_written_changed_and_brought_back(client, shop, theirs):
    made = client.post(PATH, SPRING)
    assert made.status_code == 201
    path = f"{PATH}{made.json()['id']}/"
    assert (made.json()["key"], made.json()["current"]["number"]) == ("spring", 1)
    assert made.json()["current"]["offer"] == SPRING["offer"]

    changed = client.post(
        f"{path}versions/", {"channels": {"sms": {"message": "Two"}}, "note": "B"}
    )
    assert (changed.json()["current"]["number"], changed.json()["current"]["note"]) == (2, "B")
    assert changed.json()["current"]["campaign_type"] == "sms"

    back = client.post(f"{path}restore/", {"number": 1}).json()["current"]
    assert (back["number"], back["restored_from"], back["campaign_type"]) == (3, 1, "multi")
    assert refused(client.post(f"{path}restore/", {"number": 3}))[:2] == (409, "already_newest")
    assert refused(client.post(f"{path}restore/", {"number": 7}))[:2] == (409, "no_such_version")
    versions = client.get(f"{path}versions/").json()
    assert [(v["number"], v["restored_from"]) for v in versions] == [(3, 1), (2, None), (1, None)]


def test_template_is_put_away_taken_out_and_found_by_filters(client, shop, theirs):
    mine = make(shop, name="Mine")
    path = f"{PATH}{mine.pk}/"

    def names(query=""):
        return [each["name"] for each in client.get(f"{PATH}{query}").json()["results"]]

    assert client.delete(path).status_code == 204
    assert (names(), names("?archived=true"), names("?archived=false")) == (["Mine"], ["Mine"], [])
    assert client.get(path).json()["archived_at"] is not None
    assert client.post(f"{path}unarchive/").json()["archived_at"] is None
    assert (names("?search=min"), names("?key=other")) == (["Mine"], [])


def test_template_starts_a_campaign_unless_it_says_nothing(client, shop):
    mine = make(shop, name="Mine")
    silent = CampaignTemplate.objects.create(shop=shop, key="silent", name="Silent")

    made = client.post(f"{PATH}{mine.pk}/campaign/", {"campaign_name": "Today"})
    wrong = client.post(f"{PATH}{silent.pk}/campaign/", {})

    assert (made.status_code, made.json()["campaign_name"]) == (201, "Today")
    assert (made.json()["status"], made.json()["channels"]["sms"]["message"]) == ("draft", "Hi")
    assert refused(wrong)[:2] == (409, "no_version")


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
def test_what_is_wrong_is_refused_at_its_path(client, change, path):
    status, _, fields = refused(client.post(PATH, SPRING | change))

    assert status == 400
    assert [found for found in fields if found.startswith(path)] != []
    assert CampaignTemplate.objects.count() == 0


def test_key_that_is_taken_is_a_conflict(client, shop):
    make(shop, name="Spring")

    for key in ("spring", "vip"):
        answer = client.post(PATH, SPRING | {"key": key})
        assert refused(answer)[:2] == (409, "key_taken")


def test_lists_ask_as_often_for_three_templates_as_for_one(client, shop):
    names = iter(["One", "Two", "Three", "Four", "Five", "Six"])

    def made():
        return make(shop, name=next(names))

    assert_same_queries(client, PATH, make=made)
    assert_same_queries(client, "/api/campaigns/templates", make=made)


def test_who_may_only_read_changes_nothing(shop):
    mine = make(shop)
    reader = token_client(shop, scopes=("read",))

    assert reader.get(f"{PATH}{mine.pk}/").status_code == 200
    assert reader.post(PATH, SPRING).status_code == 403
    assert reader.post(f"{PATH}{mine.pk}/restore/", {"number": 1}).status_code == 403
    assert reader.delete(f"{PATH}{mine.pk}/").status_code == 403
