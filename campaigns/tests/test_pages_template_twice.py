"""Two people who write one template at once: nobody's words go without his knowing."""

import datetime as dt
from dataclasses import replace
from urllib.parse import urlencode

import pytest
import time_machine
from django.test import Client

from barbershop import edited
from barbershop.models import Membership
from barbershop.tests.factories import MembershipFactory, ShopFactory
from barbershop.tests.sent_forms import sent
from campaigns import template_versions, views_template_variations
from campaigns.models import CampaignTemplate
from campaigns.tests.spring_template import EMAIL, SPANISH, make

pytestmark = pytest.mark.django_db
FRENCH = {
    "name": "French",
    "criteria": {"language": "fr"},
    "channels": {"sms": {"message": "Oui !", "personalization": True}},
}
WROTE = dt.datetime(2026, 6, 15, 3, 30, tzinfo=dt.UTC)  # the evening before in New York


@pytest.fixture
def template(shop):
    return make(shop, variations=[SPANISH, FRENCH])


@pytest.fixture
def ana(shop):
    return browser_of(shop, first_name="Ana", last_name="Ray")


@pytest.fixture
def ben(shop):
    return browser_of(shop, first_name="Ben", last_name="")


def browser_of(shop, **user) -> Client:
    client = Client()
    fields = {f"user__{name}": value for name, value in user.items()}
    client.force_login(MembershipFactory(shop=shop, role=Membership.Role.STAFF, **fields).user)
    return client


def own(template) -> str:
    return f"/templates/{template.pk}/edit/"


def other(template, name="Spanish") -> str:
    return f"/templates/{template.pk}/variations/edit/?{urlencode({'name': name})}"


def opened(client, address: str) -> dict:
    return form_of(client.get(address))


def form_of(answer) -> dict:
    return sent(answer.content.decode(), having="seen")


def save(client, address: str, form: dict, *, do="save", **changed):
    return client.post(address, form | {"do": do} | {name: [v] for name, v in changed.items()})


def newest(template):
    return template.versions.order_by("-number").first()


def texts(template) -> tuple[str, dict[str, str]]:
    """For everybody, and of the other words by name."""
    version = newest(template)
    others = {each["name"]: each["channels"]["sms"]["message"] for each in version.variations}
    return version.channels["sms"]["message"], others


def told(answer) -> list[tuple[str, str]]:
    assert answer.status_code == 409
    return [(change.who, change.what) for change in answer.context["changes"]]


@time_machine.travel(WROTE)
def test_the_second_is_told_who_was_first_and_keeps_what_he_typed(shop):
    template = make(shop)
    ana, ben = browser_of(shop, first_name="Ana", last_name="Ray"), browser_of(shop)
    hers, his = opened(ana, own(template)), opened(ben, own(template))
    shop.timezone = "America/New_York"
    shop.save()
    assert save(ana, own(template), hers, sms="Hers").status_code == 302

    typed = {"sms": "His", "subject": "Mine", "note": "Shorter", "discount_percent": "12"}
    refused = save(ben, own(template), his, **typed)

    assert told(refused) == [("Ana Ray", "what it says")]
    assert (newest(template).number, texts(template)[0]) == (2, "Hers")
    page = refused.content.decode()
    assert "Ana Ray changed what it says, " in page
    assert 'title="EDT (-0400)">14 Jun 2026, 23:30</time>' in page
    again = form_of(refused)
    assert {name: again[name] for name in typed} == {name: [v] for name, v in typed.items()}
    assert refused.context["shown_title"] == "What is saved now: version 2"
    assert refused.context["wordings"][0].shown[1].text.count("Hers") == 1


def test_he_may_save_over_it_knowingly_and_over_nothing_else(ana, ben, template):
    hers, his = opened(ana, own(template)), opened(ben, own(template))
    save(ana, own(template), hers, sms="Hers")
    again = form_of(save(ben, own(template), his, sms="His"))
    told(save(ben, own(template), again))  # the plain button still refuses
    save(ana, own(template), opened(ana, own(template)), sms="Hers, later")

    third = save(ben, own(template), again, do="save-over")
    assert told(third) == [("Ana Ray", "what it says")]  # since he was told of the first
    assert texts(template)[0] == "Hers, later"

    assert save(ben, own(template), form_of(third), do="save-over").status_code == 302
    assert (newest(template).number, texts(template)[0]) == (4, "His")


