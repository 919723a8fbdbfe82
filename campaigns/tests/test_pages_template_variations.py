"""Other words for some people, and whom a template is for: written without a script."""

import json

import pytest

from barbershop.models import Membership
from barbershop.tests.factories import BarberFactory, MembershipFactory, ShopFactory
from campaigns import template_versions
from campaigns.template_versions import Said

pytestmark = pytest.mark.django_db
Role = Membership.Role
EMAIL = {"subject": "Spring is here", "blocks": [{"type": "text", "text": "Come in."}]}
CHANNELS = {"email": EMAIL, "sms": {"message": "Spring!"}}


def variation(name: str, rule: dict) -> dict:
    return {"name": name, "criteria": rule, "channels": {"sms": {"message": f"In {name}!"}}}


SPANISH = variation("Spanish / México", {"language": "es"})
FRENCH = variation("French", {"language": "fr"})
FORM = {
    "name": "German",
    "rule-join": "all",
    "rule-json": '{"language": "de"}',
    "subject": "Frühling",
    "block-0-type": "text",
    "block-0-text": "Hallo {{ customer_first_name }}",
    "sms": "",
    "do": "save",
}


@pytest.fixture
def template(shop):
    return make(shop)


@pytest.fixture
def path(template):
    return f"/templates/{template.pk}/variations"


@pytest.fixture
def sign_in(client, shop):
    def as_(role=Role.STAFF):
        client.force_login(MembershipFactory(shop=shop, role=role).user)
        return client

    return as_


def make(shop, **said):
    said = {"channels": CHANNELS, "variations": [SPANISH, FRENCH]} | said
    return template_versions.create(shop=shop, name="Spring", said=Said(**said))


def newest(template):
    return template.versions.order_by("-number").first()


def names(template) -> list[str]:
    return [each["name"] for each in newest(template).variations]


def wrong(answer) -> list[str]:
    return [*answer.context["form"].errors, *(a for a, _ in answer.context["problems"])]


def test_new_words_begin_with_the_templates_own_and_write_a_version(sign_in, template, path):
    client = sign_in()
    shown = client.get(f"{path}/new/").context
    assert (shown["form"]["subject"].value(), shown["form"]["sms"].value()) == (
        "Spring is here",
        "Spring!",
    )
    assert [row.block for row in shown["editor"].rows] == EMAIL["blocks"]

    answer = client.post(f"{path}/new/", FORM, follow=True)

    version = newest(template)
    assert names(template) == ["Spanish / México", "French", "German"]
    assert (version.number, version.note) == (2, "Other words: “German”")
    assert version.variations[2]["criteria"] == {"language": "de"}
    assert list(version.variations[2]["channels"]) == ["email"]
    assert version.channels == template.versions.get(number=1).channels
    assert answer.content.decode().count("“Spring” is saved as version 2.") == 1
    assert answer.context["wordings"][3].sentence == "Customers who speak German."


def test_words_are_edited_at_their_place_and_by_any_name(sign_in, template, path):
    client, query = sign_in(), {"name": SPANISH["name"]}
    listed = client.get(f"/templates/{template.pk}/").content.decode()
    link = f"{path}/edit/?name=Spanish%20%2F%20M%C3%A9xico"
    assert listed.count(f'href="{link}"') == 1
    shown = client.get(link).context
    assert (shown["form"]["name"].value(), shown["form"]["sms"].value()) == (
        SPANISH["name"],
        "In Spanish / México!",
    )
    assert [row.fact.name for row in shown["rules"].rows] == ["language"]

    given = FORM | {"name": "Español", "subject": "", "sms": "¡Ya!"}
    del given["block-0-type"]
    client.post(link, given)

    assert names(template) == ["Español", "French"]
    assert newest(template).variations[0]["channels"] == {
        "sms": {"message": "¡Ya!", "personalization": True}
    }
    gone = client.get(f"{path}/edit/", query, follow=True)
    assert gone.redirect_chain == [(f"/templates/{template.pk}/", 302)]
    assert "Somebody has renamed these words or taken them out." in gone.content.decode()


def test_saving_what_was_not_changed_writes_no_version(sign_in, template, path):
    client, address = sign_in(), f"{path}/edit/?name=French"
    same = {"name": "French", "rule-json": '{"language": "fr"}', "sms": "In French!", "do": "save"}

    client.post(address, same)

    assert newest(template).number == 1


