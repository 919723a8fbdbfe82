"""Five inside, five just outside, and what decides about each."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from barbershop.tests.factories import ShopFactory
from customers import criteria
from customers.criteria.view import View
from customers.models import CustomerTag, Tag
from customers.segments import nearby, tree
from customers.tests.factories import AppointmentFactory, CustomerFactory, PaymentFactory

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)


def person(shop, name, *, days=None, spent=0, tag=""):
    customer = CustomerFactory(shop=shop, last_name=name)
    if days is not None:
        AppointmentFactory(customer=customer, starts_at=NOW - dt.timedelta(days=days))
    if spent:
        PaymentFactory(customer=customer, amount=spent, paid_at=NOW - dt.timedelta(days=1))
    if tag:
        row, _ = Tag.objects.get_or_create(shop=shop, name=tag)
        CustomerTag.objects.create(shop=shop, customer=customer, tag=row)
    return customer


def outside(raw, shop, **more):
    return nearby.just_outside(criteria.parse(raw), shop=shop, now=NOW, **more)


def names(found) -> list[str]:
    return [each.customer.last_name for each in found]


def clauses(found) -> list[list[str]]:
    return [[finding.sentence for finding in each.deciding] for each in found]


def test_just_outside_a_range_the_nearest_come_first_and_the_unknown_last(shop):
    for name, days in (("D50", 50), ("D58", 58), ("D10", 10), ("D61", 61)):
        person(shop, name, days=days)
    person(shop, "Never")
    person(ShopFactory(), "Intruder", days=59)

    found = outside({"last_visit_days": {"min": 60}}, shop)

    assert names(found) == ["D58", "D50", "D10", "Never"]
    assert [each.is_inside for each in found] == [False] * 4
    inside = nearby.inside(criteria.parse({"last_visit_days": {"min": 60}}), shop=shop, now=NOW)
    assert (names(inside), inside[0].is_inside) == (["D61"], True)


def test_both_ends_of_a_range_count_by_their_distance(shop):
    for name, days in (("D25", 25), ("D95", 95), ("D60", 60), ("D300", 300)):
        person(shop, name, days=days)

    found = outside({"last_visit_days": {"min": 30, "max": 90}}, shop)

    assert names(found) == ["D95", "D25", "D300"]


def test_whom_one_leaf_keeps_out_stands_before_whom_two_keep_out(shop):
    person(shop, "Both", days=5)
    person(shop, "Untagged", days=100)
    person(shop, "Recent", days=55, tag="vip")
    raw = {"last_visit_days": {"min": 60}, "tags": ["vip"]}

    found = outside(raw, shop)

    assert names(found) == ["Recent", "Untagged", "Both"]
    assert [len(each.deciding) for each in found] == [1, 1, 2]


def test_an_unwanted_leaf_keeps_out_whom_it_is_true_of(shop):
    person(shop, "Free", days=80)
    person(shop, "Tagged", days=80, tag="vip")
    raw = {"all": [{"last_visit_days": {"min": 60}}, {"not": {"tags": ["vip"]}}]}

    found = outside(raw, shop)

    assert names(found) == ["Tagged"]
    assert clauses(found) == [["who are tagged vip"]]


def test_of_alternatives_the_cheapest_counts(shop):
    person(shop, "Spender", spent=9_000)
    person(shop, "Nobody")
    raw = {
        "any": [
            {"total_spent": {"min": 10_000}},
            {"all": [{"tags": ["vip"]}, {"last_visit_days": {"min": 60}}]},
        ]
    }

    assert names(outside(raw, shop)) == ["Spender", "Nobody"]


def test_everybody_leaves_nobody_outside(shop):
    person(shop, "In")

    assert outside({}, shop) == []
    assert names(nearby.inside(criteria.parse({}), shop=shop, now=NOW)) == ["In"]


def test_number_of_questions_does_not_grow_with_the_customers(shop):
    parsed = criteria.parse({"last_visit_days": {"min": 60}, "tags": ["vip"]})

    def asked() -> int:
        with CaptureQueriesContext(connection) as captured:
            nearby.just_outside(parsed, shop=shop, now=NOW, limit=2)
        return len(captured)

    for number in range(4):
        person(shop, f"P{number}", days=number, tag="vip")
    few = asked()
    for number in range(30):
        person(shop, f"Q{number}", days=number, tag="vip")

    assert asked() == few


def test_costs_in_the_database_are_those_of_the_tree(shop):
    people = [
        person(shop, "A", days=80, tag="vip"),
        person(shop, "B", spent=100),
        person(shop, "C", days=10, tag="vip", spent=5_000),
        person(shop, "D"),
    ]
    raw = {
        "last_visit_days": {"min": 60},
        "any": [{"tags": ["vip"]}, {"not": {"total_spent": {"max": 1_000}}}],
        "not": {"all": [{"tags": ["vip"]}, {"visit_count": {"min": 1}}]},
    }
    parsed = criteria.parse(raw)
    root = tree.of(parsed)

    rows = type(people[0]).objects.annotate(off=tree.cost(root, View(shop, NOW)))
    asked = dict(rows.values_list("pk", "off"))

    for each in people:
        held = [finding.holds for finding in parsed.findings(each, now=NOW)]
        assert asked[each.pk] == tree.fewest(root, lambda leaf, held=held: held[leaf.index])
    matching = set(parsed.select(shop=shop, now=NOW).values_list("pk", flat=True))
    assert {pk for pk, off in asked.items() if off == 0} == matching
