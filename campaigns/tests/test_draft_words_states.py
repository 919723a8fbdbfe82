"""When the words of a draft may be changed, by whom, and what becomes of two who do it at once."""

import datetime as dt
from collections import Counter

import pytest
from django.utils import timezone

from barbershop.models import Membership
from barbershop.tests.at_once import at_once
from barbershop.tests.browser import database_in_a_file
from barbershop.tests.factories import ShopFactory
from campaigns import draft_words, planning
from campaigns.models import Automation, AutomationStep
from campaigns.refusals import Conflict
from campaigns.tests.drafts import (
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
from campaigns.tests.factories import ExecutionFactory

pytestmark = pytest.mark.django_db
Role = Membership.Role
HANDS = 4


@pytest.fixture
def draft(shop):
    return make(shop)


def test_later_save_does_not_silently_overwrite(sign_in, shop, draft):
    client = sign_in()
    begun = {"seen": seen(client, at(draft))}
    client.post(at(draft), FORM | begun | {"subject": "Hers"})

    answer = client.post(at(draft), FORM | begun | {"subject": "His"})

    assert (answer.status_code, wrong(answer)) == (409, ["__all__"])
    page = answer.content.decode()
    assert page.count("Somebody has changed these words since you opened them.") == 1
    assert page.count("What is saved now") == 1
    assert answer.context["wording"]["shown"][0].subject == "Hers"
    assert answer.context["form"]["subject"].value() == "His"
    assert (stored(draft).channels["email"]["subject"], edits(shop)) == ("Hers", 1)

    again = client.post(at(draft), FORM | {"subject": "His", "seen": answer.context["seen"]})
    assert again.status_code == 302
    assert stored(draft).channels["email"]["subject"] == "His"


def test_who_says_not_what_he_began_with_is_asked_again(sign_in, draft):
    client = sign_in()

    assert client.post(at(draft), FORM).status_code == 409
    assert client.post(at(draft), FORM | {"seen": "\x00" * 90}).status_code == 409
    assert stored(draft).channels == CHANNELS


def test_what_is_written_elsewhere_is_no_conflict(sign_in, draft):
    client = sign_in()
    spanish = f"{at(draft)}?arm=A/Spanish+/+M%C3%A9xico"
    marks = {address: seen(client, address) for address in (at(draft), spanish)}
    planning.edit(draft, fields={"name": "Spring again"})

    own = client.post(at(draft), FORM | {"seen": marks[at(draft)]})
    other = client.post(spanish, {"sms": "¡Mayo!", "do": "save", "seen": marks[spanish]})

    assert (own.status_code, other.status_code) == (302, 302)
    assert other.url == f"/campaigns/{draft.pk}/preview/?arm=A%2FSpanish+%2F+M%C3%A9xico"
    found = stored(draft)
    assert found.channels["sms"]["message"] == FORM["sms"]
    assert [each["channels"] for each in found.variations] == [
        {"sms": {"message": "¡Mayo!", "personalization": True}},
        FRENCH["channels"],
    ]
    assert found.variations[0]["criteria"] == SPANISH["criteria"]


def test_typed_html_is_kept_when_the_email_was_made_anew_of_blocks(sign_in, shop):
    html = {"email": {"subject": "Hi", "html": "<p>Hello</p>"}}
    draft = make(shop, channels=html, campaign_type="email", variations=())
    client = sign_in()
    begun = seen(client, at(draft))
    draft.variants.update(channels={"email": CHANNELS["email"]})

    answer = client.post(
        at(draft), {"subject": "Hi", "html": "<p>Mine</p>", "do": "save", "seen": begun}
    )

    assert answer.status_code == 409
    assert answer.context["form"]["html"].value() == "<p>Mine</p>"


def test_what_is_no_draft_says_why_and_what_to_do(sign_in, shop):
    soon = timezone.now() + dt.timedelta(days=1)
    scheduled = make(shop, status="scheduled", scheduled_for=soon)
    sent = make(shop, status="active")
    ExecutionFactory(definition=sent)
    archived, automated = make(shop, status="archived"), make(shop, status="active")
    rule = Automation.objects.create(shop=shop, kind="birthday", name="Birthday")
    AutomationStep.objects.create(shop=shop, automation=rule, position=0, definition=automated)
    client = sign_in()

    for draft, why, ways in (
        (scheduled, "It starts by itself", 1),
        (sent, "It has been started", 0),
        (archived, "It is archived", 0),
        (automated, "An automation runs it", 0),
    ):
        answer = client.get(at(draft))
        page = answer.content.decode()
        assert (answer.status_code, page.count(why), page.count("<textarea")) == (200, 1, 0)
        assert page.count("Take it off the schedule</button>") == ways
        assert page.count(f'href="/campaigns/{draft.pk}/clone/"') == 1
        mark = draft_words.everything(draft)[0].mark
        refused = client.post(at(draft), FORM | {"seen": mark})
        assert (refused.status_code, wrong(refused)) == (409, ["__all__"])
        assert why in refused.content.decode()
        assert refused.context["form"]["sms"].value() == FORM["sms"]
        assert stored(draft).channels == CHANNELS
    assert edits(shop) == 0


def test_scheduled_one_is_taken_back_and_then_changed(sign_in, shop):
    soon = timezone.now() + dt.timedelta(days=1)
    draft = make(shop, status="scheduled", scheduled_for=soon)
    client = sign_in()

    answer = client.post(f"{at(draft)}take-back/", follow=True)

    draft.refresh_from_db()
    assert (draft.status, draft.trigger, draft.scheduled_for) == ("draft", "manual", None)
    assert "Off the schedule: “Spring” is a draft" in answer.content.decode()
    assert client.post(at(draft), FORM | {"seen": answer.context["seen"]}).status_code == 302
    assert edits(shop) == 2


def test_what_is_not_scheduled_is_not_taken_back(sign_in, shop, draft):
    sent = make(shop, status="active")
    ExecutionFactory(definition=sent)
    client = sign_in()

    answer = client.post(f"{at(sent)}take-back/", follow=True)
    client.post(f"{at(draft)}take-back/")

    sent.refresh_from_db()
    assert (sent.status, edits(shop)) == ("active", 0)
    assert "It has been started" in answer.content.decode()


def test_pages_of_a_draft_lead_there_for_those_who_may_write(sign_in, shop, draft):
    sent = make(shop, status="active")
    soon = timezone.now() + dt.timedelta(days=1)
    later = make(shop, status="scheduled", scheduled_for=soon)
    own, preview = f"/campaigns/{draft.pk}/", f"/campaigns/{draft.pk}/preview/"
    client = sign_in()
    assert client.get(own).content.decode().count(f'href="{at(draft)}"') == 1
    for arm, link in (("A/", "A/"), ("A/Spanish / México", "A/Spanish%20%2F%20M%C3%A9xico")):
        page = client.get(preview, {"arm": arm}).content.decode()
        assert page.count(f'href="{at(draft)}?arm={link}"') == 1
        tabs = client.get(f"{at(draft)}?arm={link}").context["tabs"]
        chosen = [tab["label"] for tab in tabs if tab["current"]]
        assert chosen == [arm.removeprefix("A/") or "For everybody"]
    assert client.get(f"/campaigns/{later.pk}/").content.decode().count(at(later)) == 1
    for page in (f"/campaigns/{sent.pk}/", f"/campaigns/{sent.pk}/preview/"):
        assert "/words/" not in client.get(page).content.decode()

    reader = sign_in(Role.READ_ONLY)
    for page in (own, preview):
        assert "/words/" not in reader.get(page).content.decode()


def test_who_only_looks_or_is_of_another_shop_changes_nothing(sign_in, shop, draft):
    theirs = make(ShopFactory(), status="scheduled", scheduled_for=timezone.now())
    mine = make(shop, status="scheduled", scheduled_for=timezone.now())
    marks = {each: draft_words.everything(each)[0].mark for each in (theirs, draft)}
    reader = sign_in(Role.READ_ONLY)
    assert reader.get(at(draft)).status_code == 403
    assert reader.post(at(draft), FORM | {"seen": marks[draft]}).status_code == 403
    assert reader.post(f"{at(mine)}take-back/").status_code == 403

    client = sign_in()
    assert client.get(at(theirs)).status_code == 404
    assert client.post(at(theirs), FORM | {"seen": marks[theirs]}).status_code == 404
    assert client.post(f"{at(theirs)}take-back/").status_code == 404
    assert client.get(f"{at(mine)}take-back/").status_code == 405
    for arm in ("B/", "A/Nobody", "", "\x00"):
        answer = client.get(at(draft), {"arm": arm}, follow=True)
        assert answer.redirect_chain == [(at(draft), 302)]
        assert answer.content.decode().count("Those words were renamed or taken out") == 1
    theirs.refresh_from_db()
    mine.refresh_from_db()
    assert (theirs.status, mine.status) == ("scheduled", "scheduled")
    assert (stored(theirs).channels, stored(draft).channels) == (CHANNELS, CHANNELS)


@pytest.mark.django_db(transaction=True)
def test_of_several_who_save_at_once_one_writes_and_the_others_are_told(tmp_path):
    with database_in_a_file(tmp_path):
        (words,) = draft_words.everything(make(ShopFactory(), variations=()))

        def save(number: int) -> str:
            said = CHANNELS | {"sms": {"message": f"Number {number}"}}
            try:
                draft_words.save(words, channels=said, seen=words.mark)
            except Conflict as conflict:
                return conflict.code
            return "saved"

        answers = at_once(HANDS, save)

        assert Counter(answers) == {"saved": 1, draft_words.CHANGED: HANDS - 1}
        winner = answers.index("saved")
        assert stored(words.definition).channels["sms"]["message"] == f"Number {winner}"
        assert edits(words.definition.shop) == 1
