"""Criteria as rows of a form, and back, without a word lost."""

import pytest

from barbershop.tests.factories import BarberFactory, ServiceFactory
from customers import criteria
from customers.criteria import FACTS
from customers.models import Tag
from customers.segments import inputs, rules
from customers.segments.rule_form import RulesEditor
from customers.segments.rules import Rule
from customers.tests.factories import SegmentFactory

pytestmark = pytest.mark.django_db


def sent(editor) -> dict:
    """What a browser sends for an editor as it is shown."""
    data = {"rule-join": editor.join, "rule-json": editor.written}
    for row in editor.rows:
        data[f"{row.prefix}-fact"] = row.fact.name
        for name in row.fields:
            value = row[name].field.prepare_value(row[name].value())
            if value not in (None, "", False) or name not in ("negated",):
                value = str(value) if isinstance(value, bool) else value
                data[row[name].html_name] = "" if value is None else value
    return data


def meaning(raw):
    return criteria.parse(raw).root


@pytest.mark.parametrize("name", sorted(FACTS))
def test_the_example_of_every_fact_is_shown_in_inputs_and_comes_back(name, shop):
    shown = inputs.of(FACTS[name], shop=shop)
    example = FACTS[name].example

    given = inputs.given_by(shown, example)

    assert inputs.JSON not in {each.kind for each in shown}
    back = inputs.value_of(shown, given)
    assert FACTS[name].parse(back, name) == FACTS[name].parse(example, name)


@pytest.mark.parametrize(
    "raw",
    [
        {},
        {"last_visit_days": {"min": 30, "max": 90}, "spending_tier": "medium"},
        {"any": [{"tags": ["vip", "beard"]}, {"not": {"visit_count": {"min": 3}}}]},
        {"all": [{"visit_count": {"min": 1}}, {"not": {"visit_count": {"min": 9, "days": 90}}}]},
        {"not": {"has_upcoming_booking": True}},
        {"birthday_month": [2, 3], "overdue_ratio": {"min": 1.25}},
        {"all": [{"birthday_this_month": True}, {"not": {"birthday_this_month": False}}]},
        {"last_visit_on": {"from": "2026-05-01"}},
    ],
)
def test_what_rows_show_is_what_they_send(raw, shop):
    shown = RulesEditor(shop=shop, raw=raw)
    assert shown.written == ""

    again = RulesEditor(shop=shop, data=_lists(sent(shown)))

    assert again.is_valid(), again.problems
    before, after = criteria.parse(raw), criteria.parse(again.rule)
    assert [(t.fact.name, t.value) for t in after.terms] == [
        (t.fact.name, t.value) for t in before.terms
    ]
    assert after.sentence() == before.sentence()


@pytest.mark.parametrize(
    "raw",
    [
        {"any": [{"all": [{"tags": "vip"}, {"visit_count": {"min": 3}}]}, {"name": "sam"}]},
        {"name": "sam", "any": [{"tags": "vip"}, {"tags": "beard"}]},
        {"not": {"any": [{"tags": "vip"}, {"name": "sam"}]}},
    ],
)
def test_trees_deeper_than_rows_stay_json(raw, shop):
    editor = RulesEditor(shop=shop, raw=raw)

    assert editor.rows == []
    again = RulesEditor(shop=shop, data=_lists(sent(editor)))
    assert again.is_valid()
    assert again.rule == raw


def test_rows_are_said_as_short_as_they_can_be():
    old, often = Rule("last_visit_days", {"min": 60}), Rule("visit_count", {"min": 3})

    assert rules.as_criteria([]) == {}
    assert rules.as_criteria([old, often]) == {**old.raw, **often.raw}
    assert rules.as_criteria([old], join="any") == old.raw
    assert rules.as_criteria([old, often], join="any") == {"any": [old.raw, often.raw]}
    twice = rules.as_criteria([often, Rule("visit_count", {"max": 9})])
    assert twice == {"all": [{"visit_count": {"min": 3}}, {"visit_count": {"max": 9}}]}


def test_rows_of_the_shop_are_there_to_choose_and_others_are_not(shop):
    barber = BarberFactory(shop=shop, first_name="Tony")
    Tag.objects.create(shop=shop, name="vip")
    segment = SegmentFactory(shop=shop, name="Lapsed")
    service = ServiceFactory(shop=shop, name="Beard trim")
    theirs = SegmentFactory(name="Theirs")
    BarberFactory()

    offered = {
        (name, each.name): each.choices
        for name in ("preferred_barber", "tags", "in_segment", "visit_count")
        for each in inputs.of(FACTS[name], shop=shop)
        if each.choices
    }

    assert offered == {
        ("preferred_barber", "value"): ((barber.pk, "Tony"),),
        ("tags", "value"): (("vip", "vip"),),
        ("in_segment", "value"): ((segment.pk, "Lapsed"),),
        ("visit_count", "value-service"): ((service.pk, "Beard trim"),),
        ("visit_count", "value-barber"): ((barber.pk, "Tony"),),
    }
    data = {"rule-0-fact": "in_segment", "rule-0-value": [theirs.pk], "rule-json": ""}
    assert not RulesEditor(shop=shop, data=_lists(data)).is_valid()


def _lists(data: dict):
    from django.http import QueryDict

    found = QueryDict(mutable=True)
    for name, value in data.items():
        found.setlist(name, value if isinstance(value, list) else [value])
    return found
