"""What an owner writes as blocks, HTML and variations: checked when saved, sent as he wrote it."""

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from barbershop.tests.api import token_client
from campaigns import content, execution
from campaigns.admin import forms
from campaigns.content import ContentError
from campaigns.models import CampaignVariant
from campaigns.tests.factories import DefinitionFactory
from communications import rendering
from communications.models import MessageContent
from communications.tests.drafted import row
from customers.tests.factories import CustomerFactory, SegmentFactory

PERSONAL = {"personalization": True}
HI = "Hi {{ customer_first_name }}"
BLOCKS = [
    {"type": "text", "text": HI},
    {"type": "offer"},
    {"type": "button", "label": "Book", "url": "https://a.example/x"},
]
SPANISH = {
    "name": "Spanish",
    "criteria": {"language": "es"},
    "channels": {"email": {"subject": "Hola", "message": "Hola {{ customer_first_name }}"}},
}


@pytest.fixture
def rival_segment():
    return SegmentFactory()


def email(**more):
    return {"email": {"subject": "Hello", **more}}


def wrong(raw):
    with pytest.raises(ContentError) as refused:
        content.parse(raw, campaign_type="email")
    return refused.value.fields


@pytest.mark.parametrize("body", [{"blocks": BLOCKS}, {"html": f"<p>{HI}</p>"}])
def test_the_message_is_made_from_blocks_or_html_and_stored_only_where_it_was_given(body):
    derived = content.parse(email(**body), campaign_type="email")
    given = content.parse(email(message="Mine", **body), campaign_type="email")

    assert derived["email"].message.startswith(HI)
    assert content.as_json(derived) == email(message="", personalization=True, **body)
    assert content.parse(content.as_json(derived), campaign_type="email") == derived
    assert content.as_json(given) == email(message="Mine", personalization=True, **body)


def test_the_fields_that_a_condition_asks_for_are_used_but_not_needed():
    part = content.parse(email(blocks=BLOCKS), campaign_type="email")["email"]

    assert part.merge_fields == {
        "customer_first_name",
        "offer_in_words",
        "offer_code",
        "offer_expires_on",
    }
    assert part.needed_fields == {"customer_first_name"}


@pytest.mark.parametrize(
    ("raw", "path", "said"),
    [
        (email(blocks=[{"type": "txt"}]), "blocks.0.type", "Unknown type. Did you mean text?"),
        (
            email(blocks=[{"type": "text", "text": "{{ x.y }}"}]),
            "blocks.0.text",
            "{{ x.y }} is not",
        ),
        (
            email(blocks=[{"type": "text", "text": "{% if visit_count %}x{% endif %}" * 10}] * 11),
            "blocks",
            "There are 220 tags such as {% if %}, {% when %} and {% endif %}; 200 are the most",
        ),
        (
            email(blocks=[{"type": "text", "text": "x" * 10_001}] * 10),
            "blocks",
            "At most 100,000 characters in all blocks; there are 100,010.",
        ),
        (email(blocks={}), "message", "This field is required."),
        (email(blocks=BLOCKS, html="<p>x</p>"), "html", "An email has blocks or html, not both."),
        (email(html="<p class='{{ shop_name }}'>x</p>"), "html", "{{ shop_name }} stands where"),
        (email(html="<script>x</script>"), "html", "Nothing is left of this"),
        (email(html="<p>{{ shop_nam }}</p>"), "html", "{{ shop_nam }} is not a merge field."),
        (email(message="x", preheader="a\nb"), "preheader", "May not contain a line break."),
        (email(message="{% if x %}", personalization=True), "message", "{% if %} is not closed"),
        (
            email(html=f"<p>{HI}</p>", personalization=False),
            "html",
            "Personalization is off, but {{ customer_first_name }}",
        ),
        (
            email(message="{% if 1 == 1 %}x{% endif %}", personalization=False),
            "message",
            "Personalization is off, but there is a condition",
        ),
    ],
)
def test_wrong_content_is_refused_at_its_place(raw, path, said):
    ((found_path, (found,)),) = wrong(raw).items()

    assert (found_path, found[: len(said)]) == (f"channels.email.{path}", said)


def test_a_variation_is_read_and_stored_and_may_leave_out_a_channel():
    found = content.parse_variations([SPANISH], campaign_type="multi")

    assert [each.name for each in found] == ["Spanish"]
    assert list(found[0].channels) == ["email"]
    stored = content.variations_as_json(found)
    assert content.parse_variations(stored, campaign_type="multi") == found


