"""What ready texts say with each kind of offer, and how many parts they are, at their longest."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings

from campaigns import content, offers, template_shows
from campaigns.library import BLUEPRINTS
from communications import offer_words, rendering, sms_segments
from communications.tests.drafted import row
from communications.tests.drafted import shop as drafted_shop
from communications.visit_facts import Reader

STEPS = [
    pytest.param(blueprint, step, id=f"{blueprint.key}-{position}")
    for blueprint in BLUEPRINTS.values()
    for position, step in enumerate(blueprint.steps)
]
OFFERS = {
    "percentage": "percent 20",
    "amount": "amount 500 USD",
    "service": "service Beard trim",
}
LONG_SHOP = "North Street Barbers"  # 20 characters
ENDS = re.compile(r"(?<=[.!?]) ")


@pytest.fixture
def public_site(settings):
    """Of 27 characters: a tracked link has 86 with it."""
    settings.PUBLIC_BASE_URL = "https://barbers.example.com"


def wordings_of(step) -> list[tuple[str, dict[str, content.ChannelContent]]]:
    """(language, what each channel says) for everybody and for each variation."""
    kind = step.campaign_type
    others = content.parse_variations(list(step.variations), campaign_type=kind)
    return [
        ("en", content.parse(step.channels, campaign_type=kind)),
        *((content.language_of(each.criteria) or "en", each.channels) for each in others),
    ]


def texts_of(step) -> list[tuple[str, content.ChannelContent]]:
    """(language, text message) of each wording that has one."""
    return [(language, parts["sms"]) for language, parts in wordings_of(step) if "sms" in parts]


def values_of(words: str) -> dict[str, str]:
    return {
        "offer_in_words": words,
        "offer_code": template_shows.EXAMPLE_CODE,
        "offer_expires_on": "2026-09-30",
        "referral_link": offers.referral_link(1, 1),
    }


def long_row(words: str, *, language: str) -> dict:
    """Of somebody with a first name of 10 characters, whose barber's has 8."""
    return row(
        "Bartholome",
        values=values_of(words),
        customer__language=language,
        customer__preferred_barber__first_name="Leonardo",
        customer__preferred_barber_id=None,
        fact_visit_count=25,
    )


def drawn(channel: str, said: content.ChannelContent) -> rendering.Prepared:
    shop = drafted_shop(name=LONG_SHOP, review_url="https://review.example.test/")
    return rendering.draft(shop=shop, channel=channel, kind="marketing", content=said)


def sent_as(said: content.ChannelContent, words: str, *, language: str) -> str:
    return rendering.render_sms(drawn("sms", said), long_row(words, language=language))


def units_of(said: content.ChannelContent, language: str) -> str:
    """Characters and parts, as the manual writes them."""
    counted = sms_segments.count(sent_as(said, OFFERS["percentage"], language=language))
    return f"{counted.units} | {counted.segments}"


def said_of_offer(offer: str, language: str) -> str:
    return offer_words.in_words(
        OFFERS[offer], {"customer__language": language}, Reader(drafted_shop())
    )


def subject_as(subject: str, words: str, *, language: str) -> str:
    said = SimpleNamespace(subject=subject, preheader="", blocks=(), html="", message="x")
    return rendering.render_email(drawn("email", said), long_row(words, language=language)).subject


def readings_of(step, offer: str) -> list[tuple[str, str]]:
    """(language, words) of all that says something of an offer outside its block."""
    words, read = OFFERS[offer], []
    for language, parts in wordings_of(step):
        if "sms" in parts:
            read.append((language, sent_as(parts["sms"], words, language=language)))
        email = parts["email"]
        texts = [block["text"] for block in email.blocks if "text" in block]
        for text in (email.subject, email.preheader, *texts):
            if "offer_" in text:
                read.append((language, subject_as(text, words, language=language)))
    return read


@pytest.mark.parametrize(("blueprint", "step"), STEPS)
def test_every_english_text_is_one_part_at_a_shop_with_a_long_name(blueprint, step, public_site):
    for language, message in texts_of(step):
        if language == "en":
            sent = sent_as(message, OFFERS["percentage"], language=language)
            counted = sms_segments.count(sent)
            assert (counted.segments, counted.culprits) == (1, ()), (counted.units, sent)
            assert sent.count(LONG_SHOP) == 1
            assert sent.count(" Reply STOP to end") == 1


def test_figures_of_the_manual_are_those_of_the_longest_values(public_site):
    manual = (Path(settings.BASE_DIR) / "docs/templates.md").read_text()
    said = {
        f"| {blueprint.key} | {step.name} | {language} | {units_of(message, language)} |"
        for blueprint in BLUEPRINTS.values()
        for step in blueprint.steps
        for language, message in texts_of(step)
    }

    assert said - set(manual.splitlines()) == set()


@pytest.mark.parametrize("language", ["en", "es", "fr"])
@pytest.mark.parametrize("worth", ["percent 20", "amount 1050 EUR", "amount 500 JPY", "service X"])
def test_phrase_of_an_offer_takes_nothing_from_what_a_part_holds(worth, language):
    _, said = texts_of(BLUEPRINTS["vip"].steps[0])[0]

    counted = sms_segments.count(sent_as(said, worth, language=language))

    assert (counted.encoding, counted.culprits) == ("GSM-7", ())


@pytest.mark.parametrize("offer", OFFERS)
@pytest.mark.parametrize(("blueprint", "step"), STEPS)
def test_no_wording_says_off_twice_or_off_a_service(blueprint, step, offer):
    phrases = {language: said_of_offer(offer, language) for language in ("en", "es")}

    for language, read in readings_of(step, offer):
        for bad in ("off off", "off on ", "off your", "off the", "trim off", "get Free"):
            assert bad not in read, read
        stands = [sentence for sentence in ENDS.split(read) if phrases[language] in sentence]
        for sentence in stands:  # the phrase begins a sentence, or what a colon announces
            assert re.search(r"(^|: |\n)" + re.escape(phrases[language]), sentence), sentence


def test_library_leaves_the_bare_worth_to_owners():
    for blueprint in BLUEPRINTS.values():
        for step in blueprint.steps:
            for _, parts in wordings_of(step):
                assert [p for p in parts.values() if "offer_discount" in p.merge_fields] == []


@pytest.mark.parametrize(
    ("offer", "preheader", "message"),
    [
        (
            "percentage",
            "20% off, for our regulars alone.",
            "20% off until Sep 30 with 7K2Q9A: ",
        ),
        (
            "amount",
            "$5 off, for our regulars alone.",
            "$5 off until Sep 30 with 7K2Q9A: ",
        ),
        (
            "service",
            "Free Beard trim, for our regulars alone.",
            "Free Beard trim until Sep 30 with 7K2Q9A: ",
        ),
    ],
)
def test_vip_reads_well_with_each_kind_of_offer(offer, preheader, message):
    _, said = wordings_of(BLUEPRINTS["vip"].steps[0])[0]

    text = sent_as(said["sms"], OFFERS[offer], language="en")

    assert text.startswith(f"{LONG_SHOP}: {message}http")
    assert subject_as(said["email"].preheader, OFFERS[offer], language="en") == preheader
