"""Segments by API: what they answer beside the list."""

import datetime as dt

import pytest
from django.utils import timezone

from barbershop.tests.factories import BarberFactory, ShopFactory
from barbershop.tests.query_counts import assert_same_queries
from customers.models import CustomerSegment
from customers.segments import watching
from customers.tests.factories import AppointmentFactory, CustomerFactory, SegmentFactory

pytestmark = pytest.mark.django_db
LAPSED = {"last_visit_days": {"min": 60}}


def visitor(shop, name, *, days):
    person = CustomerFactory(shop=shop, first_name="Sam", last_name=name)
    AppointmentFactory(customer=person, days_ago=days)
    return person


def test_preview_of_unsaved_criteria_is_that_of_the_saved_ones(api, shop):
    inside, close = visitor(shop, "In", days=70), visitor(shop, "Close", days=58)
    visitor(ShopFactory(), "Intruder", days=70)

    asked = api.post("/api/segments/preview", {"criteria": LAPSED})
    assert not CustomerSegment.objects.exists()
    made = api.post("/api/segments/", {"name": "Lapsed", "criteria": LAPSED}).json()
    saved = api.get(f"/api/segments/{made['id']}/preview").json()

    assert asked.status_code == 200
    assert asked.json() == saved
    finding = {
        "path": "last_visit_days",
        "sentence": "whose last visit was at least 60 days ago",
    }
    assert saved == {
        "count": 1,
        "sentence": "Customers whose last visit was at least 60 days ago.",
        "inside": [
            {
                "customer": inside.pk,
                "name": "Sam In",
                "deciding": [finding | {"holds": True, "found": "70 days ago"}],
            }
        ],
        "just_outside": [
            {
                "customer": close.pk,
                "name": "Sam Close",
                "deciding": [finding | {"holds": False, "found": "58 days ago"}],
            }
        ],
    }


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"criteria": {"last_visit_day": {"min": 3}}}, "criteria.last_visit_day"),
        ({"criteria": {"any": [{"in_segment": 9999}]}}, "criteria.any.0.in_segment"),
        ({"criterion": {}}, "criterion"),
        ({}, "criteria"),
    ],
)
def test_preview_names_what_it_does_not_understand(api, body, path):
    answer = api.post("/api/segments/preview", body)

    assert (answer.status_code, next(iter(answer.json()["error"]["fields"]))) == (400, path)


def test_history_and_changes_are_those_of_the_looks(api, shop):
    visitor(shop, "In", days=70)
    made = api.post("/api/segments/", {"name": "Lapsed", "criteria": LAPSED}).json()
    segment = CustomerSegment.objects.get(pk=made["id"])
    late = visitor(shop, "Late", days=61)
    watching.look(segment, now=timezone.now() + dt.timedelta(days=1))

    history = api.get(f"/api/segments/{segment.pk}/history").json()
    changes = api.get(f"/api/segments/{segment.pk}/changes").json()

    assert [row["size"] for row in history] == [2, 1]
    assert [(row["customer"], row["why_entered"]) for row in changes["results"]] == [
        (late.pk, "new among the customers"),
        (changes["results"][1]["customer"], "first look"),
    ]
    assert changes["results"][0]["left_at"] is None


def test_changes_ask_the_same_with_one_row_and_with_three(api, shop):
    segment = SegmentFactory(shop=shop, criteria={})

    def grow():
        CustomerFactory(shop=shop)
        segment.refresh_from_db()
        at = segment.watched_at or timezone.now()
        watching.look(segment, now=at + dt.timedelta(days=1))

    assert_same_queries(api, f"/api/segments/{segment.pk}/changes", make=grow)


def test_a_used_segment_is_a_conflict_that_names_who_uses_it(api, shop):
    inner = SegmentFactory(shop=shop, name="Inner")
    outer = SegmentFactory(shop=shop, name="Outer", criteria={"in_segment": inner.pk})

    assert api.get(f"/api/segments/{inner.pk}/used_by").json() == [
        {
            "kind": "segment",
            "id": outer.pk,
            "name": "Outer",
            "how": "asks for it in its rules",
        }
    ]
    refused = api.delete(f"/api/segments/{inner.pk}/")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "in_use")
    assert "“Outer”" in refused.json()["error"]["message"]
    assert api.delete(f"/api/segments/{outer.pk}/").status_code == 204


def test_a_segment_cannot_be_made_of_itself(api, shop):
    segment = SegmentFactory(shop=shop)

    answer = api.patch(f"/api/segments/{segment.pk}/", {"criteria": {"in_segment": segment.pk}})

    assert answer.status_code == 400
    assert list(answer.json()["error"]["fields"]) == ["criteria.in_segment"]


def test_a_rule_that_cannot_be_read_is_said_not_a_fault(api, shop):
    segment = SegmentFactory(shop=shop, criteria={"gone": 1})

    assert api.get(f"/api/segments/{segment.pk}/").json()["sentence"].startswith("Cannot be read")
    for path in ("count", "preview"):
        answer = api.get(f"/api/segments/{segment.pk}/{path}")
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "unreadable")


def test_a_rule_whose_segments_have_grown_too_large_is_said_not_a_fault(api, shop):
    parts = [SegmentFactory(shop=shop, criteria=LAPSED) for _ in range(11)]
    whole = SegmentFactory(shop=shop, criteria={"in_segment": [part.pk for part in parts]})
    grown = {"any": [LAPSED] * 100}
    CustomerSegment.objects.filter(pk__in=[part.pk for part in parts]).update(criteria=grown)

    for path in ("count", "preview"):
        answer = api.get(f"/api/segments/{whole.pk}/{path}")
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "unreadable")


def test_sentences_of_a_list_name_rows_and_ask_for_them_once(api, shop):
    barber = BarberFactory(shop=shop, first_name="Ana")
    rule = {"preferred_barber": barber.pk}
    assert_same_queries(
        api, "/api/segments/", make=lambda: SegmentFactory(shop=shop, criteria=rule)
    )
    CustomerFactory(shop=shop)

    listed = api.get("/api/segments/").json()["results"]
    previewed = api.post("/api/segments/preview", {"criteria": rule}).json()

    said = "Customers who prefer barber Ana."
    assert [each["sentence"] for each in listed] == [said] * 3
    assert previewed["sentence"] == said
    (outside,) = previewed["just_outside"]
    assert outside["deciding"][0]["sentence"] == "who prefer barber Ana"
