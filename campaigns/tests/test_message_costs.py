"""What texts cost: the forecast is what is reserved, settled and billed, to the millionth."""

import random

import pytest
from django.db import connection
from django.db.models import Sum
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from barbershop.tests.factories import ShopFactory
from campaigns import execution, waterfall
from campaigns.models import CampaignVariant
from campaigns.tests.factories import DefinitionFactory, OfferFactory
from communications import delivery
from communications.models import Budget, MessagePrice
from customers.tests.consents import opt_in
from customers.tests.factories import AppointmentFactory, CustomerFactory

ALPHABET = "abcdefghijklmnopqrstuvwxyz éèñÅß€[]^~çáőŁžчא中\u2019…\U0001f488\U0001f44d\ufe0f"
TEXT = (
    "Hi {{ customer_first_name }} {{ customer_last_name | upcase }}, "
    "{% if visit_count > 1 %}thank you for {{ visit_count }} visits, {% endif %}"
    "{{ barber_first_name }} has a chair for you: {{ booking_link }} {{ offer_code }}"
)


@pytest.fixture
def shop(db):
    return ShopFactory(name="Corner Cuts")


def texted(shop, **fields):
    person = CustomerFactory(shop=shop, **fields)
    opt_in(person, "sms")
    return person


def campaign(shop, message, **fields):
    return DefinitionFactory(
        shop=shop, campaign_type="sms", channels={"sms": {"message": message}}, **fields
    )


def forecast(definition) -> waterfall.Waterfall:
    return waterfall.forecast(definition, now=timezone.now())


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seed", [1, 2])
def test_forecast_is_what_is_billed_settled_and_counted(shop, providers, seed):
    chance = random.Random(seed)

    def name() -> str:
        return "".join(chance.choices(ALPHABET, k=chance.randint(0, 40)))

    for _ in range(40):
        person = texted(shop, first_name=name().strip(), last_name=name().strip())
        AppointmentFactory.create_batch(chance.randint(0, 2), customer=person)
    definition = campaign(shop, TEXT, budget_micros=10**9, offer=OfferFactory(shop=shop))
    spanish = {
        "name": "B",
        "criteria": {"visit_count": {"min": 1}},
        "channels": {"sms": {"message": "{{ customer_last_name }} " * 4}},
    }
    CampaignVariant.objects.create(
        shop=shop,
        definition=definition,
        label="B",
        channels={"sms": {"message": "{{ customer_first_name }} " * 9}},
        variations=[spanish],
    )

    promised = forecast(definition)

    run = execution.start(definition)
    execution.run(run.pk)
    delivery.send_due()

    billed = providers.accepted()
    (texts,) = promised.channels
    assert len(billed) == texts.will_receive == promised.texts.texts == 40
    assert promised.texts.segments == sum(line["segments"] for line in billed)
    assert texts.cost_micros == sum(line["price_micros"] for line in billed)
    assert promised.texts.cost_micros == texts.cost_micros
    settled = Budget.objects.get(pk=run.dispatch.budget_id)
    assert (settled.spent_micros, settled.reserved_micros) == (texts.cost_micros, 0)
    ledger = run.dispatch.communications.aggregate(cost=Sum("cost_micros"))
    assert ledger["cost"] == texts.cost_micros
    assert len(promised.texts.by_parts) > 2


def test_culprit_is_named_with_the_field_that_it_came_from(shop):
    for first in ["Łukasz"] * 2 + ["Łucja", "Sam", "Zoë"]:
        texted(shop, first_name=first)
    definition = campaign(shop, "Hi {{ customer_first_name }}, " + "x" * 60)

    found = forecast(definition).texts

    assert (found.texts, found.segments, found.by_parts) == (5, 9, {"1": 1, "2": 4})
    first, second = found.culprits
    assert first.sentence == "the Ł in a first name turns 3 texts into 2 parts"
    assert [(each.character, each.field, each.instead) for each in first.replacements] == [
        ("Ł", "customer_first_name", None)
    ]
    assert first.examples == ("Łukasz", "Łucja")
    assert (first.extra_parts, first.saving_micros) == (3, 0)
    assert second.sentence == "the ë in a first name turns 1 text into 2 parts"
    assert found.saving_micros == 0  # nobody can be called otherwise


def test_character_of_the_words_themselves_is_named_as_theirs(shop):
    texted(shop, first_name="Łukasz")
    definition = campaign(shop, "It\u2019s time, {{ customer_first_name }} " + "x" * 60)

    (found,) = forecast(definition).texts.culprits

    assert (
        found.sentence
        == "the \u2019 in the words and the Ł in a first name turn 1 text into 2 parts"
    )
    assert [each.instead for each in found.replacements] == ["'", None]


def test_character_without_a_stand_in_saves_nothing(shop):
    texted(shop, first_name="Юрий")
    definition = campaign(shop, "Hi {{ customer_first_name }} " + "x" * 60)

    (found,) = forecast(definition).texts.culprits

    assert (found.extra_parts, found.saving_micros) == (1, 0)
    assert {each.instead for each in found.replacements} == {None}


def test_character_that_costs_nothing_is_not_mentioned(shop):
    texted(shop, first_name="Łukasz")

    found = forecast(campaign(shop, "Hi {{ customer_first_name }}")).texts

    assert (found.by_parts, found.culprits, found.saving_micros) == ({"1": 1}, (), 0)


def test_each_text_is_priced_by_its_parts_and_its_country(shop):
    for micros, country in ((10_000, "US"), (50_000, "DE")):
        MessagePrice.objects.create(
            shop=shop,
            channel="sms",
            country=country,
            currency="USD",
            micros_per_part=micros,
            valid_from=timezone.now().date(),
        )
    texted(shop, first_name="S" * 80, phone="+12125550123")
    texted(shop, first_name="Sam", phone="+4915123456789")
    definition = campaign(shop, "Hi {{ customer_first_name }} " + "x" * 60)

    found = forecast(definition)

    assert found.channels[0].cost_micros == 2 * 10_000 + 50_000
    assert found.texts.by_parts == {"1": 1, "2": 1}


def test_forecast_asks_one_question_more_however_many_texts(shop):
    definition = campaign(shop, "Hi {{ customer_first_name }}, {{ visit_count }} visits")

    def asked(people: int) -> int:
        for _ in range(people):
            texted(shop)
        with CaptureQueriesContext(connection) as captured:
            forecast(definition)
        return len(captured)

    assert asked(1) == asked(5)


@pytest.mark.django_db(transaction=True)
def test_text_that_a_name_makes_too_long_is_foreseen_and_never_called(shop, providers):
    texted(shop, first_name="Sam")
    texted(shop, first_name="S" * 80)
    definition = campaign(shop, "{{ shop_name }}: {{ customer_first_name }} " + "a" * 1_530)

    (foreseen,) = forecast(definition).channels
    run = execution.start(definition)
    execution.run(run.pk)
    delivery.send_due()
    (fact,) = waterfall.fact(run, now=timezone.now()).channels

    assert (foreseen.now, foreseen.blocked) == (1, {"render_error": 1})
    assert (fact.now, fact.blocked) == (1, {"render_error": 1})
    assert len(providers.accepted()) == 1