def test_rules_may_be_given_by_rows(sign_in, template, path):
    client = sign_in()
    given = {name: said for name, said in FORM.items() if name != "rule-json"}

    added = client.post(f"{path}/new/", given | {"do": "add", "rule-new": "visit_count"})
    assert [row.fact.name for row in added.context["rules"].rows] == ["visit_count"]
    assert (added.context["form"]["subject"].value(), wrong(added)) == ("Frühling", [])
    removed = client.post(f"{path}/new/", given | {"do": "remove-0", "rule-0-fact": "visit_count"})
    assert removed.context["rules"].rows == []
    row = {"rule-0-fact": "visit_count", "rule-0-value-min": "3"}
    block = client.post(f"{path}/new/", given | row | {"do": "block-add", "block-new": "divider"})
    assert len(block.context["editor"].rows) == 2
    assert block.context["rules"].rows[0]["value-min"].value() == "3"
    assert newest(template).number == 1

    client.post(f"{path}/new/", given | row)
    assert newest(template).variations[2]["criteria"] == {"visit_count": {"min": 3}}


def test_check_says_the_rules_back_and_shows_the_words_in_their_language(
    sign_in, shop, template, path
):
    client = sign_in()

    given = FORM | {"rule-json": '{"language": "es"}', "do": "check"}
    answer = client.post(f"{path}/new/", given)

    shown = answer.context["wording"]
    assert (shown.name, shown.sentence) == ("German", "Customers who speak Spanish.")
    assert shown.shown[0].text.count("Darse de baja") == 1
    assert newest(template).number == 1


@pytest.mark.parametrize(
    ("change", "anchors", "said"),
    [
        ({"name": ""}, ["name"], "This field is required."),
        ({"name": "French"}, ["name"], "Another variation has this name."),
        ({"name": "x" * 41}, ["name"], "at most 40 characters"),
        ({"subject": ""}, ["subject"], "required"),
        ({"sms": "{{ nobody }}"}, ["sms"], "nobody"),
        ({"block-0-text": ""}, ["id_block-0-text"], "required"),
        ({"rule-json": ""}, ["id_rule-json"], "Say for whom it is"),
        ({"rule-json": "{"}, ["id_rule-json"], "This is not JSON."),
        ({"rule-json": '{"all": [{"visit_count": {"min": -1}}]}'}, ["id_rule-json"], "all.0.visit"),
        ({"rule-json": "", "rule-0-fact": "visit_count"}, ["id_rule-0-value-min"], "Rule 1"),
        ({"subject": "", "block-0-type": "x"}, ["__all__"], "Write an email, a text message"),
        ({"name": "", "rule-json": "{", "sms": "{%"}, ["name", "sms", "id_rule-json"], "JSON"),
    ],
)
def test_what_is_wrong_is_said_at_its_place_and_nothing_is_saved(
    sign_in, template, path, change, anchors, said
):
    answer = sign_in().post(f"{path}/new/", FORM | change)

    assert (answer.status_code, wrong(answer)) == (400, anchors)
    assert said in answer.content.decode()
    assert newest(template).number == 1


def test_fields_of_a_channel_that_the_template_lacks_are_not_there(sign_in, shop):
    template = make(shop, channels={"sms": {"message": "Hi"}})
    client, path = sign_in(), f"/templates/{template.pk}/variations/new/"

    shown = client.get(path).context["form"]
    assert list(shown.fields) == ["name", "sms"]

    client.post(path, FORM | {"sms": "Hallo"})
    assert list(newest(template).variations[2]["channels"]) == ["sms"]


def test_email_of_html_is_said_otherwise_as_html(sign_in, shop):
    html = {"email": {"subject": "Hi", "html": "<p>Hello</p>"}}
    template = make(shop, channels=html, variations=[])
    client, path = sign_in(), f"/templates/{template.pk}/variations/new/"
    assert client.get(path).context["form"]["html"].value() == "<p>Hello</p>"

    given = {"name": "Spanish", "rule-json": '{"language": "es"}', "do": "save"}
    client.post(path, given | {"subject": "Hola", "html": "<p>Hola</p>"})

    (found,) = newest(template).variations
    assert (found["channels"]["email"]["html"], found["channels"]["email"]["subject"]) == (
        "<p>Hola</p>",
        "Hola",
    )


