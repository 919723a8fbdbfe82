"""Codes of one's own: how they are written, given out and until when they count."""

import datetime as dt
import re

import pytest
from django.db import IntegrityError
from hypothesis import given
from hypothesis import strategies as st

from barbershop.tests.factories import ServiceFactory, ShopFactory
from campaigns import codes, execution, materialising, offers
from campaigns.models import OfferCode
from campaigns.tests.factories import (
    DefinitionFactory,
    ExecutionFactory,
    OfferCodeFactory,
    OfferFactory,
)
from communications import links
from communications.models import CustomerCommunication
from customers.tests.factories import CustomerFactory

NOON = dt.datetime(2026, 7, 1, 16, tzinfo=dt.UTC)
BOTH = {"offer_code", "referral_link"}
CODE = re.compile(r"SUMMER-[0-9A-HJKMNP-TV-Z]{6}\Z")


@pytest.fixture
def run(db):
    offer = OfferFactory()
    execution = ExecutionFactory(
        definition__shop=offer.shop, definition__offer=offer, started_at=NOON
    )
    OfferCodeFactory(offer__shop=ShopFactory())  # another shop's
    return execution


@pytest.fixture
def people(run):
    return [person.pk for person in CustomerFactory.create_batch(3, shop=run.shop)]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("SUMMER-7K2Q9A", "SUMMER-7K2Q9A"),
        (" summer 7k2q9a ", "SUMMER-7K2Q9A"),
        ("summer\u20137k2-q9a\n", "SUMMER-7K2Q9A"),
        ("SUMMER-7K2QOI", "SUMMER-7K2Q01"),
        ("7k2q9l", "7K2Q91"),
        ("\u200bSUMMER-7K2\u200dQ9A\ufeff", "SUMMER-7K2Q9A"),
        ("\u201cSUMMER-7K2Q9A\u201d", "SUMMER-7K2Q9A"),
        ("\u00abSUMMER\u00ad-7K2Q9A\u00bb", "SUMMER-7K2Q9A"),
        ("'summer-7k2q9a'", "SUMMER-7K2Q9A"),
        ('"7k2q9l"', "7K2Q91"),
        ("# SUMMER-7K2Q9A", "SUMMER-7K2Q9A"),
        ("#'\u200b\u2019", ""),
        ("7K2Q9", ""),
        ("", ""),
        ("SUMMER-7K2Q9\x00", ""),
        ("'; DROP TABLE--", ""),
        ("é" * 9, ""),
    ],
)
def test_typed_code_is_read_as_it_was_meant(typed, meant):
    assert codes.read(typed) == meant


@given(prefix=st.text(max_size=12))
def test_every_code_that_is_drawn_is_read_back_in_small_letters(prefix):
    code = codes.draw(codes.prefix_of(prefix))

    assert len(code) <= 40
    assert codes.read(code.lower().replace("-", " ")) == code or len(code) > 40


def test_everybody_gets_a_code_and_a_link_of_his_own(run, people):
    given = offers.issue(run, people, BOTH, now=NOON)

    assert list(given) == people
    found = [given[pk]["offer_code"] for pk in people]
    assert all(CODE.match(code) for code in found)
    assert len(set(found)) == 3
    rows = OfferCode.objects.filter(execution=run).order_by("customer")
    assert list(rows.values_list("customer", "code", "offer", "shop", "redeemed_at")) == [
        (pk, given[pk]["offer_code"], run.definition.offer_id, run.shop_id, None) for pk in people
    ]
    token = given[people[0]]["referral_link"].removeprefix("https://shop.example.test/r/")
    assert links.read(token[:-1]) == links.Referral(people[0], run.definition.offer_id)


def test_issuing_again_gives_the_same_codes_and_only_newcomers_get_new_ones(run, people):
    first = offers.issue(run, people[:2], BOTH, now=NOON)

    again = offers.issue(run, people, BOTH, now=NOON + dt.timedelta(days=1))

    assert {pk: again[pk] for pk in people[:2]} == first
    ends = OfferCode.objects.filter(execution=run).values_list("expires_at", flat=True)
    assert len(set(ends)) == 1


@pytest.mark.parametrize("fields", [(), ("offer_discount",), ("offer_code",), ("referral_link",)])
def test_only_what_the_content_asks_for_is_given(run, people, fields):
    given = offers.issue(run, people, fields, now=NOON)

    assert {tuple(values) for values in given.values()} == {tuple(set(fields) & BOTH)}
    assert OfferCode.objects.filter(execution=run).count() == 3 * ("offer_code" in fields)


def test_run_without_an_offer_gives_nothing(run, people):
    run.definition.offer = None

    assert offers.issue(run, people, BOTH, now=NOON) == {pk: {} for pk in people}
    assert offers.sample_values(run.definition, now=NOON) == {}


def test_three_statements_write_any_number_of_codes(run, django_assert_num_queries):
    people = [person.pk for person in CustomerFactory.create_batch(30, shop=run.shop)]

    with django_assert_num_queries(5):  # who has one, who has such a code, insert, savepoint
        offers.issue(run, people, BOTH, now=NOON)


def test_code_that_is_taken_is_drawn_again(run, people, monkeypatch):
    OfferCodeFactory(offer=run.definition.offer, code="SUMMER-AAAAAA")
    drawn = iter(["AAAAAA", "BBBBBB", "CCCCCC", "DDDDDD"])
    monkeypatch.setattr(codes, "draw", lambda prefix: codes.written(prefix, next(drawn)))

    given = offers.issue(run, people, {"offer_code"}, now=NOON)

    assert {values["offer_code"] for values in given.values()} == {
        "SUMMER-BBBBBB",
        "SUMMER-CCCCCC",
        "SUMMER-DDDDDD",
    }


