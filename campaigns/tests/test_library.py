import pytest

from campaigns import content
from campaigns.library import BLUEPRINTS
from campaigns.models import CampaignDefinition
from campaigns.offers import OFFER_FIELDS
from customers import criteria

STEPS = [
    pytest.param(blueprint, step, id=f"{blueprint.key}-{position}")
    for blueprint in BLUEPRINTS.values()
    for position, step in enumerate(blueprint.steps)
]


def test_library_has_the_five_kinds():
    assert list(BLUEPRINTS) == ["welcome", "birthday", "win_back", "vip", "referral"]


def test_welcome_series_has_three_emails_and_a_text():
    steps = BLUEPRINTS["welcome"].steps

    assert [step.delay_days for step in steps] == [0, 3, 7]
    assert [sorted(step.channels) for step in steps] == [["email", "sms"], ["email"], ["email"]]


@pytest.mark.parametrize(("blueprint", "step"), STEPS)
def test_blueprint_is_content_that_a_campaign_accepts(blueprint, step):
    parts = content.parse(step.channels, campaign_type=step.campaign_type)

    assert parts
    assert blueprint.category in CampaignDefinition.Category.values
    criteria.parse(blueprint.criteria)


@pytest.mark.parametrize(("blueprint", "step"), STEPS)
def test_blueprint_that_speaks_of_an_offer_brings_one(blueprint, step):
    parts = content.parse(step.channels, campaign_type=step.campaign_type)
    used = frozenset().union(*(part.merge_fields for part in parts.values())) & OFFER_FIELDS

    assert used <= {"offer_discount", "offer_expires_on"}
    assert not used or (blueprint.discount_percent and blueprint.valid_days)


def test_every_text_names_the_shop_and_says_how_to_stop():
    steps = [step for blueprint in BLUEPRINTS.values() for step in blueprint.steps]
    texts = [step.channels["sms"]["message"] for step in steps if "sms" in step.channels]

    assert len(texts) == 6
    assert [text for text in texts if "{{ shop_name }}" not in text] == []
    assert [text for text in texts if "Reply STOP" not in text] == []
