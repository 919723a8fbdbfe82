"""The forecast: for every kind of campaign what is promised is what the ledger then says."""

import pytest
from django.utils import timezone

from barbershop.tests.factories import ShopFactory
from campaigns import execution, preview, waterfall
from campaigns.experiments import assign
from campaigns.models import CampaignVariant
from campaigns.refusals import Refused
from campaigns.tests.factories import EMAIL, DefinitionFactory
from communications import delivery, rendering
from communications.models import CustomerCommunication, MessagePrice
from customers import consent
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db
SMS = {"sms": {"message": "Hi {{customer_first_name}}, a chair is free: {{booking_link}}"}}
MULTI = EMAIL | SMS


def agree(customer, decision="opted_in"):
    consent.record(
        customer=customer,
        channel="sms",
        decision=decision,
        source="form",
        given_at=timezone.now(),
    )
    return customer


@pytest.fixture
def crowd(shop):
    """Somebody of every kind, and another shop's people who look the same."""
    for where in (shop, ShopFactory()):
        both = agree(CustomerFactory(shop=where))
        CustomerFactory(shop=where, email=both.email, phone="")
        agree(CustomerFactory(shop=where, email="", phone=both.phone))
        CustomerFactory(shop=where, email="", phone="")
        agree(CustomerFactory(shop=where), "unproven")
        agree(CustomerFactory(shop=where), "opted_out")
        CustomerFactory.create_batch(3, shop=where)


def ledger(definition) -> dict:
    """What sending really writes: by channel, how many wait and how many are blocked for what."""
    run = execution.start(definition)
    execution.run(run.pk)
    found: dict = {}
    for row in CustomerCommunication.objects.filter(dispatch=run.dispatch):
        channel = found.setdefault(row.channel, {})
        word = row.reason or "will_receive"
        channel[word] = channel.get(word, 0) + 1
    return found


@pytest.mark.parametrize("policy", ["all", "first_available"])
@pytest.mark.parametrize("holdout", [0, 40])
@pytest.mark.parametrize(("kind", "channels"), [("email", EMAIL), ("sms", SMS), ("multi", MULTI)])
def test_forecast_is_what_the_send_writes(shop, crowd, kind, channels, policy, holdout):
    definition = DefinitionFactory(
        shop=shop,
        campaign_type=kind,
        channels=channels,
        channel_policy=policy,
        holdout_percent=holdout,
    )

    forecast = waterfall.forecast(definition, now=timezone.now())

    promised = {
        each.channel: each.blocked
        | ({"will_receive": each.will_receive} if each.will_receive else {})
        for each in forecast.channels
        if each.considered
    }
    assert promised == ledger(definition)
    assert (
        forecast.held_out == definition.executions.get().responses.filter(is_holdout=True).count()
    )
    assert forecast.matched == definition.executions.get().responses.count()


def test_text_is_priced_by_its_parts_and_its_country(shop):
    for micros, country in ((10_000, "US"), (50_000, "DE")):
        MessagePrice.objects.create(
            shop=shop,
            channel="sms",
            country=country,
            currency="USD",
            micros_per_part=micros,
            valid_from=timezone.now().date(),
        )
    agree(CustomerFactory(shop=shop, phone="+12125550123"))
    agree(CustomerFactory(shop=shop, phone="+4915123456789"))
    definition = DefinitionFactory(
        shop=shop, campaign_type="sms", channels={"sms": {"message": "x" * 300}}
    )

    forecast = waterfall.forecast(definition, now=timezone.now())

    (texts,) = forecast.channels
    assert texts.cost_micros == 3 * (10_000 + 50_000)  # 300 letters, the shop's name, STOP
    assert forecast.cost == 18


def test_cost_of_two_arms_is_that_of_each_persons_own(shop):
    people = [agree(CustomerFactory(shop=shop)) for _ in range(8)]
    definition = DefinitionFactory(
        shop=shop, campaign_type="sms", channels={"sms": {"message": "x" * 300}}
    )
    CampaignVariant.objects.create(
        shop=shop, definition=definition, label="B", weight=3, channels={"sms": {"message": "x"}}
    )

    forecast = waterfall.forecast(definition, now=timezone.now())

    arms = assign(
        definition=definition,
        variants=list(definition.variants.all()),
        customer_ids=[person.pk for person in people],
    )
    parts = [{"A": 3, "B": 1}[arm.variant.label] for arm in arms.values()]
    assert forecast.channels[0].cost_micros == 11_800 * sum(parts)


def test_sample_reads_as_the_recipient_will(shop):
    definition = DefinitionFactory(shop=shop, campaign_type="multi", channels=MULTI)

    email, text = preview.samples(definition, now=timezone.now())

    assert email.subject == "Beat the heat with 20% off!"
    assert email.text.startswith("Hi Sam, stay cool this summer...\n\n--\n")
    assert shop.postal_address in email.text
    assert text.text == (
        f"{shop.name}: Hi Sam, a chair is free: https://shop.example.test/c/…/ "
        "Reply STOP to opt out."
    )
    assert text.size.units > len(text.text)  # personal links count at full length


def test_forecast_of_a_campaign_without_content_says_so(shop):
    definition = DefinitionFactory(shop=shop)
    definition.variants.all().delete()

    with pytest.raises(Refused, match="no content"):
        waterfall.forecast(definition, now=timezone.now())


def test_forecast_asks_the_same_few_questions_of_any_number(shop, django_assert_num_queries):
    definition = DefinitionFactory(shop=shop, campaign_type="multi", channels=MULTI)
    CustomerFactory(shop=shop)
    with django_assert_num_queries(10):
        waterfall.forecast(definition, now=timezone.now())
    CustomerFactory.create_batch(20, shop=shop)
    with django_assert_num_queries(10):
        waterfall.forecast(definition, now=timezone.now())


@pytest.mark.parametrize("language", ["en", "es", "fr"])
@pytest.mark.parametrize(
    "message", ["x" * 110, "x" * 140, "Caf\xe9 \u2713 {{ customer_first_name }}"]
)
def test_text_that_is_foreseen_is_the_text_that_is_sent_and_paid(
    providers, transactional_db, language, message
):
    """Examples say Sam: a customer called so gets the sample to the letter."""
    shop = ShopFactory(name="Main Street", language=language)
    agree(CustomerFactory(shop=shop, first_name="Sam"))
    definition = DefinitionFactory(
        shop=shop, campaign_type="sms", channels={"sms": {"message": message}}
    )
    now = timezone.now()
    foreseen = waterfall.forecast(definition, now=now)
    (sample,) = preview.samples(definition, now=now)

    run = execution.start(definition, now=now)
    execution.run(run.pk, now=now)
    delivery.send_due(now=now)

    (line,) = providers.accepted()
    row = CustomerCommunication.objects.get()
    assert line["body"] == sample.text
    assert line["body"].startswith("Main Street: ")
    assert line["body"].endswith(rendering.HOW_TO_STOP[language])
    assert row.segments == line["segments"] == sample.size.segments
    assert row.cost_micros == foreseen.channels[0].cost_micros
