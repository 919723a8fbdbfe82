"""The words that a program writes are those that it reads: of the first arm, whatever its name."""

import pytest

from campaigns.models import CampaignVariant
from campaigns.tests.drafts import CHANNELS, SPANISH, at, make, seen

pytestmark = pytest.mark.django_db
NEW = {"email": CHANNELS["email"], "sms": {"message": "May!"}}


def texts(draft) -> list[tuple[str, str]]:
    rows = draft.variants.order_by("label")
    return [(each.label, each.channels["sms"]["message"]) for each in rows]


def renamed(draft, old: str, new: str) -> None:
    CampaignVariant.objects.filter(definition=draft, label=old).update(label=new)


@pytest.mark.parametrize("others", [(), ("C",)])
def test_new_words_are_written_into_the_first_arm_and_add_none(api, shop, others):
    draft = make(shop, arms=("A", *others), variations=())
    renamed(draft, "A", "B")
    draft.variants.filter(label="B").update(weight=3)
    before = CHANNELS["sms"]["message"]

    answer = api.patch(f"/api/campaigns/{draft.pk}", {"channels": NEW, "variations": [SPANISH]})

    assert answer.status_code == 200
    assert answer.json()["channels"]["sms"]["message"] == "May!"
    assert texts(draft) == [("B", "May!"), *((label, before) for label in others)]
    arm = draft.variants.get(label="B")
    assert (arm.weight, [each["name"] for each in arm.variations]) == (3, [SPANISH["name"]])


def test_new_variations_alone_leave_the_words_of_the_arm(api, shop):
    draft = make(shop, variations=())
    renamed(draft, "A", "B")

    api.patch(f"/api/campaigns/{draft.pk}", {"variations": [SPANISH]})

    assert texts(draft) == [("B", CHANNELS["sms"]["message"])]
    assert [each["name"] for each in draft.variants.get().variations] == [SPANISH["name"]]


def test_draft_that_says_nothing_gets_an_arm_of_its_own(api, shop):
    draft = make(shop, variations=())
    draft.variants.all().delete()

    api.patch(f"/api/campaigns/{draft.pk}", {"channels": NEW})

    assert texts(draft) == [("A", "May!")]


def test_page_writes_each_arm_whatever_its_name(sign_in, shop):
    draft = make(shop, arms=("A", "C"), variations=())
    renamed(draft, "A", "B")
    client = sign_in()
    form = {"subject": "May", "block-0-type": "text", "block-0-text": "Come.", "do": "save"}

    for label in "BC":
        page = f"{at(draft)}?arm={label}/"
        client.post(page, form | {"sms": f"To {label}", "seen": seen(client, page)})

    assert texts(draft) == [("B", "To B"), ("C", "To C")]
