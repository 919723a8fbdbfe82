"""Segments in the admin: the first look, the mark of a new rule, and what protects one."""

import pytest
from django.urls import reverse

from barbershop.tests.factories import BarberFactory, MembershipFactory
from barbershop.tests.query_counts import assert_same_queries
from customers.models import CustomerSegment, SegmentSize
from customers.tests.factories import CustomerFactory, SegmentFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client, shop):
    user = MembershipFactory(shop=shop, user__is_staff=True).user
    client.force_login(user)
    return client


def page(name: str, *args) -> str:
    return reverse(f"admin:customers_customersegment_{name}", args=args)


def test_a_segment_made_here_is_looked_at_at_once(staff, shop):
    CustomerFactory(shop=shop)

    staff.post(page("add"), {"shop": shop.pk, "name": "All", "criteria": "{}"})

    segment = CustomerSegment.objects.get(shop=shop)
    assert segment.watched_at >= segment.criteria_changed_at
    assert [row.size for row in SegmentSize.objects.all()] == [1]


def test_only_a_new_rule_is_marked_as_changed(staff, shop):
    segment = SegmentFactory(shop=shop, criteria={})
    for name, rule in (("Named", "{}"), ("Ruled", '{"visit_count": {"min": 1}}')):
        staff.post(page("change", segment.pk), {"shop": shop.pk, "name": name, "criteria": rule})
        segment.refresh_from_db()
        assert (segment.name, segment.criteria_changed_at is None) == (name, name == "Named")


def test_a_rule_about_itself_or_another_shops_rows_is_a_form_error(staff, shop):
    segment = SegmentFactory(shop=shop)
    for other in (segment, SegmentFactory()):
        answer = staff.post(
            page("change", segment.pk),
            {"shop": shop.pk, "name": "Loop", "criteria": f'{{"in_segment": {other.pk}}}'},
        )
        assert list(answer.context["adminform"].form.errors) == ["criteria"]
    assert answer.status_code == 200


def test_a_segment_that_another_names_is_protected(staff, shop):
    inner = SegmentFactory(shop=shop, name="Inner")
    outer = SegmentFactory(shop=shop, name="Outer", criteria={"in_segment": inner.pk})

    asked = staff.post(page("delete", inner.pk), {"post": "yes"})

    assert "segment “Outer”" in asked.content.decode()
    assert CustomerSegment.objects.count() == 2
    staff.post(page("delete", outer.pk), {"post": "yes"})
    assert CustomerSegment.objects.get() == inner


def test_meanings_name_rows_and_the_list_asks_for_them_once(staff, shop):
    barber = BarberFactory(shop=shop, first_name="Ana")
    rule = {"preferred_barber": barber.pk}
    assert_same_queries(
        staff, page("changelist"), make=lambda: SegmentFactory(shop=shop, criteria=rule)
    )

    segment = CustomerSegment.objects.first()
    for path in (page("changelist"), page("change", segment.pk)):
        assert b"Customers who prefer barber Ana." in staff.get(path).content
    assert b"All customers." in staff.get(page("add")).content