def test_new_name_is_not_lost_either(ana, ben, template):
    hers, his = opened(ana, own(template)), opened(ben, own(template))
    assert save(ana, own(template), hers, name="May").status_code == 302

    refused = save(ben, own(template), his, sms="His")

    assert told(refused) == [("Ana Ray", "the name")]
    template.refresh_from_db()
    assert (template.name, newest(template).number, form_of(refused)["name"]) == (
        "May",
        1,
        ["Spring"],
    )
    assert save(ben, own(template), form_of(refused), do="save-over").status_code == 302
    template.refresh_from_db()
    assert (template.name, newest(template).number) == ("Spring", 2)


@pytest.mark.parametrize("do", ["check", "block-add", "add"])
def test_buttons_that_do_not_save_keep_what_the_form_was_made_from(ana, ben, template, do):
    for address in (own(template), other(template)):
        his = opened(ben, address)
        save(ana, address, opened(ana, address), sms=f"Hers at {address[-1]}")

        shown = save(ben, address, his, do=do, sms="His")

        assert (shown.status_code, form_of(shown)["seen"]) == (200, his["seen"])
        told(save(ben, address, his | {"seen": form_of(shown)["seen"]}, sms="His"))


def test_other_words_stop_only_who_writes_the_same_ones(ana, ben, template):
    spanish, french = other(template), other(template, "French")
    his, theirs, main = opened(ben, spanish), opened(ben, french), opened(ben, own(template))
    save(ana, spanish, opened(ana, spanish), sms="Hers")

    assert save(ben, french, theirs, sms="French of his").status_code == 302
    assert save(ben, own(template), main, sms="For all").status_code == 302
    refused = save(ben, spanish, his, sms="His")

    assert ("Ana Ray", "what it says") in told(refused)
    assert texts(template) == ("For all", {"Spanish": "Hers", "French": "French of his"})
    assert form_of(refused)["sms"] == ["His"]
    assert refused.context["shown_title"] == "What is saved now: version 4"
    assert refused.context["wording"].shown[0].text.count("Hers") == 1
    assert save(ben, spanish, form_of(refused), do="save-over").status_code == 302
    assert texts(template)[1] == {"Spanish": "His", "French": "French of his"}


def test_words_that_were_renamed_meanwhile_are_added_only_knowingly(ana, ben, template):
    spanish = other(template)
    his = opened(ben, spanish)
    save(ana, spanish, opened(ana, spanish), name="Español")

    refused = save(ben, spanish, his, sms="His")

    told(refused)
    assert refused.context["is_gone"]
    assert "yours would be added after all others" in refused.content.decode()
    assert list(texts(template)[1]) == ["Español", "French"]
    assert save(ben, spanish, form_of(refused), do="save-over").status_code == 302
    assert texts(template)[1] == {"Español": "¡Ya!", "French": "Oui !", "Spanish": "His"}


def test_what_was_typed_stays_even_where_its_channel_or_its_html_is_gone(ana, ben, shop, template):
    html = {"email": {"subject": "Hi", "html": "<p>Hello</p>"}}
    page = make(shop, name="Page", channels=html, variations=[])
    his = opened(ben, own(page))
    template_versions.write(page, said=template_versions.Said(channels={"email": EMAIL}))
    refused = save(ben, own(page), his, html="<p>His</p>")
    told(refused)
    assert form_of(refused)["html"] == ["<p>His</p>"]

    spanish = other(template)
    his = opened(ben, spanish)
    said = template_versions.Said(
        channels={"email": EMAIL},
        variations=[FRENCH | {"channels": {"email": {"subject": "Oui", "message": "Venez."}}}],
    )
    template_versions.write(template, said=said)
    for do, status in (("save", 400), ("block-add", 200)):
        answer = save(ben, spanish, his, do=do, sms="His")
        assert (answer.status_code, form_of(answer)["sms"]) == (status, ["His"])