def test_order_is_changed_and_one_is_taken_out_and_brought_back(sign_in, template, path):
    client = sign_in()

    client.post(f"{path}/change/", {"name": "French", "do": "up"})
    assert names(template) == ["French", SPANISH["name"]]
    client.post(f"{path}/change/", {"name": "French", "do": "down"})
    assert names(template) == [SPANISH["name"], "French"]
    client.post(f"{path}/change/", {"name": SPANISH["name"], "do": "remove"})
    assert (names(template), newest(template).note) == (["French"], "Without “Spanish / México”")

    client.post(f"/templates/{template.pk}/versions/3/restore/")
    assert names(template) == [SPANISH["name"], "French"]
    for wrong_ in ({"name": "Nobody", "do": "up"}, {"name": "French", "do": "burn"}, {}):
        assert client.post(f"{path}/change/", wrong_).status_code == 404
    assert newest(template).number == 5


def test_words_whose_barber_is_gone_are_named_where_others_are_written(sign_in, shop):
    barber = BarberFactory(shop=shop)
    broken = variation("Fans", {"preferred_barber": [barber.pk]})
    template = make(shop, variations=[broken, FRENCH])
    barber.delete()
    client, path = sign_in(), f"/templates/{template.pk}/variations"

    answer = client.post(f"{path}/new/", FORM)
    assert (answer.status_code, wrong(answer)) == (400, ["__all__"])
    assert "Other words “Fans”:" in answer.content.decode()
    moved = client.post(f"{path}/change/", {"name": "French", "do": "up"}, follow=True)
    assert "Something else in this template has to be mended first" in moved.content.decode()

    client.post(f"{path}/change/", {"name": "Fans", "do": "remove"})
    assert names(template) == ["French"]


def test_no_more_are_written_than_a_template_may_hold(sign_in, shop):
    many = [variation(f"No {number}", {"visit_count": {"min": number}}) for number in range(20)]
    template = make(shop, variations=many)

    answer = sign_in().get(f"/templates/{template.pk}/variations/new/", follow=True)

    assert answer.redirect_chain == [(f"/templates/{template.pk}/", 302)]
    assert "at most 20 things otherwise" in answer.content.decode()


def test_whom_the_template_is_for_is_written_in_its_editor(sign_in, template):
    client, path = sign_in(), f"/templates/{template.pk}/edit/"
    shown = client.get(path)
    assert shown.context["rules"].rows == []
    assert "Said otherwise to some: Spanish / México, French." in shown.content.decode()
    given = FORM | {"name": "Spring", "sms": "Hi", "rule-json": '{"visit_count": {"min": 2}}'}

    checked = client.post(path, given | {"do": "check"})
    assert checked.context["who"] == "Customers who came at least 2 times."
    client.post(path, given)

    assert newest(template).target_criteria == {"visit_count": {"min": 2}}
    assert names(template) == [SPANISH["name"], "French"]
    (row,) = client.get(path).context["rules"].rows
    assert (row.fact.name, row["value-min"].value()) == ("visit_count", 2)
    wrong_rule = given | {"rule-json": json.dumps({"all": [{"visit_cout": 1}]})}
    answer = client.post(path, wrong_rule)
    assert (answer.status_code, wrong(answer)) == (400, ["id_rule-json"])
    assert "all.0.visit_cout" in answer.content.decode()
    assert newest(template).number == 2


def test_who_only_looks_or_is_of_another_shop_changes_nothing(sign_in, template, path):
    theirs = make(ShopFactory())
    client = sign_in(Role.READ_ONLY)

    page = client.get(f"/templates/{template.pk}/").content.decode()
    assert page.count("variations/") == 0
    for address in (f"{path}/new/", f"{path}/edit/?name=French", f"{path}/change/"):
        assert client.post(address, {"name": "French", "do": "remove"}).status_code == 403
    staff = sign_in()
    for verb in ("new", "edit", "change"):
        address = f"/templates/{theirs.pk}/variations/{verb}/?name=French"
        assert staff.post(address, {"name": "French", "do": "remove"}).status_code == 404
    assert (newest(template).number, newest(theirs).number) == (1, 1)
