"""Advice on characters: the check of all texts and the preview say the same."""

import unicodedata

import pytest
from django.utils import timezone

from barbershop.tests.factories import ShopFactory
from campaigns import as_received, execution, lint, waterfall
from campaigns.tests.factories import DefinitionFactory
from communications import delivery
from customers.tests.consents import opt_in
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db
LONG = "x" * 60


def told(message: str, *names: str, shop=None):
    """A campaign by text to people of these names: (definition, people)."""
    shop = shop or ShopFactory(name="Corner Cuts")
    people = [CustomerFactory(shop=shop, first_name=name) for name in names]
    for person in people:
        opt_in(person, "sms")
    channels = {"sms": {"message": message}}
    definition = DefinitionFactory(shop=shop, campaign_type="sms", channels=channels)
    return definition, people


def checked(definition) -> list[str]:
    found = lint.check(definition, now=timezone.now())
    return [each.advice for each in found.findings if each.code == lint.CHARACTERS_COST]


def previewed(definition, person) -> dict[str, str]:
    found = as_received.preview(definition, customer=person, now=timezone.now())
    return {each.character: each.advice for each in found.channels[0].culprits}


def test_a_letter_of_a_name_is_nobodys_to_write_differently():
    definition, (person,) = told("Hi {{ customer_first_name }} \u2013 now " + LONG, "Łukasz")

    assert checked(definition) == [
        "“Ł” stands in the names of 1 person and not in your words: writing the rest differently "
        "would save nothing."
    ]
    assert previewed(definition, person) == {
        "Ł": "it stands in this customer's own details, so there is nothing to write differently",
        "\u2013": "write “-”",
    }
    assert waterfall.forecast(definition, now=timezone.now()).texts.saving_micros == 0


def test_a_character_of_the_words_is_told_by_both_what_may_stand_for_it():
    definition, (person,) = told("Hi \u2013 {{ customer_first_name }} " + LONG, "Sam")

    assert checked(definition) == ["With “-” for “\u2013” it would cost $0.01 less."]
    assert previewed(definition, person) == {"\u2013": "write “-”"}


def test_quotation_marks_go_by_their_names():
    definition, (person,) = told("“Hi” {{ customer_first_name }} it\u2019s " + LONG, "Sam")

    assert checked(definition) == [
        "With a straight quotation mark for the left double quotation mark, a straight quotation "
        "mark for the right double quotation mark and a straight apostrophe for “\u2019” it would "
        "cost $0.01 less."
    ]
    assert previewed(definition, person) == {
        "“": "write a straight quotation mark",
        "”": "write a straight quotation mark",
        "\u2019": "write a straight apostrophe",
    }


@pytest.mark.django_db(transaction=True)
def test_a_name_of_letters_with_separate_signs_is_one_part_foreseen_and_sent(providers):
    apart = unicodedata.normalize("NFD", "José Ñandu Å")
    shop = ShopFactory(name=unicodedata.normalize("NFD", "Café"))
    definition, _ = told("Hi {{ customer_first_name }} " + LONG, apart, shop=shop)

    foreseen = waterfall.forecast(definition, now=timezone.now()).texts
    run = execution.start(definition)
    execution.run(run.pk)
    delivery.send_due()

    (line,) = providers.accepted()
    assert (foreseen.segments, line["segments"], foreseen.culprits) == (1, 1, ())