@pytest.mark.parametrize(
    ("raw", "paths"),
    [
        ({}, ["variations"]),
        ([7], ["variations.0"]),
        ([{**SPANISH, "nam": 1}], ["variations.0.nam"]),
        ([{**SPANISH, "name": " "}], ["variations.0.name"]),
        ([{**SPANISH, "name": "x" * 41}], ["variations.0.name"]),
        ([SPANISH, SPANISH], ["variations.1.name"]),
        ([{**SPANISH, "criteria": {}}], ["variations.0.criteria"]),
        ([{**SPANISH, "criteria": {"langage": "es"}}], ["variations.0.criteria"]),
        ([{**SPANISH, "channels": {}}], ["variations.0.channels"]),
        ([{**SPANISH, "channels": {"sms": {"message": "x"}}}], ["variations.0.channels.sms"]),
        (
            [{**SPANISH, "channels": {"email": {"subject": "x", "message": "{{ x }}"}}}],
            ["variations.0.channels.email.message"],
        ),
    ],
)
def test_a_wrong_variation_is_refused_at_its_place(raw, paths):
    with pytest.raises(ContentError) as refused:
        content.parse_variations(raw, campaign_type="email")

    assert list(refused.value.fields) == paths


@pytest.mark.django_db
def test_a_start_stores_every_wording_with_the_branding_of_that_moment():
    definition = DefinitionFactory(campaign_type="email")
    CustomerFactory(shop=definition.shop, email="sam@example.test")
    definition.variants.all().delete()
    CampaignVariant.objects.create(
        shop=definition.shop,
        definition=definition,
        channels=email(blocks=BLOCKS[::2], preheader="Soon"),
        variations=[SPANISH],
    )

    run = execution.start(definition, now=timezone.now())

    own, spanish = MessageContent.objects.filter(dispatch=run.dispatch).order_by("variation")
    assert (own.variation, spanish.variation) == ("", "Spanish")
    assert own.text == f"{HI}\n\nBook: https://a.example/x"
    assert "Hi {{ customer_first_name }}" in own.html
    assert definition.shop.brand_color in own.html
    assert [link.target for link in own.links.all()] == ["https://a.example/x"]
    assert spanish.text == "Hola {{ customer_first_name }}"
    assert '<html lang="es">' in spanish.html


@pytest.mark.django_db
def test_a_preheader_alone_stands_before_a_plain_message_and_nowhere_in_its_text():
    part = content.parse(email(message=HI, preheader="Soon"), campaign_type="email")["email"]
    shop = DefinitionFactory().shop

    made = rendering.draft(shop=shop, channel="email", kind="marketing", content=part)

    sent = rendering.render_email(made, {**row("Sam"), "customer_id": None})
    assert ">Soon</div>" in sent.html
    assert "Soon" not in sent.text


@pytest.mark.django_db
def test_the_api_takes_and_shows_variations_and_refuses_other_shops_segments(rival_segment):
    shop = DefinitionFactory().shop
    client = token_client(shop)
    body = {
        "campaign_name": "Autumn",
        "campaign_type": "email",
        "channels": email(blocks=BLOCKS),
        "variations": [SPANISH],
    }

    made = client.post("/api/campaigns/", body)

    assert made.status_code == 201, made.content
    stored = [{**SPANISH, "channels": {"email": {**SPANISH["channels"]["email"], **PERSONAL}}}]
    assert made.json()["variations"] == stored
    assert made.json()["channels"] == email(message="", blocks=BLOCKS, **PERSONAL)
    path = f"/api/campaigns/{made.json()['id']}/"
    assert client.patch(path, {"campaign_name": "Winter"}).json()["variations"] == stored
    assert client.patch(path, {"variations": []}).json()["variations"] == []
    wrong = [{**SPANISH, "criteria": {"in_segment": [rival_segment.pk]}}]
    refused = client.patch(path, {"variations": wrong})
    assert refused.status_code == 400
    assert list(refused.json()["error"]["fields"]) == ["variations.0.criteria"]


@pytest.mark.django_db
def test_admin_reads_variations_by_the_same_rules(rival_segment):
    shop = DefinitionFactory().shop
    stored = forms.valid_variations([SPANISH], campaign_type="email", shop=shop)

    assert forms.valid_variations(stored, campaign_type="email", shop=shop) == stored
    wrong = [{**SPANISH, "criteria": {"in_segment": [rival_segment.pk]}}]
    with pytest.raises(ValidationError) as refused:
        forms.valid_variations(wrong, campaign_type="email", shop=shop)
    assert refused.value.messages[0].startswith("variations.0.criteria: ")
