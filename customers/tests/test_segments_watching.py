"""Who entered and who left, once a day, and why."""

import datetime as dt

import pytest
from django.db import OperationalError

from barbershop.tests.factories import BarberFactory, ShopFactory
from customers import erasure
from customers.models import (
    CustomerSegment,
    CustomerTag,
    SegmentMembership,
    SegmentSize,
    Tag,
)
from customers.segments import saving, watching, why
from customers.tests.factories import AppointmentFactory, CustomerFactory

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 6, 15, 16, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def visitor(shop, *, days, **fields):
    customer = CustomerFactory(shop=shop, **fields)
    type(customer).objects.filter(pk=customer.pk).update(created_at=NOW - 300 * DAY)
    AppointmentFactory(customer=customer, starts_at=NOW - days * DAY)
    return customer


def lapsed(shop, rule=None):
    return saving.create(
        shop=shop, name="Lapsed", rule=rule or {"last_visit_days": {"min": 60}}, now=NOW
    )


def stays(segment) -> list[tuple]:
    rows = SegmentMembership.objects.filter(segment=segment).order_by("customer", "entered_at")
    return [(r.customer_id, r.entered_at, r.why_entered, r.left_at, r.why_left) for r in rows]


def sizes(segment) -> list[int]:
    return [row.size for row in SegmentSize.objects.filter(segment=segment)]


def test_creation_is_the_first_look(shop):
    inside = visitor(shop, days=70)
    visitor(shop, days=10)
    visitor(ShopFactory(), days=70)

    segment = lapsed(shop)

    assert stays(segment) == [(inside.pk, NOW, "first look", None, "")]
    assert sizes(segment) == [1]
    assert segment.watched_at == NOW


def test_the_next_day_says_who_entered_and_left_and_by_which_fact(shop):
    leaver, stayer, enterer = (visitor(shop, days=days) for days in (70, 70, 59))
    segment = lapsed(shop)
    AppointmentFactory(customer=leaver, starts_at=NOW + DAY / 2)

    assert watching.watch(now=NOW + DAY) == 1

    said = {pk: (why_in, left, why_out) for pk, _, why_in, left, why_out in stays(segment)}
    assert said[stayer.pk] == ("first look", None, "")
    assert said[leaver.pk][:2] == ("first look", NOW + DAY)
    clause = "among those whose last visit was at least 60 days ago"
    assert said[leaver.pk][2].startswith(f"no longer {clause} (")
    assert said[enterer.pk][0].startswith(f"now {clause} (")
    assert sizes(segment) == [2, 2]


def test_a_second_look_on_the_same_day_of_the_shop_does_nothing(shop):
    segment = lapsed(shop)
    visitor(shop, days=70)

    assert watching.watch(now=NOW + dt.timedelta(hours=11)) == 0
    assert watching.look(segment, now=NOW) is False
    assert stays(segment) == []
    assert watching.watch(now=NOW + dt.timedelta(hours=13)) == 1


