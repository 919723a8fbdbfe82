"""Another shop's rows do not exist: every route and method, found in the resolver."""

import pytest
from django.core.serializers import serialize
from rest_framework.test import APIClient

from barbershop.tests import rows
from barbershop.tests.api import token_client
from barbershop.tests.factories import ShopFactory
from barbershop.tests.routes import api_routes, list_routes

pytestmark = pytest.mark.django_db

ROUTES = api_routes()
BY_ID = [(route, method) for route in ROUTES if route.words for method in route.methods()]
SENTINEL = 987_654_321_012


def named(case) -> str:
    return str(case) if not isinstance(case, tuple) else f"{case[1].upper()} {case[0]}"


@pytest.fixture
def ours():
    return ShopFactory()


@pytest.fixture
def theirs():
    return ShopFactory()


def contents(shop) -> dict[str, str]:
    """Every row of a shop, to see that nothing was touched."""
    return {
        model._meta.label: serialize("json", model._base_manager.filter(shop=shop).order_by("pk"))
        for model in rows.shop_models()
        if model._meta.model_name not in {"apitoken", "idempotencykey"}
    }


@pytest.mark.parametrize("case", BY_ID, ids=named)
def test_another_shops_id_is_not_found_and_nothing_happens_to_it(case, ours, theirs):
    route, method = case
    row = rows.make(route.model, shop=theirs)
    before = contents(theirs)
    client = token_client(ours)

    answer = getattr(client, method)(route.path(row.pk), data={} if method != "get" else None)

    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
    assert contents(theirs) == before


@pytest.mark.parametrize("case", BY_ID, ids=named)
def test_anothers_id_and_an_unused_id_get_the_same_answer(case, ours, theirs):
    route, method = case
    row = rows.make(route.model, shop=theirs)
    client = token_client(ours)

    existing = getattr(client, method)(route.path(row.pk))
    missing = getattr(client, method)(route.path(SENTINEL))

    assert (existing.status_code, existing.content) == (missing.status_code, missing.content)


@pytest.mark.parametrize("case", BY_ID, ids=named)
def test_without_a_token_no_answer_tells_whether_a_row_exists(case, theirs):
    route, method = case
    row = rows.make(route.model, shop=theirs)
    client = APIClient()

    existing = getattr(client, method)(route.path(row.pk))
    missing = getattr(client, method)(route.path(SENTINEL))

    assert existing.status_code == missing.status_code == 401
    assert existing.content == missing.content


@pytest.mark.parametrize("route", list_routes(), ids=str)
def test_list_shows_the_rows_of_the_asking_shop_and_no_others(route, ours, theirs):
    mine = rows.make(route.model, shop=ours)
    rows.make(route.model, shop=theirs)

    results = token_client(ours).get(route.path()).json()["results"]

    assert [result["id"] for result in results] == [mine.pk]


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_every_route_refuses_strangers(route):
    for method in route.methods():
        answer = getattr(APIClient(), method)(route.path())
        assert answer.status_code == 401, (method, answer.content)
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_the_walk_finds_the_routes_that_are_known_to_be_there():
    templates = {route.template for route in ROUTES}

    assert {"/api/barbers", "/api/barbers/{pk}", "/api/services/bulk"} <= templates
    assert ("/api/barbers/{pk}", "delete") in {(r.template, m) for r, m in BY_ID}
