"""The criteria language against a plain-Python reading of the same words."""

import datetime as dt
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from barbershop.tests.factories import BarberFactory, ShopFactory
from customers import criteria
from customers.criteria import CriteriaError
from customers.models import (
    Appointment,
    Customer,
    CustomerHealthScore,
    CustomerTag,
    Payment,
    Tag,
)
from customers.tests.factories import AppointmentFactory, CustomerFactory, PaymentFactory

NOW = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)
SUMMER = {"last_visit_days": {"min": 30, "max": 90}, "spending_tier": "medium"}


@pytest.fixture
def shop(db):
    return ShopFactory()


def ids(raw, shop):
    return set(criteria.parse(raw).select(shop=shop, now=NOW).values_list("pk", flat=True))


def visit(customer, *, ago, status="completed"):
    return AppointmentFactory(customer=customer, starts_at=NOW - ago, status=status)


def days(number):
    return dt.timedelta(days=number)


def person(shop, *, visited_days_ago=None, spent=0, **fields):
    customer = CustomerFactory(shop=shop, **fields)
    if visited_days_ago is not None:
        visit(customer, ago=days(visited_days_ago))
    if spent:
        PaymentFactory(customer=customer, amount=spent, paid_at=NOW - days(1))
    return customer


def test_the_first_campaign_of_the_guide_selects_by_both_facts(shop):
    spenders = [person(shop, visited_days_ago=45, spent=1000 * n) for n in range(1, 7)]
    person(shop, visited_days_ago=10, spent=3000)
    person(shop, visited_days_ago=120, spent=4000)
    person(ShopFactory(), visited_days_ago=45, spent=3500)

    assert ids(SUMMER, shop) == {spenders[2].pk, spenders[3].pk}


def test_empty_criteria_select_everybody_of_the_shop_who_is_not_erased(shop):
    present = CustomerFactory(shop=shop)
    CustomerFactory(shop=shop, erased_at=NOW)
    CustomerFactory()

    assert ids({}, shop) == {present.pk}


@pytest.mark.parametrize(
    ("ago", "expected"),
    [
        (days(30), True),
        (days(30) - dt.timedelta(microseconds=1), False),
        (days(91) - dt.timedelta(microseconds=1), True),
        (days(91), False),
    ],
)
def test_days_since_the_last_visit_are_full_days(shop, ago, expected):
    customer = CustomerFactory(shop=shop)
    visit(customer, ago=ago)

    found = ids({"last_visit_days": {"min": 30, "max": 90}}, shop)

    assert (customer.pk in found) is expected


def test_only_completed_appointments_before_now_are_visits(shop):
    customer = CustomerFactory(shop=shop)
    visit(customer, ago=days(40))
    for status in ("booked", "cancelled", "no_show"):
        visit(customer, ago=days(2), status=status)
    visit(customer, ago=-days(3))

    assert ids({"last_visit_days": {"min": 30}, "visit_count": {"max": 1}}, shop) == {customer.pk}


def test_zero_visits_lie_in_a_range_that_begins_at_zero(shop):
    never, once = CustomerFactory(shop=shop), person(shop, visited_days_ago=5)

    assert ids({"visit_count": {"max": 0}}, shop) == {never.pk}
    assert ids({"visit_count": {"min": 0, "max": 1}}, shop) == {never.pk, once.pk}
    assert ids({"visit_count": {"min": 1}}, shop) == {once.pk}
    assert ids({"total_spent": {"max": 0}}, shop) == {never.pk, once.pk}


def test_equal_spenders_are_in_one_tier(shop):
    everybody = {person(shop, spent=3500).pk for _ in range(7)}
    CustomerFactory(shop=shop)

    assert ids({"spending_tier": "medium"}, shop) == everybody
    assert ids({"spending_tier": "low"}, shop) == ids({"spending_tier": "high"}, shop) == set()


def test_tiers_are_the_shops_own_and_net_of_refunds(shop):
    rich = person(shop, spent=9000)
    refunded = CustomerFactory(shop=shop)
    PaymentFactory(customer=refunded, amount=99_000, refunded_amount=99_000, paid_at=NOW)
    for spent in (1000, 2000):
        person(shop, spent=spent)
    for _ in range(9):
        person(ShopFactory(), spent=500_000)

    assert ids({"spending_tier": "high"}, shop) == {rich.pk}


def test_tiers_and_totals_agree_with_plain_python(shop):
    rng = random.Random(7)
    spent = {}
    for _ in range(60):
        customer = CustomerFactory(shop=shop)
        spent[customer.pk] = 0
        for _ in range(rng.randrange(4)):
            amount = rng.choice([1000, 2500, 2500, 4000])
            back = rng.choice([0, 0, 0, amount])
            late = rng.random() < 0.1
            PaymentFactory(
                customer=customer,
                amount=amount,
                refunded_amount=back,
                paid_at=NOW + days(1) if late else NOW - days(1),
            )
            spent[customer.pk] += 0 if late else amount - back
    paying = sorted(value for value in spent.values() if value > 0)

    def tier(value):
        below = sum(other < value for other in paying)
        place = (below + paying.count(value) / 2) / len(paying)
        return "low" if place < 1 / 3 else "medium" if place <= 2 / 3 else "high"

    for name in ("low", "medium", "high"):
        expected = {pk for pk, value in spent.items() if value > 0 and tier(value) == name}
        assert ids({"spending_tier": name}, shop) == expected, name
        assert expected
    for least, most in ((0, 2500), (1, 4000), (2500, 5000)):
        expected = {pk for pk, value in spent.items() if least <= value <= most}
        assert ids({"total_spent": {"min": least, "max": most}}, shop) == expected


