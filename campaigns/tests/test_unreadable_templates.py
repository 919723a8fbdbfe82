"""Pictures without words, and a template that was stored under other rules: nothing breaks."""

import pytest

from barbershop.models import Membership
from barbershop.tests.factories import ShopFactory
from campaigns import content, template_versions
from campaigns.library import BLUEPRINTS
from campaigns.models import CampaignDefinition, CampaignTemplate, CampaignTemplateVersion
from campaigns.tests.spring_template import make

pytestmark = pytest.mark.django_db
Role = Membership.Role
ADDRESS = "https://shop.com/b.png"
PICTURE = {"type": "image", "url": ADDRESS, "alt": ""}
FORM = {"rule-join": "all", "name": "Spring", "subject": "Spring is here", "do": "save"}
TYPED = {"block-0-type": "image", "block-0-url": ADDRESS, "block-0-alt": "", "block-0-link": ""}
MAIL = {"email": {"subject": "Spring", "blocks": [PICTURE]}}


@pytest.fixture
def broken(shop) -> CampaignTemplate:
    """One of the shop's own whose words were fine once and are not now."""
    template = make(shop, name="Mine")
    version = template.versions.get()
    version.channels["email"]["blocks"] = [{"type": "image", "alt": "Us"}]
    CampaignTemplateVersion.objects.filter(pk=version.pk).update(channels=version.channels)
    return template


def test_a_picture_without_words_is_saved_and_seen_everywhere(sign_in, api, shop):
    client = sign_in(Role.STAFF)

    answer = client.post("/templates/new/", FORM | TYPED)

    template = CampaignTemplate.objects.for_shop(shop).get()
    assert answer.url == f"/templates/{template.pk}/"
    assert template.versions.get().channels["email"]["blocks"] == [PICTURE]
    for path in ("/templates/", answer.url, f"{answer.url}edit/"):
        assert client.get(path).status_code == 200
    assert api.get("/api/campaigns/templates").status_code == 200


def test_a_picture_stored_without_alternative_text_is_read(sign_in, api, shop):
    template = make(shop, channels=MAIL, variations=[])
    stored = {"email": {**MAIL["email"], "blocks": [{"type": "image", "url": ADDRESS}]}}
    CampaignTemplateVersion.objects.update(channels=stored)
    client = sign_in()

    for path in ("/templates/", f"/templates/{template.pk}/"):
        page = client.get(path)
        assert page.status_code == 200
        assert "cannot be read" not in page.content.decode()
    made = template_versions.start_from(
        template_versions.of_version(template.versions.get()), shop=shop, name="x", category=""
    )
    assert made.variants.get().channels["email"]["blocks"] == [PICTURE]
    assert api.get(f"/api/campaigns/{made.pk}/preview").status_code == 200


def test_one_unreadable_template_is_shown_with_what_to_do(sign_in, shop, broken):
    make(shop, name="Other")
    make(ShopFactory(), name="Theirs")

    page = sign_in().get("/templates/")

    assert page.status_code == 200
    assert [point.blueprint.key for point, _ in page.context["points"]] == [
        "mine",
        "other",
        *BLUEPRINTS,
    ]
    said = (
        "It cannot be read as it is stored: channels.email.blocks.0.url: This field is required. "
        "Edit it and save it anew, or restore an earlier version."
    )
    assert page.content.decode().count(said) == 1
    own = sign_in().get(f"/templates/{broken.pk}/")
    assert own.status_code == 200
    assert own.content.decode().count(said) == 1
    assert "Make a campaign of it" not in own.content.decode()


def test_the_api_lists_an_unreadable_template_among_the_others(api, shop, broken):
    make(shop, name="Other")

    rows = api.get("/api/campaigns/templates").json()["results"]

    said = {row["key"]: row["unreadable"] for row in rows}
    assert said.pop("mine").startswith("It cannot be read as it is stored: channels.email.blocks.0")
    assert set(said.values()) == {""}
    assert len(said) == 1 + len(BLUEPRINTS)


def test_an_unreadable_template_is_mended_by_editing_and_by_restoring(sign_in, shop, broken):
    client, path = sign_in(), f"/templates/{broken.pk}/"
    assert client.get(f"{path}edit/").status_code == 200

    refused = client.post(f"{path}edit/", FORM | TYPED | {"block-0-url": "", "block-0-alt": "Us"})
    assert refused.status_code == 400
    assert "Block 1, picture, address: This field is required." in refused.content.decode()
    assert client.post(f"{path}edit/", FORM | TYPED).url == path

    page = client.get(path)
    assert page.status_code == 200
    assert "cannot be read" not in page.content.decode()
    client.post(f"{path}versions/1/restore/")
    assert "cannot be read" in client.get(path).content.decode()


def test_no_campaign_is_made_of_an_unreadable_template(sign_in, api, shop, broken):
    answer = sign_in(Role.STAFF).post(f"/templates/{broken.pk}/start/")

    assert answer.url == f"/templates/{broken.pk}/"
    answer = api.post(f"/api/templates/{broken.pk}/campaign", {}, format="json")
    assert answer.status_code == 400
    assert list(answer.json()["error"]["fields"]) == ["channels.email.blocks.0.url"]
    assert not CampaignDefinition.objects.exists()


@pytest.mark.parametrize("door", ["new", "edit", "variation"])
def test_what_the_last_judgement_refuses_is_said_and_what_was_typed_is_kept(
    sign_in, shop, door, monkeypatch
):
    """The rules may change between the two judgements of one press: another process has."""
    template = make(shop)
    path = {
        "new": "/templates/new/",
        "edit": f"/templates/{template.pk}/edit/",
        "variation": f"/templates/{template.pk}/variations/new/",
    }[door]
    judged = template_versions.Said.checked

    def later(said, *, shop):
        if said is not first[0]:
            first[0] = judged(said, shop=shop)
            return first[0]
        where = (
            "variations.1.channels.email.subject"
            if door == "variation"
            else ("channels.email.subject")
        )
        raise content.ContentError({where: ["Say it otherwise."]})

    first = [None]
    monkeypatch.setattr(template_versions.Said, "checked", later)
    typed = FORM | TYPED | {"name": "Other", "rule-json": '{"language": "fr"}'}

    answer = sign_in(Role.STAFF).post(path, typed)

    assert answer.status_code == 400
    assert answer.context["form"].errors["subject"] == ["Say it otherwise."]
    assert f'value="{ADDRESS}"' in answer.content.decode()
    assert list(CampaignTemplate.objects.values_list("name", flat=True)) == ["Spring"]
    assert template.versions.count() == 1
