"""The editor of segments: rows of rules, JSON beside them, and nothing typed is lost."""

from html import unescape

import pytest

from barbershop.models import AuditEntry, Membership
from barbershop.tests.factories import MembershipFactory
from customers import tagging
from customers.models import CustomerSegment
from customers.tests.factories import AppointmentFactory, CustomerFactory, SegmentFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client, shop):
    client.force_login(MembershipFactory(shop=shop, role=Membership.Role.STAFF).user)
    return client


def visitor(shop, name, *, days):
    person = CustomerFactory(shop=shop, last_name=name)
    AppointmentFactory(customer=person, days_ago=days)
    return person


def typed(*rows, join="all", do="save", name="Mine", **more) -> dict:
    """What the editor's form sends; each row is (fact, {input: value})."""
    data = {"name": name, "description": "", "rule-join": join, "rule-json": "", "do": do}
    for index, (fact, values) in enumerate(rows):
        data[f"rule-{index}-fact"] = fact
        data |= {f"rule-{index}-{key}": value for key, value in values.items()}
    return data | more


def shown_rows(answer) -> list[tuple[str, dict]]:
    return [
        (row.fact.name, {name: row[name].value() for name in row.fields})
        for row in answer.context["editor"].rows
    ]


def test_a_segment_is_written_with_rows(staff, shop):
    rows = [
        ("last_visit_days", {"value-min": "60", "value-max": ""}),
        ("spending_tier", {"value": "high", "negated": "on"}),
    ]

    answer = staff.post("/segments/new/", typed(*rows))

    segment = CustomerSegment.objects.get(shop=shop)
    assert answer.url == f"/segments/{segment.pk}/"
    assert segment.criteria == {
        "all": [{"last_visit_days": {"min": 60}}, {"not": {"spending_tier": "high"}}]
    }
    again = shown_rows(staff.get(f"/segments/{segment.pk}/edit/"))
    assert again == [
        ("last_visit_days", {"value-min": 60, "value-max": None, "negated": False}),
        ("spending_tier", {"value": "high", "negated": True}),
    ]


def test_adding_and_removing_a_rule_keep_what_was_typed(staff):
    first = ("last_visit_days", {"value-min": "soon", "value-max": ""})
    second = ("has_upcoming_booking", {"value-booked": "False"})
    data = typed(first, second, do="add", name="", **{"rule-new": "tags"})

    added = staff.post("/segments/new/", data)

    assert added.status_code == 200
    assert [name for name, _ in shown_rows(added)] == [
        "last_visit_days",
        "has_upcoming_booking",
        "tags",
    ]
    assert shown_rows(added)[0][1]["value-min"] == "soon"
    assert b"There is a problem" not in added.content
    removed = staff.post("/segments/new/", typed(first, second, do="remove-0", name="Mine"))
    assert [name for name, _ in shown_rows(removed)] == ["has_upcoming_booking"]
    assert shown_rows(removed)[0][1]["value-booked"] == "False"
    assert removed.context["form"]["name"].value() == "Mine"
    assert not CustomerSegment.objects.exists()


def test_show_says_who_is_meant_and_saves_nothing(staff, shop):
    visitor(shop, "Adams", days=70)
    visitor(shop, "Close", days=58)

    answer = staff.post(
        "/segments/new/",
        typed(("last_visit_days", {"value-min": "60"}), do="show", name=""),
    )

    assert (answer.status_code, answer.context["reach"].people) == (200, 1)
    assert [each.customer.last_name for each in answer.context["outside"]] == ["Close"]
    assert not CustomerSegment.objects.exists()


def test_errors_stand_at_their_row(staff):
    rows = [
        ("has_upcoming_booking", {"value-booked": "True"}),
        ("last_visit_days", {"value-min": "90", "value-max": "30"}),
        ("visit_count", {"value-min": "many"}),
    ]

    answer = staff.post("/segments/new/", typed(*rows))

    assert answer.status_code == 400
    (first, said), (second, number) = answer.context["problems"]
    assert (first, second) == ("id_rule-1-value-min", "id_rule-2-value-min")
    assert said == "Rule 2, Last visit days: min (90) is greater than max (30)."
    assert number == "Rule 3, Visit count: Enter a whole number."


def test_json_says_what_rows_cannot_and_its_errors_name_the_word(staff, shop):
    pair = '{"all": [{"tags": "vip"}, {"visit_count": {"max": 2}}]}'
    deep = f'{{"any": [{{"visit_count": {{"min": 9}}}}, {pair}]}}'
    staff.post("/segments/new/", typed(**{"rule-json": deep}))

    segment = CustomerSegment.objects.get(shop=shop)
    assert set(segment.criteria) == {"any"}
    editor = staff.get(f"/segments/{segment.pk}/edit/").context["editor"]
    assert (editor.rows, '"any"' in editor.written) == ([], True)
    for wrong in ('{"visits": {"min": 9}}', "{", "[1]", "null"):
        answer = staff.post("/segments/new/", typed(name="Other", **{"rule-json": wrong}))
        assert (answer.status_code, answer.context["problems"][0][0]) == (400, "id_rule-json")
    assert CustomerSegment.objects.count() == 1


def test_a_name_that_is_taken_is_refused_beside_the_field(staff, shop):
    SegmentFactory(shop=shop, name="Mine")
    SegmentFactory(name="Free")

    refused = staff.post("/segments/new/", typed(name="Mine"))

    assert (refused.status_code, "name" in refused.context["form"].errors) == (400, True)
    assert staff.post("/segments/new/", typed(name="Free")).status_code == 302


def test_a_segment_made_of_itself_is_refused_at_the_row(staff, shop):
    segment = SegmentFactory(shop=shop, name="Mine")
    rows = [("in_segment", {"value": [segment.pk]})]

    answer = staff.post(f"/segments/{segment.pk}/edit/", typed(*rows))

    assert answer.status_code == 400
    (problem,) = answer.context["problems"]
    assert problem[1] == "Rule 1, In segment: A segment cannot be made of itself."


def test_rule_about_what_is_not_known_is_not_left_out_in_silence(staff, shop):
    answer = staff.post("/segments/new/", typed(("bogus_fact", {}), ("tags", {"value": ["vip"]})))

    assert answer.status_code == 400
    assert "There is no rule about “bogus_fact” (any more)" in answer.content.decode()
    assert not CustomerSegment.objects.filter(shop=shop).exists()


def test_word_of_a_stored_rule_stays_when_one_like_it_comes_into_use(staff, shop):
    segment = SegmentFactory(shop=shop, criteria={"not": {"tags": "weekenders"}})
    tagging.add_tags([(CustomerFactory(shop=shop), "Weekender")], shop=shop)
    row = ("tags", {"value": ["weekenders"], "negated": "on"})

    kept = staff.post(f"/segments/{segment.pk}/edit/", typed(row, description="Not at weekends"))
    other = staff.post("/segments/new/", typed(row, name="Another"))

    segment.refresh_from_db()
    assert (kept.status_code, segment.description) == (302, "Not at weekends")
    assert segment.criteria == {"not": {"tags": "weekenders"}}
    assert other.status_code == 400
    assert 'Did you mean "Weekender"?' in unescape(other.content.decode())


def test_saving_what_is_stored_already_is_no_change(staff, shop):
    segment = SegmentFactory(shop=shop, name="Mine", criteria={"visit_count": {"min": 3}})

    row = ("visit_count", {"value-min": "3", "value-max": ""})
    assert staff.post(f"/segments/{segment.pk}/edit/", typed(row)).status_code == 302

    assert not AuditEntry.objects.filter(action="segment.edit").exists()
