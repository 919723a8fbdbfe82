"""Budgets through the API: exact texts, this month's limit, and a campaign's own."""

import pytest
from django.utils import timezone

from barbershop.models import ApiToken, AuditEntry
from barbershop.tests.api import token_client
from barbershop.tests.factories import ShopFactory
from campaigns import execution
from campaigns.tests.factories import EMAIL, DefinitionFactory
from communications import budgets
from communications.models import Budget, Dispatch
from communications.tests.factories import DispatchFactory
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db
MONTH = "/api/budgets/month"
BODY = {"campaign_name": "Summer", "campaign_type": "email", "channels": EMAIL}


@pytest.fixture
def shop():
    budgets.set_month(ShopFactory(), 7_000_000)  # another's
    return ShopFactory()


def error(answer):
    return answer.json()["error"]


def test_month_is_set_and_read_as_exact_text(api, shop):
    answer = api.put(MONTH, {"limit": "50.5"})

    assert answer.status_code == 200
    assert answer.json()["resumed"] == 0
    Budget.objects.filter(shop=shop).update(spent_micros=11_800, reserved_micros=399)
    read = api.get(MONTH).json()
    assert read["month"] == timezone.now().astimezone(shop.zone).strftime("%Y-%m-01")
    words = ("currency", "limit", "spent", "reserved", "late", "left", "campaign")
    assert [read[word] for word in words] == [
        "USD",
        "50.50",
        "0.0118",
        "0.000399",
        "0.00",
        "50.487801",
        None,
    ]


def test_a_shop_without_a_limit_has_no_month(api):
    answer = api.get(MONTH)

    assert (answer.status_code, error(answer)["code"]) == (404, "not_found")
    assert api.get("/api/budgets").json()["results"] == []


@pytest.mark.parametrize(
    ("limit", "said"),
    [
        (50, 'Write the amount as a text, such as "50.00".'),
        (50.5, 'Write the amount as a text, such as "50.00".'),
        (True, 'Write the amount as a text, such as "50.00".'),
        ("fifty", 'Write an amount such as "50.00".'),
        *((word, 'Write an amount such as "50.00".') for word in ("NaN", "-1", "1e3", "", "٣")),
        ("1000000000", "Less than 1,000,000,000."),
        ("9" * 5000, "Less than 1,000,000,000."),
        ("0.0000001", "At most 6 digits after the point."),
        (None, "This field may not be null."),
    ],
)
def test_what_is_no_amount_is_refused_in_a_sentence(api, limit, said):
    answer = api.put(MONTH, {"limit": limit})

    assert answer.status_code == 400
    assert error(answer)["fields"] == {"limit": [said]}


@pytest.mark.parametrize("body", [{}, {"limit": "1", "spent": "0"}])
def test_only_the_limit_is_set(api, body):
    assert api.put(MONTH, body).status_code == 400


def test_a_limit_below_what_is_gone_is_a_conflict_that_says_the_lowest(api, shop):
    api.put(MONTH, {"limit": "50"})
    Budget.objects.filter(shop=shop).update(spent_micros=12_345_678, reserved_micros=11_800)

    answer = api.put(MONTH, {"limit": "12"})

    said = "The lowest possible limit is $12.357478: it is spent or on the wire."
    assert answer.status_code == 409
    assert error(answer) == {"code": "limit_too_low", "message": said, "fields": {"limit": [said]}}
    assert api.put(MONTH, {"limit": "12.357478"}).status_code == 200


def test_raising_says_how_many_go_on(api, shop):
    api.put(MONTH, {"limit": "0"})
    DispatchFactory(shop=shop, state="paused", pause_cause="budget", prepared_at=timezone.now())

    assert api.put(MONTH, {"limit": "1"}).json()["resumed"] == 1


def test_setting_a_limit_needs_the_scope_to_send(shop):
    client = token_client(shop, scopes=("read", "write"))
    budgets.set_month(shop, 1)
    budget = Budget.objects.get(shop=shop)

    assert client.put(MONTH, {"limit": "1"}).status_code == 403
    assert client.patch(f"/api/budgets/{budget.pk}", {"limit": "1"}).status_code == 403
    assert client.get(MONTH).status_code == 200


def test_the_token_that_set_a_limit_is_on_record(api, shop):
    api.put(MONTH, {"limit": "1"})

    entry = AuditEntry.objects.get(shop=shop, action="budget.set")
    assert entry.token == ApiToken.objects.get(shop=shop)


@pytest.mark.parametrize(("given", "read"), [("5", "5.00"), (None, None)])
def test_a_campaign_has_a_budget_or_none(api, given, read):
    made = api.post("/api/campaigns", {**BODY, "budget": given})

    assert made.status_code == 201
    assert made.json()["budget"] == read
    path = f"/api/campaigns/{made.json()['id']}"
    assert api.patch(path, {"budget": "0.0118"}).json()["budget"] == "0.0118"
    assert api.post(f"{path}/clone").json()["budget"] == "0.0118"
    assert api.patch(path, {"budget": None}).json()["budget"] is None


def test_a_campaigns_bad_budget_is_named(api):
    answer = api.post("/api/campaigns", {**BODY, "budget": "much"})

    assert error(answer)["fields"] == {"budget": ['Write an amount such as "50.00".']}


def test_an_executed_campaign_has_its_budget_on_its_dispatch(api, shop):
    CustomerFactory(shop=shop)
    definition = DefinitionFactory(shop=shop, budget_micros=5_000_000)

    run = execution.start(definition)

    assert (run.dispatch.budget.limit_micros, run.dispatch.budget.month) == (5_000_000, None)
    (found,) = api.get(f"/api/budgets?campaign={definition.pk}").json()["results"]
    assert (found["id"], found["limit"]) == (run.dispatch.budget_id, "5.00")
    assert found["campaign"] == definition.pk


def test_a_campaign_without_a_budget_gets_none(shop):
    CustomerFactory(shop=shop)

    run = execution.start(DefinitionFactory(shop=shop))

    assert run.dispatch.budget is None


def test_the_budget_of_a_running_campaign_is_raised(api, shop):
    CustomerFactory(shop=shop)
    run = execution.start(DefinitionFactory(shop=shop, budget_micros=0))
    Dispatch.objects.filter(pk=run.dispatch_id).update(state="paused", pause_cause="budget")

    answer = api.patch(f"/api/budgets/{run.dispatch.budget_id}", {"limit": "3"})

    assert answer.json()["budget"]["limit"] == "3.00"
    assert answer.json()["resumed"] == 1


def test_months_come_first_and_the_newest_before_the_others(api, shop):
    budgets.open_for(shop=shop, limit_micros=1)
    for month in ("2026-02-01", "2026-03-01", "2026-01-01"):
        Budget.objects.create(shop=shop, month=month, limit_micros=2)

    results = api.get("/api/budgets").json()["results"]

    assert [each["month"] for each in results] == ["2026-03-01", "2026-02-01", "2026-01-01", None]
    (march,) = api.get("/api/budgets?month=2026-03-01").json()["results"]
    assert march["month"] == "2026-03-01"


def test_an_amount_in_yen_has_no_digits_that_yen_do_not_have():
    client = token_client(ShopFactory(currency="JPY"))

    assert client.put(MONTH, {"limit": "5000"}).json()["budget"]["limit"] == "5000"
