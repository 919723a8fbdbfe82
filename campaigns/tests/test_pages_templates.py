"""The template pages: the shelf, one template, its versions, and the form that writes one."""

import pytest

from barbershop.models import Membership
from barbershop.tests.factories import BarberFactory, MembershipFactory, ShopFactory
from barbershop.tests.query_counts import assert_same_queries
from campaigns import template_versions
from campaigns.library import BLUEPRINTS
from campaigns.models import CampaignDefinition, CampaignTemplate
from campaigns.template_versions import Said
from campaigns.tests.factories import DefinitionFactory, OfferFactory
from campaigns.tests.spring_template import EMAIL, make

pytestmark = pytest.mark.django_db
Role = Membership.Role
FORM = {"name": "Spring", "subject": "Spring is here", "sms": "Hi", "do": "save"}


def test_pages_ask_as_often_for_three_templates_and_versions_as_for_one(sign_in, shop):
    names = iter(["One", "Two", "Three"])
    assert_same_queries(sign_in(), "/templates/", make=lambda: make(shop, name=next(names)))
    template = make(shop, name="Four")
    words = iter("abc")

    def write():
        said = Said(channels={"sms": {"message": next(words)}})
        template_versions.write(template, said=said)

    assert_same_queries(sign_in(), f"/templates/{template.pk}/", make=write)


@pytest.mark.parametrize("key", BLUEPRINTS)
def test_ready_template_shows_each_message_as_a_customer_gets_it(sign_in, shop, key):
    client = sign_in()

    answer = client.get(f"/templates/ready/{key}/")

    blueprint = BLUEPRINTS[key]
    assert [step for step, _ in answer.context["steps"]] == list(blueprint.steps)
    page = answer.content.decode()
    frames = sum(1 + len(step.variations) for step in blueprint.steps)
    assert page.count("<iframe") == frames
    assert page.count("Start a campaign with it") == len(blueprint.steps)
    mail = client.get(f"/templates/ready/{key}/0/email/0/")
    assert (mail.status_code, mail.content.count(b"{{")) == (200, 0)


def test_email_in_its_frame_can_run_nothing_and_be_framed_by_us_alone(sign_in, shop):
    client = sign_in()
    template = make(shop)

    for path in (
        "/templates/ready/vip/0/email/0/",
        f"/templates/{template.pk}/versions/1/email/0/",
    ):
        headers = client.get(path).headers
        assert headers["Content-Security-Policy"] == (
            "default-src 'none'; img-src https:; style-src 'unsafe-inline'; "
            "base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox"
        )
        assert headers["X-Frame-Options"] == "SAMEORIGIN"
    for path in (
        "/templates/ready/none/",
        "/templates/ready/vip/7/email/0/",
        "/templates/ready/vip/0/email/3/",
        f"/templates/{template.pk}/versions/2/email/0/",
        f"/templates/{template.pk}/versions/1/email/1/",  # the variation has no email
    ):
        assert client.get(path).status_code == 404, path


def test_ready_message_becomes_a_draft_or_an_own_template(sign_in, shop):
    client = sign_in(Role.STAFF)

    started = client.post("/templates/ready/welcome/start/", {"step": "1"})
    taken = client.post("/templates/ready/welcome/take/", {"step": "1"})

    draft, own = CampaignDefinition.objects.get(), CampaignTemplate.objects.get()
    assert started.url == f"/campaigns/{draft.pk}/"
    assert (draft.name, draft.status) == ("Welcome series: Your first booking", "draft")
    assert (draft.offer.value, list(draft.variants.get().channels)) == (15, ["email"])
    assert (taken.url, own.name) == (f"/templates/{own.pk}/", draft.name)
    for step in ("3", "-1", "x", "9" * 5_000):
        assert client.post("/templates/ready/welcome/take/", {"step": step}).status_code == 404


def test_own_template_shows_what_changed_in_each_version(sign_in, shop):
    template = make(shop)
    email = EMAIL | {"subject": "Spring is near"}
    by = MembershipFactory(shop=shop, user__first_name="Kim").user
    template_versions.write(
        template,
        said=Said(channels={"email": email, "sms": {"message": "Spring!"}}),
        note="Colder",
        by=by,
    )
    template_versions.restore(template, number=1)

    answer = sign_in().get(f"/templates/{template.pk}/")

    (third, _), (second, changes), (first, none) = answer.context["versions"]
    assert (third.restored_from, second.note, second.created_by, first.number) == (
        1,
        "Colder",
        by,
        1,
    )
    assert none is None
    assert changes[:2] == [("-", "Subject: Spring is here"), ("+", "Subject: Spring is near")]
    assert ("-", "Spanish, Text message: ¡Ya!") in changes
    page = answer.content.decode()
    assert page.count("restored from version 1") == 1
    assert page.count(">Restore</button>") == 2
    assert [w.name for w in answer.context["wordings"]] == ["", "Spanish"]


