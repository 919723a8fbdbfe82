import datetime as dt

import pytest
from rest_framework.test import APIClient

from analytics import performance
from analytics.api.shapes import serializer_of
from analytics.tests.factories import AlertFactory, booking, delivered
from barbershop.tests.api import token_client
from barbershop.tests.factories import MembershipFactory, ShopFactory
from campaigns.tests.factories import DefinitionFactory, ExecutionFactory

pytestmark = pytest.mark.django_db

NINE = dt.datetime(2026, 5, 4, 13, 0, tzinfo=dt.UTC)


@pytest.fixture
def execution(shop):
    return ExecutionFactory(definition__shop=shop, started_at=NINE, dispatch__state="done")


def path_of(definition, end=""):
    return f"/api/campaigns/{definition.pk}/performance{end}"


@pytest.mark.parametrize("end", ["", "/"])
def test_performance_answers_with_and_without_the_slash(api, execution, end):
    mail = delivered(execution, at=NINE, opened_at=NINE, cost_micros=20_000)
    booking(execution, mail, at=NINE, revenue=3_500)

    answer = api.get(path_of(execution.definition, end))

    assert answer.status_code == 200
    said = answer.json()
    assert (said["campaign"], said["execution"]["status"]) == (execution.definition_id, "done")
    assert (said["totals"]["sent"], said["totals"]["revenue"], said["totals"]["cost"]) == (
        1,
        3_500,
        2,
    )
    assert (said["rates"]["delivery"], said["totals"]["roi"]) == (1.0, 1749.0)
    assert said["series"] == [
        {
            "at": "2026-05-04T09:00:00-04:00",
            "sent": 1,
            "delivered": 1,
            "opened": 1,
            "clicked": 0,
            "converted": 1,
            "revenue": 3_500,
        }
    ]


def test_performance_says_the_same_over_http_as_in_python(api, execution):
    delivered(execution, at=NINE)

    said = api.get(path_of(execution.definition)).json()

    expected = performance.of(execution.definition).as_dict()
    assert said.keys() == expected.keys()
    assert said["totals"] == expected["totals"]
    assert said["rates"] == expected["rates"]
    assert said["channels"]["email"] == expected["channels"]["email"]


def test_performance_of_a_draft_has_no_execution(api, shop):
    said = api.get(path_of(DefinitionFactory(shop=shop))).json()

    assert (said["execution"], said["series"], said["totals"]["sent"]) == (None, [], 0)


def test_performance_of_another_shops_campaign_is_not_found(api):
    answer = api.get(path_of(DefinitionFactory(shop=ShopFactory())))

    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not_found"


@pytest.mark.parametrize("end", ["", "/"])
@pytest.mark.parametrize(
    ("asked", "answered"), [("hour", "hour"), ("day", "day"), ("auto", "hour")]
)
def test_performance_takes_the_bucket_of_its_series(api, execution, end, asked, answered):
    delivered(execution, at=NINE)

    answer = api.get(f"{path_of(execution.definition, end)}?bucket={asked}")

    assert (answer.status_code, answer.json()["bucket"]) == (200, answered)


@pytest.mark.parametrize(
    ("query", "field"), [("bucket=week", "bucket"), ("buckett=day", "buckett")]
)
def test_performance_refuses_what_it_does_not_know(api, execution, query, field):
    answer = api.get(f"{path_of(execution.definition)}?{query}")

    assert answer.status_code == 400
    assert list(answer.json()["error"]["fields"]) == [field]


def test_performance_needs_a_token_and_only_reads(api, execution):
    assert APIClient().get(path_of(execution.definition)).status_code == 401
    assert api.post(path_of(execution.definition), {}).status_code == 405


def test_serializer_of_has_every_field_of_its_dataclass():
    made = serializer_of(performance.Performance)()

    assert list(made.fields) == list(performance.Performance.__dataclass_fields__)
    assert list(made.fields["totals"].fields) == list(performance.Totals.__dataclass_fields__)
    assert made.fields["totals"].fields["roi"].allow_null


def test_alerts_list_shows_only_those_of_the_shop(api, shop):
    mine = AlertFactory(shop=shop)
    AlertFactory(shop=ShopFactory())
    AlertFactory(shop=None)

    said = api.get("/api/alerts/").json()

    assert [row["id"] for row in said["results"]] == [mine.pk]
    assert said["count"] == 1


def test_alerts_can_be_filtered_by_what_is_left_to_do(api, shop):
    AlertFactory(shop=shop, resolved_at=NINE)
    AlertFactory(shop=shop, acknowledged_at=NINE)
    todo = AlertFactory(shop=shop)

    said = api.get("/api/alerts?open=true&acknowledged=false").json()

    assert [row["id"] for row in said["results"]] == [todo.pk]


@pytest.mark.parametrize("rows", [1, 3])
def test_alerts_list_asks_as_much_for_three_as_for_one(api, shop, rows, django_assert_num_queries):
    AlertFactory.create_batch(rows, shop=shop)
    api.get("/api/alerts/")  # the token's last use is written at most once a minute

    with django_assert_num_queries(3):
        api.get("/api/alerts/")


def test_alert_is_acknowledged_by_the_first_person_only(shop):
    alert = AlertFactory(shop=shop)
    first, second = (MembershipFactory(shop=shop).user for _ in range(2))
    api = APIClient()
    for person in (first, second):
        api.force_login(person)
        assert api.post(f"/api/alerts/{alert.pk}/acknowledge").status_code == 200

    alert.refresh_from_db()
    assert alert.acknowledged_by == first
    assert alert.acknowledged_at is not None


def test_alert_of_another_shop_cannot_be_acknowledged(api):
    alert = AlertFactory(shop=ShopFactory())

    assert api.post(f"/api/alerts/{alert.pk}/acknowledge").status_code == 404
    alert.refresh_from_db()
    assert alert.acknowledged_at is None


def test_alert_is_not_acknowledged_with_a_reading_token(shop):
    alert = AlertFactory(shop=shop)

    answer = token_client(shop, scopes=("read",)).post(f"/api/alerts/{alert.pk}/acknowledge/")

    assert answer.status_code == 403
