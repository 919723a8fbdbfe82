"""The preview: what is shown is what the provider then gets."""

import re

import pytest
from django.utils import timezone

from barbershop.tests.factories import ShopFactory
from campaigns import as_received, execution
from campaigns.models import CampaignVariant
from campaigns.tests.factories import DefinitionFactory
from communications import delivery
from customers.models import Customer
from customers.tests.consents import opt_in
from customers.tests.factories import AppointmentFactory, CustomerFactory

BLOCKS = [
    {"type": "heading", "text": "Hello {{ customer_first_name }} <3"},
    {
        "type": "text",
        "text": "{% if visit_count > 1 %}Visit {{ visit_count }} was {{ last_visit_on | date: "
        '"%B %-d" }}{% else %}See you soon{% endif %} & more at https://a.example.test/?q=1',
    },
    {"type": "button", "label": "Book", "url": "{{ booking_link }}"},
]
CHANNELS = {
    "email": {
        "subject": "{{ customer_first_name | default: 'friend' }}, come in",
        "preheader": "For {{ customer_last_name | upcase }}",
        "message": "Hi {{ customer_first_name }}, book: {{ booking_link }}",
        "blocks": BLOCKS,
    },
    "sms": {
        "message": "Hi {{ customer_first_name | default: 'you' }}{% if visit_count > 1 %}, "
        "{{ visit_count }} times here{% endif %}: {{ booking_link }}"
    },
}
TOKEN = re.compile(r"(https://shop\.example\.test/[cu]/|unsubscribe\+)[\w-]+")


def without_tokens(found):
    return TOKEN.sub(r"\1…", found)


@pytest.fixture
def shop(db):
    return ShopFactory(name="Corner <Cuts> & Co", website_url="https://www.example.test/")


@pytest.fixture
def definition(shop):
    return DefinitionFactory(shop=shop, campaign_type="multi", channels=CHANNELS)


@pytest.mark.django_db(transaction=True)
def test_preview_is_byte_for_byte_what_the_provider_receives(shop, definition, providers):
    names = ["Zoë", "", "Łukasz \U0001f488", "<b>\"'&", "{{ shop_name }}"]
    people = [CustomerFactory(shop=shop, first_name=name) for name in names]
    AppointmentFactory.create_batch(2, customer=people[0])
    for person in people:
        opt_in(person, "sms")
    now = timezone.now()
    promised = {}
    for person in people:
        found = as_received.preview(definition, customer=person, now=now)
        assert (found.is_drawn, found.in_audience) == (True, True)
        for each in found.channels:
            assert each.will_receive
            promised[getattr(person, each.channel if each.channel == "email" else "phone")] = each

    execution.run(execution.start(definition).pk)
    delivery.send_due()

    lines = providers.accepted()
    assert len(lines) == 2 * len(people)
    for line in lines:
        each = promised[line["to"]]
        if line["provider"] == "twilio":
            assert without_tokens(each.text) == without_tokens(line["body"])
            assert (each.parts, each.cost_micros) == (line["segments"], line["price_micros"])
            continue
        assert each.subject == line["subject"]
        for kind in ("text", "html"):
            assert without_tokens(getattr(each, kind)) == without_tokens(line[kind])
        sent = {name: without_tokens(line["headers"][name]) for name in each.headers}
        assert {name: without_tokens(value) for name, value in each.headers.items()} == sent


def test_empty_values_are_named_with_what_stands_there(shop, definition):
    person = CustomerFactory(shop=shop, first_name="", last_name="")

    email, text = as_received.preview(definition, customer=person, now=timezone.now()).channels

    assert [(each.field, each.text) for each in email.fallbacks] == [
        ("customer_first_name", "friend"),
        ("customer_first_name", "there"),
        ("last_visit_on", ""),
    ]
    assert email.missing == ("customer_last_name",)
    assert [(each.field, each.text) for each in text.fallbacks] == [("customer_first_name", "you")]
    assert (email.preheader, email.subject) == ("For ", "friend, come in")
    assert [(link.url, bool(link.trouble)) for link in text.links] == [
        ("https://book.example.test/", True)
    ]


def test_text_names_the_characters_that_cost_money(shop, definition):
    person = CustomerFactory(shop=shop, first_name="Łukasz")

    _, text = as_received.preview(definition, customer=person, now=timezone.now()).channels

    assert (text.encoding, text.parts) == ("UCS-2", 3)
    assert [(each.character, each.instead) for each in text.culprits] == [("Ł", None)]
    assert text.reason == "no_consent"


