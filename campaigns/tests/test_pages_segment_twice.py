"""Two people in the editor of one segment: nobody's change goes without his knowing."""

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from barbershop import edited
from barbershop.models import Membership
from barbershop.tests.factories import MembershipFactory, ShopFactory
from barbershop.tests.sent_forms import sent
from customers.models import CustomerSegment
from customers.segments import saving
from customers.tests.factories import SegmentFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def segment(shop):
    return SegmentFactory(shop=shop, name="Often", criteria={"visit_count": {"min": 1, "max": 9}})


@pytest.fixture
def ana(shop):
    return browser_of(shop, first_name="Ana", last_name="Ray")


@pytest.fixture
def ben(shop):
    return browser_of(shop, first_name="Ben", last_name="")


def browser_of(shop, **user) -> Client:
    client = Client()
    fields = {f"user__{name}": value for name, value in user.items()}
    client.force_login(MembershipFactory(shop=shop, role=Membership.Role.STAFF, **fields).user)
    return client


def opened(client, segment) -> dict:
    page = client.get(f"/segments/{segment.pk}/edit/")
    return sent(page.content.decode(), having="rule-json")


def save(client, segment, form: dict, *, do="save", **changed):
    changed = {name.replace("_", "-"): [value] for name, value in changed.items()}
    return client.post(f"/segments/{segment.pk}/edit/", form | changed | {"do": do})


def rule(segment) -> dict:
    return CustomerSegment.objects.get(pk=segment.pk).criteria["visit_count"]


def test_the_second_is_told_who_was_first_and_keeps_what_he_typed(ana, ben, segment):
    hers, his = opened(ana, segment), opened(ben, segment)
    assert save(ana, segment, hers, rule_0_value_min="5").status_code == 302

    refused = save(ben, segment, his, rule_0_value_max="7")

    assert (refused.status_code, rule(segment)) == (409, {"min": 5, "max": 9})
    (change,) = refused.context["changes"]
    assert (change.who, change.what) == ("Ana Ray", "the rules")
    assert refused.context["says_now"] == "Customers who came 5 to 9 times."
    page = refused.content.decode()
    assert "Ana Ray changed the rules" in page
    again = sent(page, having="rule-json")
    assert (again["rule-0-value-min"], again["rule-0-value-max"]) == (["1"], ["7"])


def test_he_may_save_over_it_knowingly_and_over_nothing_else(ana, ben, segment):
    hers, his = opened(ana, segment), opened(ben, segment)
    save(ana, segment, hers, rule_0_value_min="5")
    told = sent(save(ben, segment, his, name="His").content.decode(), having="rule-json")
    assert save(ben, segment, told).status_code == 409  # the plain button still refuses
    save(ana, segment, opened(ana, segment), rule_0_value_min="6")

    third = save(ben, segment, told, do="save-over")

    assert (third.status_code, rule(segment)) == (409, {"min": 6, "max": 9})
    assert len(third.context["changes"]) == 1  # since he was told of the first
    told = sent(third.content.decode(), having="rule-json")
    assert save(ben, segment, told, do="save-over").status_code == 302
    assert rule(segment) == {"min": 1, "max": 9}
    assert CustomerSegment.objects.get(pk=segment.pk).name == "His"


def test_buttons_that_do_not_save_keep_what_the_form_has_seen(ana, ben, segment):
    hers, his = opened(ana, segment), opened(ben, segment)
    save(ana, segment, hers, rule_0_value_min="5")
    shown = save(ben, segment, his, do="show", rule_0_value_max="7")

    again = sent(shown.content.decode(), having="rule-json")

    assert again["seen"] == his["seen"]
    assert save(ben, segment, again).status_code == 409


def test_nobody_is_stopped_where_nothing_is_overwritten(ana, ben, segment, api):
    his, late = opened(ben, segment), opened(ben, segment)
    assert save(ana, segment, opened(ana, segment), rule_0_value_min="5").status_code == 302
    assert save(ben, segment, his, rule_0_value_min="5").status_code == 302  # the same
    CustomerSegment.objects.filter(pk=segment.pk).update(updated_at=timezone.now())

    saving.change(segment, fields={"criteria": {"visit_count": {"min": 1, "max": 9}}})

    assert save(ana, segment, late, name="Mine").status_code == 302  # as it was when seen
    assert api.patch(f"/api/segments/{segment.pk}/", {"name": "By API"}).status_code == 200


def test_an_integration_is_named_and_of_an_unknown_time_the_newest_change_is_told(
    ben, segment, api
):
    his = opened(ben, segment)
    api.patch(f"/api/segments/{segment.pk}/", {"name": "First"})
    api.patch(f"/api/segments/{segment.pk}/", {"name": "Theirs", "description": "All"})
    other = SegmentFactory(shop=ShopFactory())
    saving.change(other, fields={"name": "Intruder"})

    for time in ("", "yesterday", "0001-01-01T00:00:00+14:00", "2999-01-01T00:00:00+00:00"):
        digest = his["seen"][0].partition("@")[0]
        refused = save(ben, segment, his | {"seen": [f"{digest}@{time}"]}, name="His")
        assert refused.status_code == 409
        (change,) = refused.context["changes"]
        assert change.what == "the name and what it is for"
        assert change.who.startswith("The integration “")
    assert len(save(ben, segment, his, name="His").context["changes"]) == 2


def test_a_digest_is_of_the_content_and_not_of_the_order_it_is_stored_in():
    now = dt.datetime(2026, 6, 15, tzinfo=dt.UTC)
    one, other = {"a": 1, "b": {"c": 2, "d": 3}}, {"b": {"d": 3, "c": 2}, "a": 1}

    assert edited.token(one, now=now) == edited.token(other, now=now)
    edited.check(edited.token(one, now=now), other, wanted={"a": 9})
    with pytest.raises(edited.EditedMeanwhile):
        edited.check(edited.token(one, now=now), other | {"a": 2}, wanted={"b": 1})
