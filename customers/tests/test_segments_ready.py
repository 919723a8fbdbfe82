"""Ready segments, used-by lists and deleting."""

import datetime as dt

import pytest
import time_machine

from barbershop.models import AuditEntry
from barbershop.tests.factories import BarberFactory
from customers import criteria
from customers.models import CustomerSegment
from customers.segments import ready, saving, uses
from customers.tests.factories import CustomerFactory, SegmentFactory

pytestmark = pytest.mark.django_db


def test_every_ready_rule_can_be_asked_and_each_active_barber_has_one(shop):
    barber = BarberFactory(shop=shop)
    BarberFactory(shop=shop, is_active=False)
    BarberFactory()

    on_shelf = ready.of(shop)

    assert [each.key for each in on_shelf] == [
        "new",
        "regular",
        "vip",
        "at-risk",
        "lapsed",
        "birthday-this-month",
        "no-upcoming-booking",
        "first-visit-only",
        f"barber-{barber.pk}",
    ]
    for each in on_shelf:
        saving.understood(each.criteria, shop=shop)
        assert criteria.parse(each.criteria).select(shop=shop).count() == 0


@time_machine.travel(dt.datetime(2026, 11, 20, 17, tzinfo=dt.UTC), tick=False)
def test_birthday_segment_holds_whoever_has_his_in_this_month_of_the_calendar(shop):
    def born(month, day):
        return CustomerFactory(shop=shop, birth_month=month, birth_day=day)

    over, today, last = born(11, 1), born(11, 20), born(11, 30)
    born(10, 31)
    born(12, 1)
    CustomerFactory(shop=shop)
    wanted = ready.find(shop, "birthday-this-month")

    found = criteria.parse(wanted.criteria).select(shop=shop).order_by("pk")

    assert wanted.name == "Birthday this month"
    assert [each.pk for each in found] == [over.pk, today.pk, last.pk]


def test_taking_twice_gives_one_copy(shop):
    first, was_new = ready.take(ready.find(shop, "lapsed"), shop=shop)
    again, is_new = ready.take(ready.find(shop, "lapsed"), shop=shop)

    assert (first.pk, was_new, is_new) == (again.pk, True, False)
    assert ready.taken(shop) == {"lapsed": first.pk}
    assert (first.name, first.criteria) == ("Lapsed", {"last_visit_days": {"min": 90}})


def test_a_name_that_is_taken_gets_a_number(shop):
    SegmentFactory(shop=shop, name="Lapsed")

    copy, _ = ready.take(ready.find(shop, "lapsed"), shop=shop)

    assert copy.name == "Lapsed (2)"


def test_barbers_segment_holds_who_prefers_him(shop):
    barber = BarberFactory(shop=shop)
    fan = CustomerFactory(shop=shop, preferred_barber=barber)
    CustomerFactory(shop=shop)

    copy, _ = ready.take(ready.find(shop, f"barber-{barber.pk}"), shop=shop)

    found = criteria.parse(copy.criteria).select(shop=shop)
    assert [each.pk for each in found] == [fan.pk]


def test_a_segment_that_another_names_is_not_deleted(shop):
    inner = SegmentFactory(shop=shop, name="Inner")
    outer = SegmentFactory(
        shop=shop, name="Outer", criteria={"any": [{"not": {"in_segment": [inner.pk]}}]}
    )
    SegmentFactory(name="Intruder", criteria={"in_segment": inner.pk})

    with pytest.raises(uses.SegmentInUse) as refused:
        saving.delete(inner)

    assert [(use.kind, use.id) for use in refused.value.uses] == [("segment", outer.pk)]
    assert str(refused.value) == ("“Inner” is used by segment “Outer”. Take it out there first.")
    saving.delete(outer)
    saving.delete(inner)
    assert not CustomerSegment.objects.for_shop(shop).exists()


def test_saving_and_deleting_are_in_the_audit_log(shop):
    segment = saving.create(shop=shop, name="All", rule={})
    saving.change(segment, fields={"name": "Everybody"})
    saving.delete(segment)

    actions = AuditEntry.objects.for_shop(shop).order_by("seq").values_list("action", flat=True)
    assert list(actions) == ["segment.create", "segment.edit", "segment.delete"]


def test_only_a_new_rule_counts_as_changed(shop):
    segment = saving.create(shop=shop, name="All", rule={})

    named = saving.change(segment, fields={"name": "Everybody", "criteria": {}})
    assert named.criteria_changed_at == segment.criteria_changed_at
    changed = saving.change(segment, fields={"criteria": {"visit_count": {"min": 1}}})
    assert changed.criteria_changed_at > segment.criteria_changed_at
