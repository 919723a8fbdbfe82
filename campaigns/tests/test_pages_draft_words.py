"""Changing the words of a draft on its page, without a script."""

import pytest

from barbershop.models import AuditEntry
from barbershop.tests.api import token_client
from barbershop.tests.factories import BarberFactory
from campaigns.tests.drafts import (
    BLOCKS,
    CHANNELS,
    FORM,
    FRENCH,
    SPANISH,
    at,
    edits,
    make,
    seen,
    stored,
    wrong,
)
from campaigns.tests.factories import OfferFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(shop):
    return make(shop)


def test_words_are_shown_and_saved_as_the_api_would_save_them(sign_in, shop, draft):
    client, by_api = sign_in(), make(shop)
    shown = client.get(at(draft)).context
    assert (shown["form"]["subject"].value(), shown["form"]["sms"].value()) == (
        "Spring is here",
        "Spring at {{ shop_name }}!",
    )
    assert [row.block for row in shown["editor"].rows] == BLOCKS

    answer = client.post(at(draft), FORM | {"seen": shown["seen"]}, follow=True)

    assert answer.redirect_chain == [(f"/campaigns/{draft.pk}/preview/?arm=A%2F", 302)]
    assert answer.content.decode().count("The words of “Spring” are saved.") == 1
    email = {"subject": FORM["subject"], "blocks": [{"type": "text", "text": FORM["block-0-text"]}]}
    said = {"channels": {"email": email, "sms": {"message": FORM["sms"]}}}
    assert token_client(shop).patch(f"/api/campaigns/{by_api.pk}", said).status_code == 200
    (ours, theirs) = (
        AuditEntry.objects.for_shop(shop).filter(action="campaign.edit").order_by("seq")
    )
    assert stored(draft).channels == stored(by_api).channels
    assert stored(draft).channels["email"]["subject"] == "May is here"
    assert (ours.object_id, ours.actor_id) == (str(draft.pk), shop.memberships.get().user_id)
    assert (ours.detail.before, ours.detail.after) == (theirs.detail.before, theirs.detail.after)
    assert stored(draft).variations == [SPANISH, FRENCH]


@pytest.mark.parametrize(
    ("change", "place", "at_api"),
    [
        ({"subject": ""}, "subject", "channels.email.subject"),
        ({"subject": "x" * 251}, "subject", "channels.email.subject"),
        ({"subject": "Hi {{ nobody }}"}, "subject", "channels.email.subject"),
        ({"preheader": "{%"}, "preheader", "channels.email.preheader"),
        ({"sms": "{{ custmer_first_name }}"}, "sms", "channels.sms.message"),
        ({"sms": "x" * 1601}, "sms", "channels.sms.message"),
        ({"block-0-text": ""}, "id_block-0-text", "channels.email.blocks.0.text"),
        ({"block-0-text": "{% if %}"}, "id_block-0-text", "channels.email.blocks.0.text"),
    ],
)
def test_what_is_wrong_is_said_beside_it_in_the_words_of_the_api(
    sign_in, shop, draft, change, place, at_api
):
    client, form = sign_in(), FORM | change

    answer = client.post(at(draft), form | {"seen": seen(client, at(draft))})

    assert (answer.status_code, wrong(answer)) == (400, [place])
    email = {name: form[name] for name in ("subject", "preheader") if form.get(name)}
    email["blocks"] = [{"type": "text", "text": form["block-0-text"]}]
    said = {"channels": {"email": email, "sms": {"message": form["sms"]}}}
    refused = token_client(shop).patch(f"/api/campaigns/{draft.pk}", said).json()
    (sentence,) = refused["error"]["fields"][at_api]
    (row,) = answer.context["editor"].rows
    found = answer.context["form"].errors | {
        row[name].id_for_label: texts for name, texts in row.errors.items()
    }
    assert sentence in found[place]
    assert answer.context["form"]["sms"].value() == form["sms"]
    assert row["text"].value() == form["block-0-text"]
    assert (stored(draft).channels, edits(shop)) == (CHANNELS, 0)


