"""Emails that cannot be made for some, or are too long for the provider: foreseen, blocked and
explained alike."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from barbershop.tests.factories import ShopFactory
from campaigns import email_sizes, execution, filling, readiness, verdicts, waterfall
from campaigns.email_sizes import Differing
from campaigns.filling import Filling
from campaigns.models import CampaignVariant
from campaigns.tests.factories import DefinitionFactory, OfferFactory
from communications import delivery, rendering
from communications.delivery.compose import Personalizer
from communications.liquid import engine
from communications.models import DeliveryAttempt, Dispatch
from customers.models import Customer
from customers.tests.consents import opt_in
from customers.tests.factories import AppointmentFactory, CustomerFactory

SMS = {"sms": {"message": "Hi {{ customer_first_name }}"}}
LONG = "{% if customer_first_name contains 'Long' %}" + "y" * 5_000 + "{% endif %}"
BROKEN = "{% if customer_first_name == 'Broken' %}Hi{% endif %}"


def mail(message: str) -> dict:
    return {"email": {"subject": "A chair", "message": message, "personalization": True}}


@pytest.fixture
def shop(transactional_db):
    return ShopFactory(name="Corner Cuts")


@pytest.fixture
def broken(monkeypatch):
    """Nothing with a condition can be made for anybody called Broken."""
    render = engine.render

    def fails(source, values):
        if values.get("customer_first_name") == "Broken":
            raise ValueError("planted")
        return render(source, values)

    monkeypatch.setattr(engine, "render", fails)


def buckets(found):
    return [(c.channel, c.considered, c.blocked, c.now, c.later) for c in found.channels]


def sent(definition, *, now):
    run = execution.start(definition, now=now)
    execution.run(run.pk, now=now)
    while delivery.send_due(now=now):
        pass
    return run


def everything(definition):
    """The forecast, after it was found to be what is then sent, and what is said of each one."""
    now = timezone.now()
    people = list(Customer.objects.for_shop(definition.shop).order_by("pk"))
    forecast = waterfall.forecast(definition, now=now)
    answers = verdicts.of_many(definition, people, now=now)
    run = sent(definition, now=now)
    assert buckets(forecast) == buckets(waterfall.fact(run, now=now))
    ledger = run.dispatch.communications.values_list("customer", "channel", "reason")
    assert {
        (pk, each.channel, each.reason)
        for pk, answer in answers.items()
        for each in answer.channels
        if each.has_row
    } == set(ledger)
    return forecast


def test_email_that_is_too_long_for_somebody_is_foreseen_and_never_called(shop, providers):
    for name in ("Sam", "Long", "Longer", ""):
        CustomerFactory(shop=shop, first_name=name)

    (email,) = everything(DefinitionFactory(shop=shop, channels=mail(LONG))).channels

    assert (email.now, email.blocked) == (2, {"render_error": 2})
    assert len(providers.accepted()) == 2


def test_email_that_cannot_be_made_for_somebody_is_foreseen(shop, providers, broken):
    for name in ("Sam", "Broken"):
        CustomerFactory(shop=shop, first_name=name)

    (email,) = everything(DefinitionFactory(shop=shop, channels=mail(BROKEN + LONG))).channels

    assert (email.now, email.blocked) == (1, {"render_error": 1})


def test_text_that_cannot_be_made_for_somebody_is_foreseen_and_explained(shop, providers, broken):
    for name in ("Sam", "Broken"):
        opt_in(CustomerFactory(shop=shop, first_name=name), "sms")
    channels = {"sms": {"message": "A chair is free. " + BROKEN}}

    (sms,) = everything(
        DefinitionFactory(shop=shop, campaign_type="sms", channels=channels)
    ).channels

    assert (sms.now, sms.blocked) == (1, {"render_error": 1})


def test_address_is_taken_by_the_first_also_when_his_email_cannot_be_made(shop, providers):
    for name in ("Long", "Sam"):
        CustomerFactory(shop=shop, first_name=name, email="family@example.test")

    (email,) = everything(DefinitionFactory(shop=shop, channels=mail(LONG))).channels

    assert (email.now, email.blocked) == (0, {"duplicate_address": 1, "render_error": 1})
    assert providers.accepted() == []


@pytest.mark.parametrize(
    ("policy", "blocked"), [("all", {"frequency_cap": 1}), ("first_available", {})]
)
def test_channel_of_an_email_that_cannot_be_made_keeps_its_place(shop, providers, policy, blocked):
    shop.cap_messages = 1
    shop.save()
    opt_in(CustomerFactory(shop=shop, first_name="Long"), "sms")
    definition = DefinitionFactory(
        shop=shop, campaign_type="multi", channels=mail(LONG) | SMS, channel_policy=policy
    )

    email, sms = everything(definition).channels

    assert email.blocked == {"render_error": 1}
    assert (sms.blocked, sms.now) == (blocked, 0)


def test_only_the_words_that_somebody_is_drawn_for_count(shop, providers):
    for name in ("Long", "Long", "Sam"):
        CustomerFactory(shop=shop, first_name=name)
    AppointmentFactory(customer=Customer.objects.for_shop(shop).earliest("pk"))
    definition = DefinitionFactory(shop=shop, channels=mail("Hi {{ customer_first_name }}"))
    visited = {"name": "visited", "criteria": {"visit_count": {"min": 1}}, "channels": mail(LONG)}
    CampaignVariant.objects.filter(definition=definition).update(variations=[visited])

    (email,) = everything(definition).channels

    assert (email.now, email.blocked) == (2, {"render_error": 1})


def test_limit_is_the_one_that_the_call_has(shop):
    person = CustomerFactory(shop=shop, first_name="Łong & <b>")
    definition, now = DefinitionFactory(shop=shop), timezone.now()
    found = set()

    for length in range(4_740, 4_770, 2):
        text = "{% if customer_first_name != 'Sam' %}" + "y" * length + "{% endif %}"
        channels = mail(text + "{{ customer_first_name }} https://a.example.test/x")
        CampaignVariant.objects.filter(definition=definition).update(channels=channels)
        made = made_of(definition, now=now)
        (row,) = filling.rows([made], [person.pk], common={}, now=now)
        call = Personalizer(made.prepared, attempt=DeliveryAttempt())
        differing, filled = Differing(made), made.of(row)

        assert differing.fits(filled) == (differing.size(filled) < 10_000)
        found.add(differing.fits(filled))
        if differing.fits(filled):
            assert call(row | {"address": "a@example.test"})["substitutions"]
        else:
            with pytest.raises(ValueError, match=f"{differing.size(filled):,} bytes"):
                call(row | {"address": "a@example.test"})

    assert found == {True, False}


def made_of(definition, *, now) -> Filling:
    ((_, _, part),) = readiness.parts(definition)
    prepared = rendering.draft(
        shop=definition.shop, channel="email", kind=Dispatch.Kind.MARKETING, content=part
    )
    return Filling(prepared, common=readiness.example_values(definition, now=now))


@pytest.mark.parametrize(
    ("text", "is_certain"),
    [
        ("Hi {{ customer_first_name }}, {{ booking_link }} https://a.example.test/x", True),
        ("{{ customer_last_name | upcase | default: 'you' }} {{ barber_first_name }}", True),
        (
            "{% if visit_count > 3 and offer_code %}{{ offer_code }}{% endif %}",
            True,
        ),
        ("{% case visit_count %}{% when 5 %}five{% when 10 %}ten{% else %}x{% endcase %}", True),
        ("{% if last_visit_on %}{{ last_visit_on | date: '%B %e' }}{% endif %}", True),
        ("{% if barber_openings %}{{ barber_openings }}{% endif %}", True),
        (
            "{{ customer_first_name | truncate: 5 }}{% if customer_last_name == '' %}a{% endif %}",
            True,
        ),
        ("{% if last_service_name == 'Fade' %}a{% endif %}", True),
        # A long text, a comparison that could fail, and a value of unknown length.
        ("{% if visit_count > 3 %}" + "x" * 5_000 + "{% endif %}", False),
        ("{% if customer_first_name contains 'x' %}a{% endif %}", False),
        ("{{ last_service_name }}", False),
    ],
)
def test_nobody_is_asked_where_every_email_can_be_made(shop, text, is_certain):
    definition = DefinitionFactory(
        shop=shop, channels=mail(text), offer=OfferFactory(shop=shop, valid_days=30)
    )
    people = [
        CustomerFactory(shop=shop, first_name=first, last_name=last)
        for first, last in (("ŉ'&\"ß" * 16, "ΐ" * 80), ("Sam", ""), ("", "<" * 80))
    ]
    AppointmentFactory(customer=people[0])
    now = timezone.now()
    made = made_of(definition, now=now)

    assert (email_sizes.fitting_everybody([made], shop=shop) == [made]) == is_certain
    rows = filling.rows([made], [each.pk for each in people], common=made.common["values"], now=now)
    longest = email_sizes._longest({*filling.personal_names(made.prepared)}, shop=shop)
    most = Differing(made).most(longest)
    sizes = [Differing(made).size(made.of(row)) for row in rows]
    assert len(sizes) == 3
    assert most is None or max(sizes) <= most


def test_longer_name_makes_the_same_words_uncertain(shop):
    text = "https://a.example.test/?n={{ customer_first_name }} {{ customer_last_name }}" * 2
    definition = DefinitionFactory(shop=shop, channels=mail(text))
    made = made_of(definition, now=timezone.now())

    assert not Differing(made).always_fits(
        {"customer_first_name": 900, "customer_last_name": 10, "unsubscribe_word": 20}
    )
    assert Differing(made).always_fits(
        {"customer_first_name": 80, "customer_last_name": 80, "unsubscribe_word": 20}
    )


@pytest.mark.parametrize(("text", "more"), [("Hi", 0), ("Hi {{ customer_first_name }}", 1)])
def test_ordinary_email_costs_one_question_at_most(shop, text, more):
    CustomerFactory.create_batch(3, shop=shop)
    nobody = DefinitionFactory(shop=ShopFactory(), channels=mail("Hi"))

    def asked(definition) -> int:
        with CaptureQueriesContext(connection) as captured:
            waterfall.forecast(definition, now=timezone.now())
        return len(captured)

    assert asked(DefinitionFactory(shop=shop, channels=mail(text))) == asked(nobody) + more