def test_default_is_somebody_who_will_receive_it(shop, definition):
    CustomerFactory(shop=shop, email="", phone="")
    second = CustomerFactory(shop=shop)
    CustomerFactory()

    found = as_received.preview(definition, now=timezone.now())

    assert found.customer == second
    Customer.objects.for_shop(shop).delete()
    example = as_received.preview(definition, now=timezone.now())
    assert (example.customer, example.channels[0].subject) == (None, "Sam, come in")


@pytest.mark.django_db
def test_words_are_those_that_the_freeze_would_draw():
    # Who is drawn for what depends on the ids.
    shop = ShopFactory(pk=9001, name="Corner <Cuts> & Co")
    spanish = {
        "name": "Spanish",
        "criteria": {"language": "es"},
        "channels": {"sms": {"message": "Hola"}},
    }
    definition = DefinitionFactory(
        pk=9001, shop=shop, campaign_type="multi", channels=CHANNELS, holdout_percent=30
    )
    definition.variants.update(variations=[spanish])
    CampaignVariant.objects.create(
        shop=shop, definition=definition, label="B", channels=CHANNELS, variations=[spanish]
    )
    people = [CustomerFactory(pk=9001 + n, shop=shop) for n in range(14)]
    for person in people:
        opt_in(person, "sms")
    Customer.objects.filter(pk__in=[person.pk for person in people[::2]]).update(language="es")
    now = timezone.now()
    promised = {}
    for person in people:
        found = as_received.preview(definition, customer=person, now=now)
        shown = None if found.held_out else (found.variant, found.variation)
        promised[person.pk] = shown
        assert {each.reason for each in found.channels} == {"held_out" if found.held_out else ""}
    other = as_received.preview(definition, customer=people[0], arm=("B", "Spanish"), now=now)
    assert [each.text[:20] for each in other.channels][1] == "Corner <Cuts> & Co: "
    assert "Hola" in other.channels[1].text

    run = execution.start(definition)
    execution.run(run.pk)

    written = dict.fromkeys(promised)
    rows = run.dispatch.communications.filter(channel="sms")
    for pk, label, name in rows.values_list(
        "customer_id", "content__variant_label", "content__variation"
    ):
        written[pk] = (label, name)
    assert promised == written
    assert len(set(promised.values())) == 5  # two arms, each with a variation, and the held out


def test_who_is_not_meant_is_said(shop):
    definition = DefinitionFactory(shop=shop, target_criteria={"last_visit_days": {"min": 30}})
    person = CustomerFactory(shop=shop)

    found = as_received.preview(definition, customer=person, now=timezone.now())

    assert (found.in_audience, found.channels[0].reason) == (False, "not_matched")
    assert found.channels[0].will_receive is False


def test_link_completed_by_a_value_is_shown_as_he_reads_it_and_as_not_tracked(shop):
    url = "https://x.example.com/?n={{ customer_first_name }}"
    blocks = [
        {"type": "button", "label": "Book", "url": url},
        {"type": "button", "label": "Call", "url": "tel:+12125550100"},
        {"type": "text", "text": "{{ booking_link }}"},
    ]
    definition = DefinitionFactory(
        shop=shop, channels={"email": {"subject": "Hello", "blocks": blocks}}
    )
    person = CustomerFactory(shop=shop, first_name="Zo\u00eb")

    (email,) = as_received.preview(definition, customer=person, now=timezone.now()).channels

    assert [(each.url, bool(each.trouble), each.is_tracked) for each in email.links] == [
        ("https://book.example.test/", True, True),
        ("https://www.example.test/", True, True),
        ("https://x.example.com/?n=Zo%C3%AB", True, False),
        ("tel:+12125550100", False, False),
    ]


def test_block_that_vanishes_is_named_and_not_its_fields(shop):
    blocks = [{"type": "text", "text": "Hi"}, {"type": "openings", "count": 5}, {"type": "offer"}]
    definition = DefinitionFactory(
        shop=shop, channels={"email": {"subject": "Hello", "blocks": blocks}}
    )
    person = CustomerFactory(shop=shop)

    (email,) = as_received.preview(definition, customer=person, now=timezone.now()).channels

    assert email.left_out == (
        "the offer block: the campaign has no offer",
        "the openings block: no free times",
    )
    assert email.fallbacks == ()


def test_character_of_a_value_is_told_from_one_of_the_words(shop):
    definition = DefinitionFactory(
        shop=shop,
        campaign_type="sms",
        channels={"sms": {"message": "\u2603 {{ customer_first_name }}"}},
    )
    person = CustomerFactory(shop=shop, first_name="\u0141ukasz")

    (text,) = as_received.preview(definition, customer=person, now=timezone.now()).channels

    assert [(each.character, each.is_value) for each in text.culprits] == [
        ("\u2603", False),
        ("\u0141", True),
    ]
