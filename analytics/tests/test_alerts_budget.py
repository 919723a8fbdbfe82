import datetime as dt

import pytest

from analytics import alerts
from analytics.models import Alert
from barbershop.tests.factories import ShopFactory
from campaigns.tests.factories import ExecutionFactory
from communications import budgets
from communications.models import Budget

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 6, 30, 20, 0, tzinfo=dt.UTC)
DOLLAR = 1_000_000


@pytest.fixture
def month():
    """Fifty dollars; another shop has used nothing of its own."""
    budgets.set_month(ShopFactory(), DOLLAR, now=NOW)
    shop = ShopFactory()
    budgets.set_month(shop, 50 * DOLLAR, now=NOW)
    return Budget.objects.get(shop=shop)


def use(budget, micros, **noted):
    Budget.objects.filter(pk=budget.pk).update(spent_micros=micros, **noted)


def open_titles():
    return list(Alert.objects.filter(resolved_at=None).values_list("title", flat=True))


def test_eighty_percent_of_the_month_is_a_warning_that_is_given_once(month):
    use(month, 41 * DOLLAR, warned_at=NOW)

    assert alerts.watch(now=NOW) == 1
    assert alerts.watch(now=NOW) == 0

    alert = Alert.objects.get()
    assert (alert.shop, alert.severity, alert.link) == (month.shop, "warning", "/budget/")
    assert alert.title == "80 % of this month's budget is used"
    assert alert.body == "$41.00 of $50.00 is used."


def test_a_spent_month_takes_the_warnings_place(month):
    use(month, 41 * DOLLAR, warned_at=NOW)
    alerts.watch(now=NOW)
    use(month, 50 * DOLLAR, exhausted_at=NOW)

    assert alerts.watch(now=NOW) == 1

    assert open_titles() == ["This month's budget is spent"]
    alert = Alert.objects.get(resolved_at=None)
    assert alert.severity == "critical"
    assert alert.body.endswith("Sending is paused; raising the limit resumes it.")


def test_raising_the_limit_resolves(month):
    use(month, 50 * DOLLAR, warned_at=NOW, exhausted_at=NOW)
    alerts.watch(now=NOW)

    budgets.set_month(month.shop, 55 * DOLLAR, now=NOW)
    alerts.watch(now=NOW)
    assert open_titles() == ["80 % of this month's budget is used"]

    budgets.set_month(month.shop, 500 * DOLLAR, now=NOW)
    alerts.watch(now=NOW)
    assert open_titles() == []


def test_the_end_of_the_month_in_the_shop_resolves(month):
    use(month, 50 * DOLLAR, warned_at=NOW, exhausted_at=NOW)
    alerts.watch(now=NOW)

    alerts.watch(now=NOW + dt.timedelta(hours=7))  # July in London, still June in New York
    assert open_titles() == ["This month's budget is spent"]
    alerts.watch(now=NOW + dt.timedelta(hours=9))
    assert open_titles() == []


@pytest.mark.parametrize("state", ["running", "paused"])
def test_a_campaigns_own_budget_is_alerted_until_it_is_over(month, state):
    own = budgets.open_for(shop=month.shop, limit_micros=DOLLAR)
    run = ExecutionFactory(
        definition__shop=month.shop,
        definition__name="Summer",
        dispatch__budget=own,
        dispatch__state=state,
    )
    use(own, DOLLAR, warned_at=NOW, exhausted_at=NOW)

    assert alerts.watch(now=NOW) == 1

    alert = Alert.objects.get()
    assert alert.title == "The budget of “Summer” is spent"
    assert alert.link == f"/campaigns/{run.definition_id}/budget/"
    run.dispatch.state = "done"
    run.dispatch.save()
    alerts.watch(now=NOW)
    assert open_titles() == []


def test_alerts_ask_as_often_for_three_budgets_as_for_one(month, django_assert_num_queries):
    for _ in range(3):
        own = budgets.open_for(shop=month.shop, limit_micros=DOLLAR)
        ExecutionFactory(definition__shop=month.shop, dispatch__budget=own)
        use(own, DOLLAR, warned_at=NOW)
    use(month, DOLLAR, warned_at=NOW)

    with django_assert_num_queries(2):
        assert len(alerts._budgets(NOW)) == 4
