"""The check of all texts: everything that is wrong is named, with how many it happens to."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from barbershop.tests.factories import ShopFactory
from campaigns import execution, lint
from campaigns.refusals import Refused
from campaigns.tests.factories import DefinitionFactory
from communications.models import CustomerCommunication
from customers.tests.consents import opt_in
from customers.tests.factories import AppointmentFactory, CustomerFactory

pytestmark = pytest.mark.django_db
GOOD = "https://www.barber-on-main.com/"
CONDITION = "{% if visit_count > 3 %}Thanks!{% endif %}"


@pytest.fixture
def shop():
    return ShopFactory(booking_url=GOOD)


def people(shop, *names, **fields):
    found = [CustomerFactory(shop=shop, first_name=name, **fields) for name in names]
    for person in found:
        opt_in(person, "sms")
    return found


def report(shop, *, now=None, **channels) -> lint.Report:
    kind = "multi" if len(channels) > 1 else next(iter(channels))
    definition = DefinitionFactory(shop=shop, campaign_type=kind, channels=channels)
    return lint.check(definition, now=now or timezone.now())


def said(found: lint.Report) -> list[tuple]:
    return [(f.level, f.code, f.channel, f.field, f.messages) for f in found.findings]


def mail(message="Hello", subject="Hello", **more) -> dict:
    return {"subject": subject, "message": message, **more}


def test_nothing_is_said_against_a_good_campaign(shop):
    people(shop, "Sam", "Ann")

    found = report(
        shop,
        email=mail("Hi {{ customer_first_name }}, book: {{ booking_link }}"),
        sms={"message": "Hi {{ customer_first_name }}"},
    )

    assert said(found) == []
    assert (found.checked, found.stops_start) == ({"email": 2, "sms": 2}, False)


def test_gaps_and_fallbacks_are_counted_over_all_who_would_receive_it(shop):
    with_gap, _, no_name = people(shop, "Sam", "Ann", "", last_name="")
    CustomerFactory(shop=shop, first_name="", last_name="", email="")  # gets no email
    CustomerFactory(first_name="", last_name="")  # of another shop

    found = report(shop, email=mail("{{ customer_first_name }} {{ customer_last_name }}"))

    assert said(found) == [
        ("warning", "field_empty", "email", "customer_last_name", 3),
        ("note", "fallback_used", "email", "customer_first_name", 1),
    ]
    gap, fallback = found.findings
    assert len(gap.examples) == 3
    assert gap.examples[0].customer == with_gap.pk
    assert [(each.customer, each.name) for each in fallback.examples] == [(no_name.pk, "")]
    assert gap.message == "3 emails would have a gap: {{ customer_last_name }} is empty."
    assert '{{ customer_last_name | default: "..." }}' in gap.advice


def test_held_out_blocked_and_doubled_people_are_not_counted(shop):
    first, _, _ = people(shop, "", "", "")
    CustomerFactory(shop=shop, first_name="", phone=first.phone, email=first.email)
    definition = DefinitionFactory(
        shop=shop,
        channels={"email": mail("{{ customer_first_name }}")},
        holdout_percent=40,
    )

    found = lint.check(definition, now=timezone.now())

    run = execution.start(definition)
    execution.run(run.pk)
    queued = CustomerCommunication.objects.filter(dispatch=run.dispatch, reason="").count()
    assert found.checked == {"email": queued}
    assert [(f.code, f.messages) for f in found.findings] == [("fallback_used", queued)]


def test_passage_that_nobody_reads_is_named(shop):
    people(shop, "Sam")

    found = report(
        shop,
        sms={"message": "Hi{% if visit_count > 3 %}, thank you{% endif %}!"},
        email=mail("{% if visit_count < 3 %}Welcome{% endif %}"),
    )

    assert said(found) == [("warning", "passage_for_nobody", "sms", "visit_count", None)]


def test_message_or_subject_that_is_empty_for_some_is_an_error_with_names(shop):
    regular, new, _ = people(shop, "Sam", "Ann", "Bob", last_name="")
    for _ in range(4):
        AppointmentFactory(customer=regular)
    thanks = "{% if visit_count > 3 %}Thanks!{% endif %}"

    found = report(shop, sms={"message": thanks}, email=mail(thanks, subject=f" {thanks} "))

    assert said(found) == [
        ("error", "message_empty", "email", "", 2),
        ("error", "message_empty", "sms", "", 2),
        ("error", "subject_empty", "email", "", 2),
    ]
    assert [each.message for each in found.findings] == [
        "The email is empty for 2 of 3 people: they read only what we add to it.",
        "The text is empty for 2 of 3 people: they read only what we add to it.",
        "The subject is empty for 2 of 3 people.",
    ]
    assert found.findings[0].examples[0].customer == new.pk
    assert [each.stops_start for each in found.findings] == [False] * 3


@pytest.mark.parametrize(
    ("body", "number"),
    [
        ({"blocks": [{"type": "text", "text": CONDITION}, {"type": "divider"}]}, 1),
        ({"blocks": [{"type": "image", "url": f"{GOOD}a.png", "alt": "Us"}]}, None),
        ({"blocks": [{"type": "button", "label": "Book", "url": GOOD}]}, None),
        ({"html": f"<p>{CONDITION}</p><hr>"}, 1),
        ({"html": f'<p><img src="{GOOD}a.png" alt="{CONDITION}">{CONDITION}</p>'}, None),
        ({"message": "\u200b{{ last_service_name }}"}, 1),
        ({"message": f"{CONDITION} {GOOD}"}, None),
        ({"message": CONDITION, "preheader": CONDITION}, 1),
    ],
)
def test_email_is_empty_when_nothing_in_it_is_seen(shop, body, number):
    people(shop, "Ann")

    found = report(shop, email={"subject": "Hello", **body})

    empty = [f.messages for f in found.findings if f.code == "message_empty"]
    assert empty == ([] if number is None else [number])


def test_vanishing_block_is_said_once_and_by_its_name(shop):
    people(shop, "Ann")
    blocks = [{"type": "text", "text": "Hi"}, {"type": "openings"}, {"type": "offer"}]

    found = report(shop, email={"subject": "Hello", "blocks": blocks})

    assert [(f.level, f.code, f.field, f.message) for f in found.findings] == [
        ("warning", "block_empty", "", "1 email without the openings block: no free times."),
        (
            "note",
            "block_empty",
            "",
            "1 email without the offer block: the campaign has no offer.",
        ),
    ]


def test_nobody_in_the_audience_is_no_pass(shop):
    CustomerFactory(shop=shop, email="", phone="")

    found = report(shop, sms={"message": "Hello"})

    assert said(found)[-1] == ("warning", "nobody_to_check", "", "", None)
    assert found.checked == {"sms": 0}


@pytest.mark.parametrize(
    ("message", "advice"),
    [
        (
            "{{ customer_first_name }}" + "a" * 80,
            "It stands in the names of 2 people and not in your words: "
            "nothing to write differently.",
        ),
        ("\u0141" + "a" * 80, "With “L” for “Ł” it would cost $0.02 less."),
    ],
)
def test_letter_of_a_name_is_nothing_to_write_differently(shop, message, advice):
    people(shop, "Łukasz", "Łucja")

    (found,) = report(shop, sms={"message": message}).findings

    assert (found.code, found.advice) == ("characters_cost", advice)


def test_words_are_judged_whoever_reads_them(shop):
    shop.booking_url = ""
    shop.save()
    people(shop, "Sam")

    found = report(
        shop,
        email=mail(
            subject="BIG SALE TODAY",
            html='<p>{{ booking_link }}</p><img src="http://www.barber-on-main.com/a.png">',
            message="Look",
        ),
        sms={"message": "Book at bit.ly/x. Text STOP to end. Reply STOP to opt out."},
    )

    assert said(found) == [
        ("error", "shop_link_missing", "email", "booking_link", None),
        ("warning", "subject_capitals", "email", "", None),
        ("warning", "image_without_words", "email", "", None),
        ("warning", "image_not_https", "email", "", None),
        ("warning", "link_shortener", "sms", "", None),
        ("note", "stop_twice", "sms", "", None),
    ]
    assert found.stops_start is False
    (long,) = report(shop, email=mail(subject="a" * 61)).findings
    assert (long.level, long.code) == ("note", "subject_long")


def test_what_a_start_is_refused_for_is_said_to_stop_it(shop):
    definition = DefinitionFactory(
        shop=shop, campaign_type="sms", channels={"sms": {"message": "{{ offer_code }}"}}
    )
    people(shop, "Sam")

    found = lint.check(definition, now=timezone.now())

    assert found.stops_start is True
    stopping = [each for each in found.findings if each.stops_start]
    with pytest.raises(Refused) as refused:
        execution.start(definition)
    assert [each.code for each in stopping] == [refused.value.code]


def test_texts_and_emails_are_measured_as_each_gets_them(shop):
    people(shop, "S" * 80, "S" * 40, "Sam")
    twenty = "{{ customer_first_name }} " * 20

    texts = report(shop, sms={"message": twenty})
    clipped = report(shop, email=mail("é" * 60_000))
    differing = report(
        shop,
        email=mail("Hi{% if customer_first_name == 'Sam' %}" + "y" * 5_000 + "{% endif %}"),
    )

    assert said(texts) == [
        ("error", "text_too_long", "sms", "", 1),
        ("warning", "many_parts", "sms", "", 1),
    ]
    assert said(clipped) == [("warning", "email_clipped", "email", "", 3)]
    assert said(differing) == [("error", "differs_too_much", "email", "", 1)]


def test_number_of_queries_does_not_grow_with_the_people(shop, django_assert_num_queries):
    people(shop, "Sam")
    definition = DefinitionFactory(
        shop=shop, channels={"email": mail("{{ customer_first_name }} {{ customer_last_name }}")}
    )
    with CaptureQueriesContext(connection) as one:
        lint.check(definition, now=timezone.now())
    people(shop, *["Ann"] * 12)

    with django_assert_num_queries(len(one)):
        lint.check(definition, now=timezone.now())