def test_code_that_another_run_takes_in_the_same_moment_is_drawn_again(run, people, monkeypatch):
    OfferCodeFactory(offer=run.definition.offer, code="SUMMER-AAAAAA")
    seen = iter([["SUMMER-AAAAAA", "SUMMER-B", "SUMMER-C"], ["SUMMER-D", "SUMMER-E", "SUMMER-F"]])
    monkeypatch.setattr(offers, "_unused", lambda offer, count: next(seen))

    given = offers.issue(run, people, {"offer_code"}, now=NOON)

    assert {v["offer_code"] for v in given.values()} == {"SUMMER-D", "SUMMER-E", "SUMMER-F"}


def test_second_code_of_one_run_for_one_person_is_refused_by_the_database(run, people):
    offers.issue(run, people, {"offer_code"}, now=NOON)

    with pytest.raises(IntegrityError):
        OfferCodeFactory(
            offer=run.definition.offer, execution=run, customer_id=people[0], shop=run.shop
        )


@pytest.mark.parametrize(
    ("zone", "since", "days", "said", "ends"),
    [
        # Thirty days on, the last day is whole, in the shop's own calendar.
        ("America/New_York", "2026-07-01T16:00", 30, "2026-07-31", "2026-08-01T04:00"),
        # Still June 30 in New York.
        ("America/New_York", "2026-07-01T03:59", 1, "2026-07-01", "2026-07-02T04:00"),
        ("Asia/Tokyo", "2026-06-30T15:00", 1, "2026-07-02", "2026-07-02T15:00"),
        # Over the change of clocks: midnight by the new offset.
        ("America/New_York", "2026-10-31T12:00", 2, "2026-11-02", "2026-11-03T05:00"),
        ("America/New_York", "2026-03-07T23:30", 1, "2026-03-08", "2026-03-09T04:00"),
        # Midnight does not exist on that day in Beirut: clocks go from 0:00 to 1:00.
        ("Asia/Beirut", "2026-03-27T12:00", 1, "2026-03-28", "2026-03-28T22:00"),
    ],
)
def test_code_counts_to_the_end_of_the_day_that_the_message_names(
    run, zone, since, days, said, ends
):
    run.shop.timezone = zone
    run.shop.save()
    offer = run.definition.offer
    offer.valid_days, offer.shop, run.definition.shop = days, run.shop, run.shop
    run.started_at = dt.datetime.fromisoformat(since).replace(tzinfo=dt.UTC)
    person = CustomerFactory(shop=run.shop)

    offers.issue(run, [person.pk], {"offer_code"}, now=NOON)

    values = offers.values_of(run.definition, now=run.started_at)
    assert values["offer_expires_on"] == said
    found = OfferCode.objects.get(execution=run).expires_at
    assert found == dt.datetime.fromisoformat(ends).replace(tzinfo=dt.UTC)


def test_code_of_an_offer_without_days_never_ends(run, people):
    run.definition.offer.valid_days = None

    offers.issue(run, people, {"offer_code"}, now=NOON)

    ends = OfferCode.objects.filter(execution=run).values_list("expires_at", flat=True)
    assert set(ends) == {None}


@pytest.mark.parametrize("prefix", ["", "SUMMER", "my-own 20%"])
def test_samples_are_as_long_as_the_real_ones(run, people, prefix):
    run.definition.offer.code_prefix = prefix

    samples = offers.sample_values(run.definition, now=NOON)
    given = offers.issue(run, people[:1], BOTH, now=NOON)[people[0]]

    assert {name: len(text) for name, text in samples.items()} == {
        name: len(text) for name, text in given.items()
    }


@pytest.mark.django_db
def test_worth_is_said_in_words():
    shop = ShopFactory(currency="EUR")
    service = ServiceFactory(shop=shop, name="Beard trim")

    assert offers.worth(OfferFactory(shop=shop)) == "20%"
    assert offers.worth(OfferFactory(shop=shop, kind="amount", value=1050)) == "€10.50"
    assert offers.worth(OfferFactory(shop=shop, kind="amount", value=600)) == "€6"
    assert offers.worth(OfferFactory(shop=shop, kind="service", service=service)) == "Beard trim"


@pytest.mark.django_db
def test_every_message_of_a_run_carries_the_code_and_link_of_its_receiver():
    offer = OfferFactory()
    text = "{{ offer_discount }} off with {{ offer_code }}; for friends: {{ referral_link }}"
    definition = DefinitionFactory(
        shop=offer.shop, offer=offer, channels={"email": {"subject": "Summer", "message": text}}
    )
    people = CustomerFactory.create_batch(2, shop=offer.shop)
    run = execution.start(definition)

    materialising.run(run.pk)
    materialising.run(run.pk)

    given = dict(OfferCode.objects.filter(execution=run).values_list("customer", "code"))
    sent = CustomerCommunication.objects.filter(dispatch=run.dispatch_id)
    assert sorted(given) == [person.pk for person in people]
    for message in sent:
        assert (message.values["offer_code"], message.values["referral_link"]) == (
            given[message.customer_id],
            offers.referral_link(message.customer_id, offer.pk),
        )
    assert sent.count() == 2
