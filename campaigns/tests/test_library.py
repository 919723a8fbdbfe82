"""Every ready text through the parser, the renderer and the counter that campaigns use."""

import datetime as dt

import pytest

from barbershop.tests.factories import ShopFactory
from campaigns import content, shelf, template_shows, template_versions
from campaigns.library import BLUEPRINTS
from campaigns.models import CampaignDefinition
from campaigns.offers import OFFER_FIELDS
from communications import rendering
from communications.languages import UNSUBSCRIBE
from communications.tests.drafted import shop as drafted_shop
from customers import criteria
from customers.models import Customer
from customers.tests.factories import AppointmentFactory, CustomerFactory

NOW = dt.datetime(2026, 11, 22, 15, tzinfo=dt.UTC)
STEPS = [
    pytest.param(blueprint, step, id=f"{blueprint.key}-{position}")
    for blueprint in BLUEPRINTS.values()
    for position, step in enumerate(blueprint.steps)
]


def wordings_of(step) -> list[dict]:
    """The parsed channels of everybody's words and of each variation."""
    kind = step.campaign_type
    others = content.parse_variations(list(step.variations), campaign_type=kind)
    return [content.parse(step.channels, campaign_type=kind), *(o.channels for o in others)]


def shown(blueprint, index) -> list[template_shows.Wording]:
    said = template_versions.of_blueprint(blueprint, step=index)
    shop = drafted_shop(name="Corner Cuts", review_url="https://review.example.test/")
    return template_shows.wordings(said, shop=shop, now=NOW)


def test_library_has_ten_kinds_each_of_a_known_category():
    assert list(BLUEPRINTS) == [
        "welcome",
        "birthday",
        "win_back",
        "vip",
        "referral",
        "milestone",
        "rebook",
        "review",
        "fill_a_chair",
        "seasonal",
    ]
    categories = {blueprint.category for blueprint in BLUEPRINTS.values()}
    assert categories - set(CampaignDefinition.Category.values) == set()


def test_welcome_series_has_three_emails_and_a_text():
    steps = BLUEPRINTS["welcome"].steps

    assert [step.delay_days for step in steps] == [0, 3, 7]
    assert [sorted(step.channels) for step in steps] == [["email", "sms"], ["email"], ["email"]]


@pytest.mark.parametrize(("blueprint", "step"), STEPS)
def test_every_message_is_an_email_of_blocks_that_a_campaign_accepts(blueprint, step):
    criteria.parse(blueprint.criteria)

    for parts in wordings_of(step):
        assert set(parts) <= set(step.channels)
        assert parts["email"].blocks
        assert parts["email"].is_derived


@pytest.mark.parametrize(("blueprint", "step"), STEPS)
def test_blueprint_that_speaks_of_an_offer_brings_one(blueprint, step):
    fields = (part.merge_fields for parts in wordings_of(step) for part in parts.values())
    used = frozenset().union(*fields) & OFFER_FIELDS

    assert not used or (blueprint.discount_percent and blueprint.valid_days)


@pytest.mark.parametrize("key", BLUEPRINTS)
def test_every_message_reads_without_a_gap_and_is_lawful(key):
    blueprint = BLUEPRINTS[key]

    for index in range(len(blueprint.steps)):
        for wording in shown(blueprint, index):
            for each in wording.shown:
                read = each.subject + each.preheader + each.text + each.html
                assert [braces for braces in ("{{", "{%", "}}") if braces in read] == []
                assert each.text.count("Corner Cuts") >= 1
                if each.channel == "sms":
                    assert each.text.count("STOP") == 1
                else:
                    word = UNSUBSCRIBE["es" if wording.name == "Spanish" else "en"]
                    assert each.text.count(f"{word}: ") == 1
                    assert "1 Main Street, Springfield" in each.html


def test_sample_of_a_milestone_is_one_that_it_is_for():
    (wording,) = shown(BLUEPRINTS["milestone"], 0)
    email, text = wording.shown

    assert email.subject == "That was visit number 10!"
    assert email.text.count("ten visits make you one of our regulars.") == 1
    assert text.text.startswith("Corner Cuts: visit number 10, Sam, thank you! 20% off until ")


def test_words_of_a_season_are_chosen_by_the_month_and_spanish_by_the_language():
    seasons = BLUEPRINTS["seasonal"].steps[0].variations
    spanish = [
        blueprint.key
        for blueprint in BLUEPRINTS.values()
        for step in blueprint.steps
        for each in step.variations
        if each["criteria"] == {"language": "es"}
    ]

    months = [each["criteria"]["sent_in_month"] for each in seasons]
    assert months == [[11, 12], [6, 7, 8], [9]]
    assert spanish == ["welcome", "birthday", "win_back"]


@pytest.mark.django_db
def test_rebooking_leaves_out_the_days_of_whom_never_came():
    (step,) = BLUEPRINTS["rebook"].steps
    shop = ShopFactory()
    came, never = CustomerFactory(shop=shop), CustomerFactory(shop=shop)
    AppointmentFactory(customer=came, starts_at=NOW - dt.timedelta(days=33), status="completed")
    email = wordings_of(step)[0]["email"]
    prepared = rendering.draft(shop=shop, channel="email", kind="marketing", content=email)

    people = Customer.objects.for_shop(shop).order_by("pk")
    rows = list(rendering.rows([prepared], people, now=NOW))

    assert [row["customer_id"] for row in rows] == [came.pk, never.pk]
    texts = [rendering.render_email(prepared, row).text for row in rows]
    assert ["your last visit was 33 days ago" in text for text in texts] == [True, False]
    assert [text.count("days ago") for text in texts] == [1, 0]
    assert f"Hi {never.first_name},\n\nYour barber has a few times free:" in texts[1]


def test_library_says_what_the_shop_has_to_enter_first():
    found = {key: shelf.needs(blueprint) for key, blueprint in BLUEPRINTS.items()}

    assert found.pop("review") == ["review_url"]
    assert found.pop("referral") == []
    assert set(map(tuple, found.values())) == {("booking_url",)}
    bare = drafted_shop(booking_url="", review_url="")
    assert shelf.missing(["review_url"], shop=bare) == [
        "Enter your review link first: its button leads nowhere yet."
    ]
    assert shelf.missing(["booking_url"], shop=drafted_shop()) == []
