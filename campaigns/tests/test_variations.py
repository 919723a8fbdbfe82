"""Other words for some: who gets which, when the audience is frozen and before."""

import pytest
from django.utils import timezone

from barbershop.tests.factories import ShopFactory
from campaigns import execution, trial, variations, waterfall
from campaigns.models import CampaignVariant
from campaigns.refusals import Refused
from campaigns.tests.factories import EMAIL, DefinitionFactory
from communications import rendering
from communications.models import CustomerCommunication, MessageContent
from customers.tests.consents import opt_in
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db

SPANISH = {
    "name": "spanish",
    "criteria": {"language": "es"},
    "channels": {"email": EMAIL["email"] | {"message": "Hola {{customer_first_name}}"}},
}
SUMMER = {
    "name": "summer",
    "criteria": {"birthday_month": [6, 7, 8]},
    "channels": {"email": EMAIL["email"] | {"message": "Your birthday is near"}},
}


def born(month, **fields):
    return CustomerFactory(birth_month=month, birth_day=1, **fields)


def varied(definition, *found):
    definition.variants.update(variations=list(found))
    return definition


def words(definition) -> dict:
    """Which words each customer's row has."""
    run = execution.start(definition)
    execution.run(run.pk)
    rows = CustomerCommunication.objects.filter(dispatch=run.dispatch)
    return {
        (customer, channel): variation
        for customer, channel, variation in rows.values_list(
            "customer", "channel", "content__variation"
        )
    }


def test_first_variation_that_fits_is_chosen(shop, django_assert_num_queries):
    both = born(6, shop=shop, language="es")
    spanish, summer, neither = (
        born(1, shop=shop, language="es"),
        born(7, shop=shop),
        born(1, shop=shop),
    )
    elsewhere = born(6, shop=ShopFactory(), language="es")
    definition = varied(DefinitionFactory(shop=shop), SPANISH, SUMMER)
    people = [each.pk for each in (both, spanish, summer, neither, elsewhere)]

    arm = definition.variants.get()

    with django_assert_num_queries(2):
        chosen = variations.choose(arm, people, shop=shop, now=timezone.now())

    assert chosen == {
        both.pk: "spanish",
        spanish.pk: "spanish",
        summer.pk: "summer",
        neither.pk: "",
        elsewhere.pk: "",
    }


def test_arm_without_variations_asks_nothing(shop, django_assert_num_queries):
    person = CustomerFactory(shop=shop)
    arm = DefinitionFactory(shop=shop).variants.get()

    with django_assert_num_queries(0):
        chosen = variations.choose(arm, [person.pk], shop=shop, now=timezone.now())

    assert chosen == {person.pk: ""}


def test_frozen_row_has_the_words_of_its_variation_and_the_arms_where_it_is_silent(shop):
    spanish, other = CustomerFactory(shop=shop, language="es"), CustomerFactory(shop=shop)
    for person in (spanish, other):
        opt_in(person, "sms")
    definition = DefinitionFactory(
        shop=shop, campaign_type="multi", channels=EMAIL | {"sms": {"message": "Come in."}}
    )
    varied(definition, SPANISH)

    assert words(definition) == {
        (spanish.pk, "email"): "spanish",
        (spanish.pk, "sms"): "",
        (other.pk, "email"): "",
        (other.pk, "sms"): "",
    }


def test_second_arm_may_have_no_variations(shop):
    people = CustomerFactory.create_batch(12, shop=shop, language="es")
    definition = varied(DefinitionFactory(shop=shop), SPANISH)
    CampaignVariant.objects.create(shop=shop, definition=definition, label="B", channels=EMAIL)

    words(definition)

    rows = CustomerCommunication.objects.filter(customer__in=people).values_list(
        "content__variant_label", "content__variation"
    )
    assert set(rows) == {("A", "spanish"), ("B", "")}


def test_forecast_prices_each_by_his_own_words(shop):
    spanish, other = CustomerFactory(shop=shop, language="es"), CustomerFactory(shop=shop)
    for person in (spanish, other):
        opt_in(person, "sms")
    definition = DefinitionFactory(
        shop=shop, campaign_type="sms", channels={"sms": {"message": "Come in."}}
    )
    long = {"sms": {"message": "x" * 300}}
    varied(definition, {"name": "long", "criteria": {"language": "es"}, "channels": long})

    found = waterfall.forecast(definition, now=timezone.now())

    assert found.channels[0].cost_micros == 11_800 * (1 + 3)


def test_variation_that_cannot_be_sent_is_refused_before_the_start(shop):
    CustomerFactory(shop=shop)
    gone = {"name": "gone", "criteria": {"preferred_barber": 4711}, "channels": EMAIL}
    unknown = SPANISH | {"criteria": {"langage": "es"}}

    for variation, code in ((gone, "invalid_criteria"), (unknown, "no_content")):
        with pytest.raises(Refused) as refused:
            execution.start(varied(DefinitionFactory(shop=shop), variation))
        assert refused.value.code == code


def test_trial_sends_the_words_of_a_variation(shop):
    definition = varied(DefinitionFactory(shop=shop), SPANISH)

    trial.send(definition, emails=["owner@example.test"], phones=[], variation="spanish")

    row = CustomerCommunication.objects.get()
    assert row.content.text == "Hola {{customer_first_name}}"
    with pytest.raises(Refused, match="no variation"):
        trial.send(definition, emails=["owner@example.test"], phones=[], variation="french")


@pytest.mark.parametrize(
    ("asked", "page", "lang"),
    [
        ("es", {}, "es"),
        ("es-MX", {"preheader": "Hoy"}, "es-MX"),
        (["es"], {"html": "<p>Hola</p>"}, "es"),
        ("es", {"blocks": [{"type": "text", "text": "Hola"}]}, "es"),
        (["es", "fr"], {"blocks": [{"type": "text", "text": "Hola"}]}, "en"),
    ],
)
def test_email_of_a_variation_names_the_language_of_its_words(shop, asked, page, lang):
    said = EMAIL["email"] | {"message": "Hola {{customer_first_name}}"} | page
    other = {"name": "other", "criteria": {"language": asked}, "channels": {"email": said}}
    customer = CustomerFactory(shop=shop, language="es-MX")
    definition = varied(DefinitionFactory(shop=shop), other)
    run = execution.start(definition)
    execution.run(run.pk)
    row = CustomerCommunication.objects.get(dispatch=run.dispatch, customer=customer)

    html = rendering.prepare(row.content_id, dispatch=run.dispatch).html

    assert html.literals[0].partition("<html")[2].partition(">")[0].count(f'lang="{lang}"') == 1
    own = MessageContent.objects.get(dispatch=run.dispatch, variation="")
    first = rendering.prepare(own.pk, dispatch=run.dispatch).html.literals[0]
    assert first.count('lang="en"') == 1