def test_a_look_that_was_killed_leaves_nothing_and_is_repeated(shop, monkeypatch):
    segment = lapsed(shop)
    visitor(shop, days=70)
    with monkeypatch.context() as patched:
        patched.setattr(SegmentSize.objects, "create", lambda **_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            watching.watch(now=NOW + DAY)
    assert stays(segment) == []

    watching.watch(now=NOW + DAY)

    assert (len(stays(segment)), sizes(segment)) == (1, [0, 1])


def test_who_came_into_the_records_since_is_said_to_be_new(shop):
    segment = lapsed(shop)
    newcomer = visitor(shop, days=70)
    type(newcomer).objects.filter(pk=newcomer.pk).update(created_at=NOW + DAY / 2)

    watching.watch(now=NOW + DAY)

    assert stays(segment)[0][2] == "new among the customers"


def test_a_new_rule_is_the_reason_for_whom_it_moves(shop):
    old, new = visitor(shop, days=70), visitor(shop, days=30)
    segment = lapsed(shop)
    saving.change(segment, fields={"criteria": {"last_visit_days": {"max": 40}}}, now=NOW + DAY / 2)

    watching.watch(now=NOW + DAY)

    said = {pk: (why_in, why_out) for pk, _, why_in, _, why_out in stays(segment)}
    assert said[new.pk] == ("the rule was changed", "")
    assert said[old.pk][1].startswith("the rule was changed; no longer among those whose last")


def test_a_fact_without_a_date_is_said_where_no_other_has_turned(shop):
    person = visitor(shop, days=70)
    segment = lapsed(shop, rule={"tags": ["vip"]})
    tag = Tag.objects.create(shop=shop, name="vip")
    CustomerTag.objects.create(shop=shop, customer=person, tag=tag)

    watching.watch(now=NOW + DAY)

    assert stays(segment)[0][2] == "what is known of the customer was changed"


def test_who_left_is_told_by_the_facts_that_turned_and_not_by_those_that_never_held(shop):
    person = visitor(shop, days=9)
    either = [{"last_visit_days": {"max": 10}}, {"birthday_in_days": {"max": 3}}]
    segment = lapsed(shop, {"any": either})

    watching.watch(now=NOW + 2 * DAY)

    ((_, _, _, left, reason),) = stays(segment)
    clause = "no longer among those whose last visit was at most 10 days ago"
    assert (left, reason) == (NOW + 2 * DAY, f"{clause} (11 days ago)"), person


def test_who_left_by_a_fact_without_a_date_is_told_it_where_no_other_can_be_the_reason(shop):
    person = visitor(shop, days=9)
    tags = {name: Tag.objects.create(shop=shop, name=name) for name in ("vip", "club")}
    CustomerTag.objects.create(shop=shop, customer=person, tag=tags["vip"])
    sure = lapsed(shop, {"last_visit_days": {"max": 30}, "tags": ["vip"]})
    either = {"any": [{"tags": ["vip"]}, {"tags": ["club"]}]}
    unsure = saving.create(shop=shop, name="Either", rule=either, now=NOW)
    CustomerTag.objects.all().delete()

    watching.watch(now=NOW + DAY)

    assert stays(sure)[0][4] == "no longer among those who are tagged vip (no tag)"
    assert stays(unsure)[0][4] == "what is known of the customer was changed"


def test_a_new_rule_is_looked_at_at_once(shop):
    old, new = visitor(shop, days=70), visitor(shop, days=30)
    segment = lapsed(shop)
    rule = {"last_visit_days": {"max": 40}}

    changed = saving.change(segment, fields={"criteria": rule}, now=NOW + DAY / 24)

    assert (changed.watched_at, sizes(segment)) == (NOW + DAY / 24, [1, 1])
    now_in = {pk: why_in for pk, _, why_in, left, _ in stays(segment) if left is None}
    assert now_in == {new.pk: "the rule was changed"}, old
    saving.change(segment, fields={"name": "Newer", "criteria": rule}, now=NOW + DAY / 12)
    assert sizes(segment) == [1, 1]  # the same rule


def test_a_new_rule_that_could_not_be_looked_at_is_due_within_the_hour(shop, monkeypatch):
    visitor(shop, days=30)
    segment = lapsed(shop)

    def slow(segment, *, now):
        raise OperationalError("canceling statement due to statement timeout")

    with monkeypatch.context() as patched:
        patched.setattr(watching, "look", slow)
        saving.change(segment, fields={"criteria": {}}, now=NOW + DAY / 24)
    segment.refresh_from_db()
    assert (segment.criteria, sizes(segment)) == ({}, [0])

    assert watching.watch(now=NOW + DAY / 12) == 1
    assert sizes(segment) == [0, 1]
    assert watching.watch(now=NOW + DAY / 8) == 0


def test_above_the_limit_only_sizes_are_kept(shop, monkeypatch):
    monkeypatch.setattr(watching, "MOST_MEMBERS", 1)
    visitor(shop, days=70)
    segment = lapsed(shop)
    assert len(stays(segment)) == 1
    back = visitor(shop, days=70)

    watching.watch(now=NOW + DAY)

    assert (stays(segment), sizes(segment)) == ([], [1, 2])
    AppointmentFactory(customer=back, starts_at=NOW + DAY)
    watching.watch(now=NOW + 2 * DAY)
    assert [stay[2] for stay in stays(segment)] == ["first look"]


def test_a_rule_that_cannot_be_read_does_not_stop_the_others(shop):
    CustomerSegment.objects.create(shop=shop, name="Broken", criteria={"gone": 1})
    CustomerSegment.objects.create(shop=shop, name="Whole", criteria={})

    assert watching.watch(now=NOW) == 1


def test_trouble_with_one_segment_does_not_keep_the_others_waiting(shop, monkeypatch):
    slow = CustomerSegment.objects.create(shop=shop, name="Slow", criteria={})
    CustomerSegment.objects.create(shop=shop, name="Quick", criteria={})
    real = watching.look

    def look(segment, *, now):
        if segment == slow:
            raise OperationalError("canceling statement due to statement timeout")
        return real(segment, now=now)

    with monkeypatch.context() as patched:
        patched.setattr(watching, "look", look)
        assert watching.watch(now=NOW) == 1
    assert watching.watch(now=NOW) == 1


def test_erasure_takes_the_stays_along(shop):
    person = visitor(shop, days=70)
    segment = lapsed(shop)

    erasure.erase(person, reason="asked")

    assert stays(segment) == []
    watching.watch(now=NOW + DAY)
    assert sizes(segment) == [1, 0]


def test_reasons_name_the_rows_of_the_rule_for_the_first_people_and_for_the_rest(shop, monkeypatch):
    monkeypatch.setattr(why, "MOST_FOUND", 1)
    barber = BarberFactory(shop=shop, first_name="Ana")
    people = [visitor(shop, days=70) for _ in range(2)]
    for person in people:
        AppointmentFactory(customer=person, barber=barber, starts_at=NOW + DAY / 2)
    segment = lapsed(shop, {"visit_count": {"min": 1, "barber": barber.pk}})

    watching.watch(now=NOW + DAY)

    clause = "now among those who came at least 1 time with barber Ana"
    assert [reason for _, _, reason, _, _ in stays(segment)] == [f"{clause} (once)", clause]
