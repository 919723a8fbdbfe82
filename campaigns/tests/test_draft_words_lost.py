"""What is typed or stands in the words of a draft, and is not lost without a word."""

import pytest

from barbershop.tests.api import token_client
from campaigns import draft_words
from campaigns.tests.drafts import CHANNELS, FORM, FRENCH, SPANISH, at, edits, make, seen, stored

pytestmark = pytest.mark.django_db
MESSAGE = {"email": {"subject": "Hi", "message": "Come in.", "personalization": True}}
BOTH = FRENCH | {
    "name": "Italian",
    "criteria": {"language": "it"},
    "channels": FRENCH["channels"] | {"sms": {"message": "Ciao!", "personalization": True}},
}
NO_TEXT = FORM | {"sms": ""}
WITHOUT = {"do": "save-without"}


@pytest.fixture
def draft(shop):
    return make(shop, variations=(SPANISH, FRENCH, BOTH))


def names(draft) -> list[str]:
    return [each["name"] for each in stored(draft).variations]


def test_variations_go_with_a_channel_only_when_that_is_asked_for(sign_in, shop, draft):
    client = sign_in()
    given = NO_TEXT | {"seen": seen(client, at(draft))}

    asked = client.post(at(draft), given)

    page = asked.content.decode()
    said = "Other words say something by text message that would go too: “%s”, “Italian”."
    assert (asked.status_code, page.count(said % SPANISH["name"])) == (409, 1)
    assert page.count("Save without them</button>") == 1
    assert page.count(f'name="lost" value="{asked.context["lost"]}"') == 1
    assert (stored(draft).variations, edits(shop)) == ([SPANISH, FRENCH, BOTH], 0)

    # "Save" asks again, as nobody has said that they may go.
    told = given | {"lost": asked.context["lost"]}
    assert client.post(at(draft), told).status_code == 409

    answer = client.post(at(draft), told | WITHOUT, follow=True)
    assert answer.redirect_chain[0][1] == 302
    lost = f"Other words lost theirs with it: “{SPANISH['name']}”, “Italian”."
    assert answer.content.decode().count(lost) == 1
    assert stored(draft).variations == [FRENCH, BOTH | {"channels": FRENCH["channels"]}]
    draft.refresh_from_db()
    assert draft.campaign_type == "email"


def test_variation_written_after_one_was_asked_is_not_lost(sign_in, shop, draft):
    client = sign_in()
    given = NO_TEXT | {"seen": seen(client, at(draft))}
    told = given | WITHOUT | {"lost": client.post(at(draft), given).context["lost"]}
    german = SPANISH | {"name": "German", "criteria": {"language": "de"}}
    change = {"variations": [SPANISH, FRENCH, BOTH, german]}
    assert token_client(shop).patch(f"/api/campaigns/{draft.pk}", change).status_code == 200

    answer = client.post(at(draft), told)

    assert (answer.status_code, len(names(draft))) == (409, 4)
    assert "“German”." in answer.content.decode()
    told["lost"] = answer.context["lost"]
    assert client.post(at(draft), told).status_code == 302
    assert names(draft) == ["French", "Italian"]


def test_leave_for_one_channel_is_none_for_the_other(sign_in, draft):
    client = sign_in()
    given = NO_TEXT | {"seen": seen(client, at(draft))}
    told = given | WITHOUT | {"lost": client.post(at(draft), given).context["lost"]}
    text_alone = {name: told[name] for name in ("seen", "lost", "do")} | {"sms": "Come in."}

    answer = client.post(at(draft), text_alone)

    said = "Other words say something by email that would go too: “French”, “Italian”."
    assert (answer.status_code, answer.content.decode().count(said)) == (409, 1)
    assert stored(draft).variations == [SPANISH, FRENCH, BOTH]


def test_check_names_what_would_go_and_nothing_else(sign_in, draft):
    client = sign_in()

    def page(form: dict) -> str:
        answer = client.post(at(draft), form | {"do": "check"})
        assert answer.status_code == 200
        return answer.content.decode()

    assert page(NO_TEXT).count("that would go too") == 1
    assert page(FORM).count("that would go too") == 0


def test_channel_on_which_no_variation_speaks_goes_without_a_question(sign_in, shop):
    draft = make(shop, variations=(FRENCH,))
    client = sign_in()

    answer = client.post(at(draft), NO_TEXT | {"seen": seen(client, at(draft))}, follow=True)

    assert answer.redirect_chain[0][1] == 302
    assert "lost theirs" not in answer.content.decode()
    assert stored(draft).variations == [FRENCH]