def test_nothing_said_at_all_is_refused_and_so_is_what_no_database_stores(sign_in, shop, draft):
    client = sign_in()
    mark = {"seen": seen(client, at(draft))}

    answer = client.post(at(draft), mark | {"do": "save"})
    broken = client.post(at(draft), FORM | mark | {"sms": "a\x00b"})

    assert (answer.status_code, wrong(answer)) == (400, ["__all__"])
    assert "Write an email, a text message or both." in answer.content.decode()
    assert (broken.status_code, wrong(broken)) == (400, ["sms"])
    assert (stored(draft).channels, edits(shop)) == (CHANNELS, 0)


def test_what_is_wrong_in_a_variation_stands_beside_it(sign_in, draft):
    client, french = sign_in(), f"{at(draft)}?arm=A/French"
    given = {"seen": seen(client, french), "do": "save"}
    assert "Customers who speak French." in client.get(french).content.decode()

    french_form = {"subject": "Oui", "block-0-type": "text", "block-0-text": "Venez."}
    gap = client.post(french, given | french_form | {"sms": "{{ nobody }}"})
    nothing = client.post(french, given)

    assert (gap.status_code, wrong(gap)) == (400, ["sms"])
    assert gap.context["form"]["subject"].value() == "Oui"
    assert (nothing.status_code, wrong(nothing)) == (400, ["__all__"])
    assert stored(draft).variations == [SPANISH, FRENCH]


def test_each_arm_has_its_own_words_on_every_channel_of_the_campaign(sign_in, shop):
    draft = make(shop, arms=("A", "B"), variations=())
    client, second = sign_in(), f"{at(draft)}?arm=B/"
    labels = [tab["label"] for tab in client.get(second).context["tabs"]]
    assert labels == ["Variant A", "Variant B"]
    given = FORM | {"seen": seen(client, second)}

    answer = client.post(second, given | {"sms": ""})
    assert (answer.status_code, wrong(answer)) == (400, ["sms"])
    assert "A campaign of type multi needs it." in answer.content.decode()
    client.post(second, given)

    assert stored(draft).channels == CHANNELS
    assert stored(draft, "B").channels["sms"]["message"] == FORM["sms"]
    draft.refresh_from_db()
    assert (draft.campaign_type, edits(shop)) == ("multi", 1)


def test_channel_that_the_campaign_has_not_is_not_asked_of_one_arm_alone(sign_in, shop):
    email = {"email": CHANNELS["email"]}
    two = make(shop, arms=("A", "B"), channels=email, campaign_type="email", variations=(FRENCH,))
    one = make(shop, channels=email, campaign_type="email", variations=(FRENCH,))
    client = sign_in()

    def asks_for_text(address: str) -> bool:
        return client.get(address).context["form"].has_sms

    assert [asks_for_text(f"{at(two)}?arm={arm}") for arm in ("A/", "B/", "B/French")] == 3 * [
        False
    ]
    assert [asks_for_text(f"{at(one)}?arm={arm}") for arm in ("A/", "A/French")] == [True, False]


def test_variation_whose_barber_is_gone_is_named_where_words_are_changed(sign_in, shop):
    barber = BarberFactory(shop=shop)
    fans = FRENCH | {"name": "Fans", "criteria": {"preferred_barber": [barber.pk]}}
    draft = make(shop, variations=(fans, FRENCH))
    barber.delete()
    client = sign_in()
    french, form = f"{at(draft)}?arm=A/French", FORM | {"sms": ""}

    other = client.post(french, form | {"seen": seen(client, french)})
    its_own = client.post(f"{at(draft)}?arm=A/Fans", form | {"do": "check"})

    for answer, said in ((other, "Other words “Fans”:"), (its_own, "Whom these words are for:")):
        assert (answer.status_code, wrong(answer)) == (400, ["__all__"])
        assert said in answer.content.decode()
    assert stored(draft).variations == [fans, FRENCH]