def test_versions_name_rows_and_ask_for_them_once(sign_in, shop):
    first, second = (BarberFactory(shop=shop, first_name=name) for name in ("Ana", "Tony"))
    texts = {"sms": {"message": "Hello"}}
    template = make(shop, channels=texts, target_criteria={"preferred_barber": first.pk})

    def write():
        current = template.versions.count() % 2
        wanted = {"preferred_barber": [first.pk, second.pk][current]}
        said = Said(channels=texts, target_criteria=wanted)
        template_versions.write(template, said=said)

    client, path = sign_in(), f"/templates/{template.pk}/"
    assert_same_queries(client, path, make=write)
    context = client.get(path).context

    assert context["who"] == "Customers who prefer barber Tony."
    assert context["versions"][0][1] == [
        ("", "Text message: Hello"),
        ("-", "For: Customers who prefer barber Ana."),
        ("+", "For: Customers who prefer barber Tony."),
    ]


def test_versions_beyond_the_first_page_still_say_what_changed(sign_in, shop):
    template = make(shop)
    for number in range(2, 13):
        said = Said(channels={"sms": {"message": f"Text {number}"}})
        template_versions.write(template, said=said)

    rows = sign_in().get(f"/templates/{template.pk}/").context["versions"]

    assert [version.number for version, _ in rows] == list(range(12, 2, -1))
    assert rows[-1][1] == [
        ("-", "Text message: Text 2"),
        ("+", "Text message: Text 3"),
        ("", "For: All customers."),
    ]


def test_own_template_is_restored_put_away_taken_out_and_started(sign_in, shop):
    template = make(shop)
    template_versions.write(template, said=Said(channels={"sms": {"message": "Two"}}))
    client, path = sign_in(Role.STAFF), f"/templates/{template.pk}/"

    client.post(f"{path}versions/1/restore/")
    again = client.post(f"{path}versions/3/restore/", follow=True)
    assert "Version 3 is the newest one already." in again.content.decode()
    assert template.versions.count() == 3
    assert "is put away" in client.post(f"{path}archive/", follow=True).content.decode()
    assert "again" in client.post(f"{path}unarchive/", follow=True).content.decode()

    client.post(f"{path}start/")
    draft = CampaignDefinition.objects.get()
    assert (draft.name, draft.shop) == ("Spring", shop)
    assert draft.variants.get().variations[0]["name"] == "Spanish"


def test_who_only_looks_changes_nothing_and_is_offered_nothing(sign_in, shop):
    template = make(shop)
    client = sign_in(Role.READ_ONLY)

    for path in (f"/templates/{template.pk}/", "/templates/ready/vip/"):
        assert client.get(path).content.decode().count("Start a campaign") == 0
    for path in (
        "/templates/ready/vip/take/",
        "/templates/ready/vip/start/",
        f"/templates/{template.pk}/start/",
        f"/templates/{template.pk}/archive/",
        f"/templates/{template.pk}/versions/1/restore/",
        f"/templates/{template.pk}/edit/",
        "/templates/new/",
        f"/campaigns/{DefinitionFactory(shop=shop).pk}/template/",
    ):
        assert client.post(path, FORM).status_code == 403, path
    assert (template.versions.count(), CampaignTemplate.objects.count()) == (1, 1)


def test_another_shops_template_is_not_found(sign_in, shop):
    theirs = make(ShopFactory())
    client, path = sign_in(), f"/templates/{theirs.pk}/"

    for page in (path, f"{path}edit/", f"{path}versions/1/email/0/"):
        assert client.get(page).status_code == 404, page
    for verb in ("edit", "start", "archive", "unarchive", "versions/1/restore"):
        assert client.post(f"{path}{verb}/", FORM | {"do": "save"}).status_code == 404, verb
    campaign = DefinitionFactory()
    assert client.get(f"/campaigns/{campaign.pk}/template/").status_code == 404
    theirs.refresh_from_db()
    assert (theirs.versions.count(), theirs.archived_at) == (1, None)


def test_campaign_is_saved_as_a_template(sign_in, shop):
    offer = OfferFactory(shop=shop, kind="amount", value=500)
    definition = DefinitionFactory(shop=shop, name="Autumn", category="vip", offer=offer)
    client, path = sign_in(Role.STAFF), f"/campaigns/{definition.pk}/template/"

    assert "this offer is another one" in client.get(path).content.decode()
    assert client.post(path, {"name": ""}).status_code == 400
    answer = client.post(path, {"name": "Leaves"})

    template = CampaignTemplate.objects.get()
    assert answer.url == f"/templates/{template.pk}/"
    assert (template.name, template.category) == ("Leaves", "vip")
    said = template.versions.get()
    assert said.channels["email"]["subject"] == "Beat the heat with 20% off!"
    assert client.get(f"/campaigns/{definition.pk}/").content.decode().count(path) == 1


def test_campaign_that_names_a_barber_who_is_no_more_cannot_be_a_template(sign_in, shop):
    definition = DefinitionFactory(shop=shop, target_criteria={"preferred_barber": 4711})

    answer = sign_in().post(f"/campaigns/{definition.pk}/template/", {"name": "Leaves"})

    assert answer.status_code == 400
    assert "There is no barber 4711 in this shop" in answer.content.decode()
    assert CampaignTemplate.objects.count() == 0


def test_campaign_without_words_cannot_be_a_template(sign_in, shop):
    definition = DefinitionFactory(shop=shop)
    definition.variants.all().delete()

    answer = sign_in().post(f"/campaigns/{definition.pk}/template/", {"name": "Empty"})

    assert answer.status_code == 400
    assert "The campaign has no content" in answer.content.decode()
    assert CampaignTemplate.objects.count() == 0