def test_under_the_lock_the_question_is_asked_once_more(draft):
    words = draft_words.everything(draft)[0]
    email = {"email": CHANNELS["email"]}
    lost = words.judged(email).lost_mark
    draft.variants.update(variations=[BOTH])

    with pytest.raises(draft_words.WouldLose) as refused:
        draft_words.save(words, channels=email, seen=words.mark, lost=lost)

    assert (refused.value.code, names(draft)) == ("words_lost", ["Italian"])
    draft_words.save(words, channels=email, seen=words.mark, lost=refused.value.mark)
    assert stored(draft).variations == [BOTH | {"channels": FRENCH["channels"]}]


@pytest.mark.parametrize("do", ["save", "check", "block-add", ""])
def test_what_was_typed_stays_when_its_variation_was_renamed(sign_in, shop, draft, do):
    client, french = sign_in(), f"{at(draft)}?arm=A/French"
    begun = {"seen": seen(client, french), "do": do, "block-new": "divider"}
    change = {"variations": [SPANISH, FRENCH | {"name": "Français"}]}
    assert token_client(shop).patch(f"/api/campaigns/{draft.pk}", change).status_code == 200

    answer = client.post(french, FORM | {"preheader": "Mai"} | begun)

    page, form = answer.content.decode(), answer.context["form"]
    assert (answer.status_code, page.count("copy yours to another tab")) == (409, 1)
    typed = [form[name].value() for name in ("subject", "preheader", "sms")]
    assert typed == [FORM["subject"], "Mai", FORM["sms"]]
    kinds = ["text", "divider"] if do == "block-add" else ["text"]
    assert [row.kind for row in answer.context["editor"].rows] == kinds
    assert answer.context["editor"].rows[0]["text"].value() == FORM["block-0-text"]
    assert page.count('href="?arm=A%2FFran%C3%A7ais" target="_blank"') == 1
    assert (page.count(">Save</button>"), names(draft)) == (0, [SPANISH["name"], "Français"])


def test_what_is_sent_for_nothing_breaks_nothing(sign_in, draft):
    client = sign_in()
    for arm in ("A/Nobody", "B/", "\x00"):
        for form in ({}, {"sms": "a\x00b"}, {"html": "<p>", "subject": "x" * 999}):
            answer = client.post(at(draft), form, query_params={"arm": arm})
            assert answer.status_code == 409
            for name, said in form.items():
                if name != "html" or "html" in answer.context["form"].fields:
                    assert answer.context["form"][name].value() == said


def test_email_that_is_a_message_stays_one(sign_in, shop):
    draft = make(shop, channels=MESSAGE, campaign_type="email", variations=())
    client = sign_in()
    given = {"subject": "Hi", "block-0-type": "text", "block-0-text": "Come in.", "do": "save"}

    def save(change: dict) -> dict:
        answer = client.post(at(draft), given | change | {"seen": seen(client, at(draft))})
        assert answer.status_code == 302
        return stored(draft).channels

    assert save({}) == MESSAGE
    longer = "x" * 25_000
    assert save({"block-0-text": longer})["email"] == MESSAGE["email"] | {"message": longer}
    own = save({"message": "Plain."})["email"]
    assert (own["message"], own["blocks"]) == ("Plain.", [{"type": "text", "text": "Come in."}])
    # Of blocks by now, and one block stays one.
    assert save({"message": ""})["email"]["blocks"] == own["blocks"]


def test_message_that_gets_a_second_block_is_made_of_blocks(sign_in, shop):
    draft = make(shop, channels=MESSAGE, campaign_type="email", variations=())
    client = sign_in()
    rows = {"block-0-type": "text", "block-0-text": "Come in.", "block-1-type": "divider"}

    given = {"subject": "Hi", "do": "save", "seen": seen(client, at(draft))}
    client.post(at(draft), given | rows)

    assert [each["type"] for each in stored(draft).channels["email"]["blocks"]] == [
        "text",
        "divider",
    ]


@pytest.mark.parametrize("text", ["x" * 100_001, "{{ nobody }}", "", " "])
def test_what_is_wrong_in_a_message_stands_where_it_was_typed(sign_in, shop, text):
    draft = make(shop, channels=MESSAGE, campaign_type="email", variations=())
    client = sign_in()
    rows = {"block-0-type": "text", "block-0-text": text}

    answer = client.post(at(draft), {"subject": "Hi", "do": "check"} | rows)

    assert answer.status_code == 400
    assert [anchor for anchor, _ in answer.context["problems"]] == ["id_block-0-text"]
    assert not answer.context["form"].errors
