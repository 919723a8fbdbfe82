"""Budgets in admin: money in words, limits by the same verb, and never below what is gone."""

import pytest
from django.urls import reverse
from django.utils import timezone

from barbershop.models import AuditEntry, Membership
from barbershop.tests.factories import MembershipFactory, ShopFactory
from communications import budgets
from communications.models import Budget
from communications.tests.factories import DispatchFactory

pytestmark = pytest.mark.django_db
DOLLAR = 1_000_000


@pytest.fixture
def month():
    budgets.set_month(ShopFactory(), DOLLAR)
    return Budget.objects.get()


@pytest.fixture
def manager(client, month):
    budgets.set_month(ShopFactory(), 3 * DOLLAR)
    member = MembershipFactory(shop=month.shop, role=Membership.Role.MANAGER, user__is_staff=True)
    client.force_login(member.user)
    return client


def page(budget):
    return reverse("admin:communications_budget_change", args=[budget.pk])


def test_raising_resumes_and_is_on_record(manager, month):
    paused = DispatchFactory(
        shop=month.shop, state="paused", pause_cause="budget", prepared_at=timezone.now()
    )

    answer = manager.post(page(month), {"limit": "60.50"})

    assert answer.status_code == 302
    month.refresh_from_db()
    paused.refresh_from_db()
    assert (month.limit_micros, paused.state) == (60_500_000, "running")
    actions = AuditEntry.objects.filter(shop=month.shop).values_list("action", flat=True)
    assert {"budget.set", "admin.budget.change"} <= set(actions)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("0.40", "The lowest possible limit is $0.4118: it is spent or on the wire."),
        ("", "This field is required."),
        ("$", "Write an amount such as &quot;50.00&quot;."),
        ("much", "Write an amount such as &quot;50.00&quot;."),
    ],
)
def test_a_wrong_limit_is_refused_in_the_form(manager, month, typed, said):
    Budget.objects.filter(pk=month.pk).update(spent_micros=400_000, reserved_micros=11_800)

    answer = manager.post(page(month), {"limit": typed})

    assert answer.status_code == 200
    assert said in answer.content.decode()
    month.refresh_from_db()
    assert month.limit_micros == DOLLAR


def test_small_amounts_are_shown_exactly(manager, month):
    Budget.objects.filter(pk=month.pk).update(spent_micros=399, reserved_micros=11_800)

    for path in (page(month), reverse("admin:communications_budget_changelist")):
        html = manager.get(path).content.decode()
        assert "$0.000399" in html
        assert "$0.0118" in html


@pytest.mark.parametrize(("day", "status"), [("2027-01-01", 302), ("2027-01-02", 200), ("", 200)])
def test_a_budget_is_added_for_a_whole_month(manager, month, day, status):
    answer = manager.post(
        reverse("admin:communications_budget_add"),
        {"shop": month.shop_id, "month": day, "limit": "5"},
    )

    assert answer.status_code == status
    assert Budget.objects.filter(shop=month.shop, limit_micros=5 * DOLLAR).count() == (
        1 if status == 302 else 0
    )


def test_another_shops_budget_is_not_there(manager, month):
    theirs = Budget.objects.exclude(pk=month.pk).get()

    assert manager.post(page(theirs), {"limit": "60.50"}).status_code == 404
    assert manager.get(page(theirs)).status_code == 404


@pytest.mark.parametrize("key", ["²", "9" * 19, "much"])
def test_what_is_no_id_is_not_there(manager, key):
    answer = manager.post(f"/admin/communications/budget/{key}/change/", {"limit": "1"})

    assert answer.status_code == 404