def test_draft_without_words_gets_its_first_and_one_arm_of_any_name_keeps_it(sign_in, shop):
    empty, named = make(shop), make(shop)
    empty.variants.all().delete()
    named.variants.update(label="Control")
    client = sign_in()

    for draft in (empty, named):
        given = FORM | {"seen": seen(client, at(draft))}
        assert client.post(at(draft), given).status_code == 302

    assert stored(empty).channels["sms"]["message"] == FORM["sms"]
    assert [each.label for each in named.variants.all()] == ["Control"]
    assert stored(named, "Control").channels["sms"]["message"] == FORM["sms"]


@pytest.mark.parametrize("label", ["A", "Control"])
def test_channel_that_says_nothing_more_is_left_out_of_the_campaign(sign_in, shop, label):
    draft = make(shop)
    draft.variants.update(label=label)
    client = sign_in()

    given = FORM | {"sms": " ", "seen": seen(client, at(draft))}
    given |= {"lost": client.post(at(draft), given).context["lost"], "do": "save-without"}
    answer = client.post(at(draft), given, follow=True)

    draft.refresh_from_db()
    assert (draft.campaign_type, list(stored(draft, label).channels)) == ("email", ["email"])
    assert [each["name"] for each in stored(draft, label).variations] == ["French"]
    assert "are saved. It goes by email alone now." in answer.content.decode()
    assert answer.context["definition"].campaign_type == "email"


def test_buttons_of_the_blocks_keep_everything_and_save_nothing(sign_in, shop, draft):
    client, mark = sign_in(), "as it was"
    given = FORM | {"subject": "", "do": "block-add", "block-new": "divider", "seen": mark}

    answer = client.post(at(draft), given)

    assert (answer.status_code, wrong(answer)) == (200, [])
    assert [row.kind for row in answer.context["editor"].rows] == ["text", "divider"]
    assert (answer.context["form"]["sms"].value(), answer.context["seen"]) == (FORM["sms"], mark)
    assert (stored(draft).channels, edits(shop)) == (CHANNELS, 0)


def test_check_counts_the_parts_with_the_offer_and_saves_nothing(sign_in, shop):
    offer = OfferFactory(shop=shop, kind="amount", value=500, code_prefix="")
    draft = make(shop, offer=offer)
    client = sign_in()

    given = FORM | {"sms": "ш" * 70 + "{{ offer_in_words }}", "do": "check"}
    answer = client.post(at(draft), given)

    email, text = answer.context["wording"]["shown"]
    assert (answer.status_code, email.subject) == (200, "May is here")
    assert text.text.count("$5 off") == 1
    assert text.parts.segments > 1
    assert f"Text message: {text.parts.segments} parts" in answer.content.decode()
    assert (stored(draft).channels, edits(shop)) == (CHANNELS, 0)


def test_check_of_a_variation_speaks_its_language(sign_in, draft):
    client = sign_in()

    given = {"subject": "Hola", "block-0-type": "text", "block-0-text": "Ven.", "do": "check"}
    answer = client.post(f"{at(draft)}?arm=A/Spanish / México", given)

    (email,) = answer.context["wording"]["shown"]
    assert email.text.count("Darse de baja") == 1


def test_email_of_html_is_edited_as_html(sign_in, shop):
    html = {"email": {"subject": "Hi", "html": "<p>Hello</p>"}}
    draft = make(shop, channels=html, campaign_type="email", variations=())
    client = sign_in()
    assert client.get(at(draft)).context["form"]["html"].value() == "<p>Hello</p>"

    given = {"subject": "Hi", "html": "<p>Bye</p>", "do": "save"}
    client.post(at(draft), given | {"seen": seen(client, at(draft))})

    assert stored(draft).channels["email"]["html"] == "<p>Bye</p>"