def test_facts_about_the_person(shop):
    tony = BarberFactory(shop=shop, external_id="tony")
    sam = CustomerFactory(
        shop=shop, birth_month=2, birth_day=29, preferred_barber=tony, language="es", source="csv"
    )
    other = CustomerFactory(shop=shop, birth_month=3, birth_day=1)
    CustomerTag.objects.create(
        shop=shop, customer=sam, tag=Tag.objects.create(shop=shop, name="vip")
    )
    CustomerHealthScore.objects.create(
        shop=shop, customer=sam, score=10, stage="at_risk", computed_at=NOW
    )
    visit(sam, ago=-days(2), status="booked")
    rival = ShopFactory()
    theirs = CustomerFactory(
        shop=rival, birth_month=2, birth_day=2, preferred_barber=BarberFactory(shop=rival)
    )
    CustomerTag.objects.create(
        shop=rival, customer=theirs, tag=Tag.objects.create(shop=rival, name="vip")
    )

    for raw in (
        {"tags": ["vip", "beard"]},
        {"tags": "vip"},
        {"birthday_month": 2},
        {"birthday_month": [1, 2]},
        {"preferred_barber": tony.pk},
        {"preferred_barber": "tony"},
        {"lifecycle_stage": ["at_risk", "lapsed"]},
        {"has_upcoming_booking": True},
        {"language": "es"},
        {"source": "csv"},
    ):
        assert ids(raw, shop) == {sam.pk}, raw
    assert ids({"has_upcoming_booking": False}, shop) == {other.pk}
    assert ids({"language": "EN"}, shop) == {other.pk}
    assert ids({"preferred_barber": theirs.preferred_barber_id}, shop) == set()


@pytest.mark.parametrize(
    ("raw", "path", "says"),
    [
        ({"last_visit_day": {"min": 1}}, "last_visit_day", "last_visit_days"),
        ({"last_visit_days": {"mni": 1}}, "last_visit_days.mni", "min"),
        ({"last_visit_days": {"min": 90, "max": 30}}, "last_visit_days", "greater"),
        ({"last_visit_days": {"min": -1}}, "last_visit_days.min", "from 0"),
        ({"last_visit_days": {"min": True}}, "last_visit_days.min", "whole number"),
        ({"last_visit_days": {"min": 1.5}}, "last_visit_days.min", "whole number"),
        ({"last_visit_days": {"min": "30"}}, "last_visit_days.min", "whole number"),
        ({"last_visit_days": {"max": 10**30}}, "last_visit_days.max", "36,500"),
        ({"last_visit_days": {}}, "last_visit_days", "min, max"),
        ({"last_visit_days": 30}, "last_visit_days", "object"),
        ({"last_visit_days": None}, "last_visit_days", "object"),
        ({"spending_tier": "meduim"}, "spending_tier", "medium"),
        ({"spending_tier": ["medium"]}, "spending_tier", "one of"),
        ({"birthday_month": 13}, "birthday_month", "1 to 12"),
        ({"birthday_month": [2, False]}, "birthday_month.1", "whole number"),
        ({"tags": []}, "tags", "1 to 100"),
        ({"tags": [1]}, "tags.0", "text"),
        ({"tags": ["\x00"]}, "tags.0", "characters"),
        ({"tags": ["\ud800"]}, "tags.0", "characters"),
        ({"has_upcoming_booking": 1}, "has_upcoming_booking", "true or false"),
        ({"lifecycle_stage": "atrisk"}, "lifecycle_stage", "at_risk"),
        ({"preferred_barber": 10**40}, "preferred_barber", "from 1"),
        ([], "", "object"),
        ("everybody", "", "object"),
    ],
)
def test_what_is_not_understood_is_refused_where_it_stands(raw, path, says):
    with pytest.raises(CriteriaError) as refusal:
        criteria.parse(raw)

    assert refusal.value.path == path
    assert says in refusal.value.message


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(sorted(criteria.FACTS)) | st.text(max_size=9), JSON))
def test_any_json_is_understood_or_refused_with_a_sentence(raw):
    try:
        said = criteria.parse(raw).sentence()
    except CriteriaError as error:
        said = error.message

    assert said.encode().endswith((b".", b"?"))


def test_criteria_say_themselves_in_english():
    assert criteria.parse({}).sentence() == "All customers."
    assert criteria.parse(SUMMER).sentence() == (
        "Customers whose last visit was 30 to 90 days ago "
        "and who are in the middle third by spending."
    )
    assert criteria.parse({"tags": ["a", "b", "c"], "visit_count": {"min": 2}}).sentence() == (
        "Customers who are tagged a, b or c and who came at least 2 times."
    )


def test_a_word_can_be_taught_once():
    fact = criteria.FACTS["tags"]

    assert criteria.register_fact(fact) is fact
    with pytest.raises(ValueError, match="already registered"):
        criteria.register_fact(criteria.Fact(**{**vars(fact), "description": "another"}))


def test_selecting_asks_who_is_ahead_and_for_the_bounds_of_a_tier(shop, django_assert_num_queries):
    person(shop, visited_days_ago=40, spent=100)
    everything = {"last_visit_days": {"min": 1}, "visit_count": {"min": 1}, "source": "staff"}

    with django_assert_num_queries(2):  # who is ahead, once for all facts
        assert criteria.parse(everything).select(shop=shop, now=NOW).count() == 1
    with django_assert_num_queries(9):  # how many pay, and three for each of the two bounds
        assert criteria.parse(SUMMER).select(shop=shop, now=NOW).count() == 1


def test_rows_of_the_intruder_are_really_there(shop):
    person(ShopFactory(), visited_days_ago=45, spent=100)

    assert ids(SUMMER, shop) == set()
    assert (Customer.objects.count(), Appointment.objects.count(), Payment.objects.count()) == (
        1,
        1,
        1,
    )
