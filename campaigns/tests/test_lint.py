"""The check of all texts: everything that is wrong is named, with how many it happens to."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from barbershop.tests.factories import ShopFactory
from campaigns import execution, lint
from campaigns.lint import links
from campaigns.refusals import Refused
from campaigns.tests.factories import DefinitionFactory
from communications.models import CustomerCommunication
from customers.tests.consents import opt_in
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db
GOOD = "https://www.barber-on-main.com/"


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


@pytest.mark.parametrize(
    ("url", "level", "code"),
    [
        (GOOD, None, None),
        ("https://xn--mnchen-3ya.de/a?b=c#d", None, None),
        ("https://münchen.de/", None, None),
        ("https://8.8.8.8/", None, None),
        ("http://www.barber-on-main.com/", "warning", "link_not_https"),
        ("https://localhost:8000/", "error", "link_unreachable"),
        ("https://192.168.1.7/menu", "error", "link_unreachable"),
        ("https://[::1]/", "error", "link_unreachable"),
        ("https://www.example.com/", "error", "link_unreachable"),
        ("https://shop.example/", "error", "link_unreachable"),
        ("https://printer.local/", "error", "link_unreachable"),
        ("https://barber/", "error", "link_malformed"),
        ("https://bar_ber..com/", "error", "link_malformed"),
        ("https://barber.com:port/", "error", "link_malformed"),
        ("https://-barber.com/", "error", "link_malformed"),
    ],
)
def test_link_is_judged_by_where_it_leads(url, level, code):
    found = links.trouble(url)

    assert (found and found[:2]) == (level and (level, code))


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
        email=mail("{% if customer_first_name == 'Sam' %}" + "y" * 5_000 + "{% endif %}"),
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
