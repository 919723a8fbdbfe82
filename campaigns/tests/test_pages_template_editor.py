"""The form that writes a template: every press of a button without a script."""

import pytest

from barbershop.models import Membership
from campaigns.models import CampaignTemplate
from campaigns.tests.spring_template import make

pytestmark = pytest.mark.django_db
Role = Membership.Role
FORM = {
    "rule-join": "all",
    "rule-json": '{"visit_count": {"min": 2}}',
    "name": "Spring",
    "category": "seasonal",
    "subject": "Spring is here",
    "block-0-type": "text",
    "block-0-text": "Hello",
    "sms": "Spring at {{ shop_name }}!",
    "discount_percent": "15",
    "valid_days": "20",
}


def test_new_template_is_written_by_hand(sign_in, shop):
    client = sign_in(Role.STAFF)

    answer = client.post("/templates/new/", FORM | {"do": "save"})

    template = CampaignTemplate.objects.get()
    assert answer.url == f"/templates/{template.pk}/"
    version = template.versions.get()
    assert (template.key, template.category, version.number) == ("spring", "seasonal", 1)
    assert version.channels["email"]["blocks"] == [{"type": "text", "text": "Hello"}]
    assert version.channels["sms"]["message"] == "Spring at {{ shop_name }}!"
    assert (version.discount_percent, version.valid_days) == (15, 20)


def test_editing_writes_a_version_and_keeps_what_cannot_be_typed(sign_in, shop):
    rules = {"visit_count": {"min": 2}}
    template = make(shop, target_criteria=rules, primary_goal="more")
    client, path = sign_in(), f"/templates/{template.pk}/edit/"
    shown = client.get(path).context
    assert [row.kind for row in shown["editor"].rows] == ["heading", "button"]
    assert (shown["form"]["subject"].value(), shown["form"]["sms"].value()) == (
        "Spring is here",
        "Spring!",
    )

    client.post(path, FORM | {"do": "save", "name": "May", "note": "Warmer"})
    same = client.post(path, FORM | {"do": "save", "name": "May"}, follow=True)

    template.refresh_from_db()
    version = template.versions.order_by("-number").first()
    assert (template.name, version.number, version.note) == ("May", 2, "Warmer")
    assert (version.target_criteria, version.primary_goal) == (rules, "more")
    assert [each["name"] for each in version.variations] == ["Spanish"]
    assert "“May” is saved." in same.content.decode()
    client.post(path, FORM | {"do": "save", "sms": ""})
    assert template.versions.order_by("-number").first().variations == []


def test_email_of_html_is_edited_as_html_and_a_plain_one_as_a_block(sign_in, shop):
    page = {"email": {"subject": "Hi", "html": "<p>Hello</p>"}}
    plain = {"email": {"subject": "Hi", "message": "Hello"}}
    html, text = (
        make(shop, channels=page, variations=[]),
        make(shop, name="Plain", channels=plain, variations=[]),
    )
    client = sign_in()

    shown = client.get(f"/templates/{html.pk}/edit/").context
    assert (shown["form"]["html"].value(), shown["editor"].rows) == ("<p>Hello</p>", [])
    given = {"name": "Spring", "subject": "Hi", "html": "<p>Bye</p>", "do": "save"}
    client.post(f"/templates/{html.pk}/edit/", given)
    assert html.versions.order_by("-number").first().channels["email"]["html"] == "<p>Bye</p>"

    (row,) = client.get(f"/templates/{text.pk}/edit/").context["editor"].rows
    assert row.block == {"type": "text", "text": "Hello"}


def test_buttons_of_the_blocks_keep_everything_and_save_nothing(sign_in, shop):
    client = sign_in()
    given = FORM | {"name": "", "do": "block-add", "block-new": "divider"}

    answer = client.post("/templates/new/", given)

    assert answer.status_code == 200
    assert [row.kind for row in answer.context["editor"].rows] == ["text", "divider"]
    form = answer.context["form"]
    assert (form["sms"].value(), form["discount_percent"].value(), form.errors) == (
        FORM["sms"],
        "15",
        {},
    )
    assert CampaignTemplate.objects.count() == 0


def test_check_counts_the_parts_and_saves_nothing(sign_in, shop):
    client = sign_in()

    short = client.post("/templates/new/", FORM | {"do": "check"})
    foreign = client.post("/templates/new/", FORM | {"do": "check", "sms": "Spring 🎄 " * 8})

    (wording,) = short.context["wordings"]
    assert [(each.channel, each.parts and each.parts.segments) for each in wording.shown] == [
        ("email", None),
        ("sms", 1),
    ]
    (wording,) = foreign.context["wordings"]
    assert wording.shown[1].parts.segments == 2
    assert "a part holds 70 characters" in foreign.content.decode()
    assert CampaignTemplate.objects.count() == 0


@pytest.mark.parametrize(
    ("change", "anchors"),
    [
        ({"name": ""}, ["name"]),
        ({"subject": ""}, ["subject"]),
        ({"sms": "{{ nobody }}"}, ["sms"]),
        ({"discount_percent": "101"}, ["discount_percent"]),
        ({"block-0-text": ""}, ["id_block-0-text"]),
        ({"block-0-text": "{{ nobody }}", "name": ""}, ["name", "id_block-0-text"]),
        ({"subject": "", "block-0-type": "x", "sms": ""}, ["__all__"]),
        ({"do": "nonsense", "sms": "{% raw %}"}, ["sms"]),
    ],
)
def test_what_is_wrong_is_said_at_its_place_and_nothing_is_saved(sign_in, shop, change, anchors):
    answer = sign_in().post("/templates/new/", FORM | {"do": "save"} | change)

    assert answer.status_code == 400
    found = [*answer.context["form"].errors, *(a for a, _ in answer.context["problems"])]
    assert found == anchors
    assert CampaignTemplate.objects.count() == 0