def test_nobody_is_stopped_where_nothing_is_overwritten(ana, ben, template):
    his, late = opened(ben, own(template)), opened(ben, own(template))
    assert save(ana, own(template), opened(ana, own(template)), sms="Same").status_code == 302
    assert save(ben, own(template), his, sms="Same").status_code == 302
    assert newest(template).number == 2

    template_versions.restore(template, number=1)

    assert save(ben, own(template), late, sms="Mine").status_code == 302  # as it was when seen
    assert newest(template).number == 4


def test_integration_is_named_and_nobody_of_another_shop(ben, api, template):
    his, theirs = opened(ben, own(template)), make(ShopFactory())
    template_versions.write(theirs, said=template_versions.Said(channels={"email": EMAIL}))
    path = f"/api/templates/{template.pk}/versions/"
    assert api.post(path, {"channels": {"sms": {"message": "By till"}}}).status_code == 200

    ((who, what),) = told(save(ben, own(template), his, sms="His"))

    assert (who.startswith("The integration “"), what) == (True, "what it says")


def test_what_is_stored_and_cannot_be_read_does_not_hinder_the_telling(ben, template):
    broken = {"channels": {"sms": {"message": "{% raw %}"}}}
    mended = {"channels": newest(template).channels, "variations": [SPANISH | broken]}
    for address, stored in ((own(template), broken), (other(template), mended)):
        template.versions.update(channels=mended["channels"], variations=[SPANISH])
        his = opened(ben, address)
        template.versions.update(**{"variations": []} | stored)

        refused = save(ben, address, his, sms="His")

        assert (refused.status_code, form_of(refused)["sms"]) == (409, ["His"])
        assert refused.context.get("shown_title") is None


@pytest.mark.parametrize("address", [own, other])
def test_who_saves_between_anothers_reading_and_writing_is_not_lost(
    ben, template, monkeypatch, address
):
    said = replace(template_versions.of_version(newest(template)), valid_days=9)
    his = opened(ben, address(template))
    in_between(monkeypatch, edited, "check", lambda: template_versions.write(template, said=said))

    refused = save(ben, address(template), his, sms="His")

    assert told(refused) == [("Somebody", "what it says")]
    assert (newest(template).number, newest(template).valid_days) == (2, 9)


def test_words_are_not_moved_over_what_was_saved_in_that_moment(ben, template, monkeypatch):
    said = replace(template_versions.of_version(newest(template)), valid_days=9)
    in_between(
        monkeypatch,
        views_template_variations,
        "_place",
        lambda: template_versions.write(template, said=said),
    )
    path = f"/templates/{template.pk}/variations/change/"

    answer = ben.post(path, {"name": "French", "do": "remove"}, follow=True)

    assert "Somebody has just changed this template" in answer.content.decode()
    assert list(texts(template)[1]) == ["Spanish", "French"]
    assert newest(template).valid_days == 9


def test_two_new_ones_of_one_name_in_one_moment_are_two(ben, shop, monkeypatch):
    his = opened(ben, "/templates/new/") | {"sms": ["His"]}
    CampaignTemplate.objects.create(shop=shop, key="may", name="Hers")
    monkeypatch.setattr(template_versions, "_free_key", lambda *args: "may")  # free a moment ago
    refused = save(ben, "/templates/new/", his, name="May")
    monkeypatch.undo()

    assert (refused.status_code, form_of(refused)["sms"]) == (409, ["His"])
    assert list(refused.context["form"].errors) == ["name"]
    assert save(ben, "/templates/new/", form_of(refused)).status_code == 302
    keys = CampaignTemplate.objects.for_shop(shop).order_by("key").values_list("key", flat=True)
    assert list(keys) == ["may", "may-2"]


def in_between(monkeypatch, module, name: str, happens) -> None:
    """Let something happen in the moment in which a page calls a function, which goes on then."""
    real = getattr(module, name)

    def called(*args, **kwargs):
        happens()
        return real(*args, **kwargs)

    monkeypatch.setattr(module, name, called)
