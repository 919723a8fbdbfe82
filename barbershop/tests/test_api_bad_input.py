"""Whatever comes in, the answer is one error in one shape, and never a 500."""

import json

import pytest

from barbershop.tests import rows
from barbershop.tests.api import post_json, token_client
from barbershop.tests.factories import ShopFactory
from barbershop.tests.routes import api_routes, distinct, list_routes

pytestmark = pytest.mark.django_db

ROUTES = api_routes()
POSTED = distinct([route for route in ROUTES if route.action("post") and not route.words])
JSON_POSTED = [route for route in POSTED if route.takes_json]
CREATED = [route for route in POSTED if route.action("post") == "create"]
BULKS = [route for route in POSTED if route.action("post") == "bulk"]
HUGE = "9" * 20

NOT_JSON = [
    b" ",
    b"{",
    b"{]",
    b"nonsense",
    b"{'a': 1}",
    b'{"a": 1,}',
    b'{"a": NaN}',
    b'{"a": Infinity}',
    b'{"a": -Infinity}',
    b'{"a": 1e999}',
    b'{"a": ' + b"9" * 5000 + b"}",
    b'{"first_name": "a\\u0000b"}',
    b'{"\\u0000": 1}',
    b'{"first_name": "\\ud800"}',
    b'{"first_name": "\\udfff\\ud800"}',
    b"\xff\xfe{}",
    b'{"a": "\xc3"}',
    b"[" * 100_000,
    b'{"a":' * 100_000,
    b'{"a":' * 60 + b"1" + b"}" * 60,
    b"[" * 200 + b"]" * 200,
    b"null",
    b"true",
    b"1",
    b'"text"',
]
VALUES = [
    None,
    True,
    0,
    -1,
    1.5,
    10**30,
    -(10**30),
    1e308,
    "",
    " ",
    "x" * 100_000,
    "²",
    "1e5",
    HUGE,
    "'; DROP TABLE users; --",
    "<script>alert(1)</script>",
    "9999-12-31T23:59:59-14:00",
    "0001-01-01T00:00:00+14:00",
    "2026-02-30",
    "\U0001f488" * 200,
    [],
    [[]],
    [None],
    {},
    {"a": {"b": []}},
    [{"id": 1}],
    {"$ne": None},
]
QUERIES = [
    f"page={HUGE}",
    f"page_size={HUGE}",
    "page=0",
    "page=-1",
    "page=abc",
    "page=%00",
    "page_size=abc",
    "page_size=0",
    "page_size=501",
    "cursor=abc",
    "cursor=cD0nJw%3D%3D",
    "search=%00",
    "search=%ED%A0%80",
    "search=" + "x" * 3000,
    "ordering=nonsense",
    "ordering=%00",
    "ordering=-,,-",
    "ordering=password",
    "%00=1",
    "nonsense=1",
    "id__in=1",
]
FILTER_VALUES = ["%00", HUGE, "-1", "1e999999999", "nan", "Infinity", "²", "[]", "%F0%9F%92%88"]
FILTER_VALUES += ["9999-12-31T23:59:59-14:00", "0001-01-01", "x" * 2000, "a,b,,c", "true"]


def assert_refused(answer, context) -> None:
    assert 400 <= answer.status_code < 500, (context, answer.status_code, answer.content[:300])
    error = answer.json()["error"]
    assert set(error) == {"code", "message", "fields"}, context
    assert error["code"], context
    assert error["message"], context


def assert_no_fault(answer, context) -> None:
    assert answer.status_code < 500, (context, answer.status_code, answer.content[:300])
    if answer.status_code >= 400:
        assert_refused(answer, context)


@pytest.fixture
def client():
    shop = ShopFactory()
    client = token_client(shop)
    client.shop = shop
    return client


@pytest.mark.parametrize("route", POSTED, ids=str)
def test_body_that_is_no_json_object_is_refused(route, client):
    for body in NOT_JSON:
        assert_refused(post_json(client, route.path(), body), body[:60])


@pytest.mark.parametrize("route", JSON_POSTED, ids=str)
def test_no_body_means_the_same_as_an_empty_object(route, client):
    nothing, empty = (post_json(client, route.path(), body) for body in (b"", b"{}"))

    assert_no_fault(nothing, route)
    assert nothing.status_code == empty.status_code


@pytest.mark.parametrize("route", CREATED, ids=str)
def test_any_value_in_any_field_of_a_good_body_is_answered(route, client):
    good = good_body(route, client)
    for field in fields_of(route):
        for value in VALUES:
            body = json.dumps({**good, field: value})
            assert_no_fault(post_json(client, route.path(), body), (field, repr(value)[:60]))


@pytest.mark.parametrize("route", BULKS, ids=str)
def test_any_item_of_a_bulk_call_is_answered(route, client):
    good = good_body(route, client)
    items = [{**good, field: value} for field in fields_of(route) for value in VALUES]

    answer = post_json(client, route.path(), json.dumps([*items[:900], *VALUES]))

    assert_no_fault(answer, route)
    assert answer.json()["errors"] >= len(VALUES)


@pytest.mark.parametrize("route", POSTED, ids=str)
def test_all_fields_at_once_with_any_value_are_answered(route, client):
    for value in VALUES:
        body = json.dumps(dict.fromkeys([*fields_of(route), "items"], value))
        assert_no_fault(post_json(client, route.path(), body), repr(value)[:60])


@pytest.mark.parametrize("route", JSON_POSTED, ids=str)
def test_unknown_field_is_refused_by_its_name(route, client):
    answer = post_json(client, route.path(), '{"no_such_field": 1}')

    assert_refused(answer, route)
    assert "no_such_field" in answer.json()["error"]["fields"] or "items" in str(answer.json())


@pytest.mark.parametrize("route", POSTED, ids=str)
def test_wrong_content_type_is_a_415(route, client):
    answer = client.post(route.path(), data="<a/>", content_type="application/xml")

    assert_refused(answer, route)
    assert answer.status_code == 415


@pytest.mark.parametrize("route", POSTED, ids=str)
def test_body_of_ten_megabytes_is_a_413(route, client, settings):
    settings.CSV_BODY_LIMIT = settings.API_BODY_LIMIT
    answer = post_json(client, route.path(), b'{"a": "' + b"x" * 10_000_000 + b'"}')

    assert_refused(answer, route)
    assert answer.status_code == 413


@pytest.mark.parametrize("route", distinct(list_routes()), ids=str)
def test_any_question_to_a_list_is_answered(route, client):
    filterset = getattr(route.view, "filterset_class", None)
    queries = list(QUERIES)
    for name, field in (filterset(data={}).form.fields if filterset else {}).items():
        suffixes = getattr(field.widget, "suffixes", None) or [None]
        words = [f"{name}_{suffix}" if suffix else name for suffix in suffixes]
        queries += [f"{word}={value}" for word in words for value in FILTER_VALUES]
    for query in queries:
        assert_no_fault(client.get(f"{route.path()}?{query}"), query[:80])


@pytest.mark.parametrize("route", list_routes(), ids=str)
def test_unknown_filter_is_refused(route, client):
    answer = client.get(f"{route.path()}?no_such_filter=1")

    assert (answer.status_code, list(answer.json()["error"]["fields"])) == (400, ["no_such_filter"])


@pytest.mark.parametrize("route", [r for r in ROUTES if r.words], ids=str)
def test_ids_that_no_database_holds_are_not_found(route, client):
    for pk in (0, HUGE, "9" * 400, "9" * 5000):
        for method in route.methods():
            answer = getattr(client, method)(route.path(pk))
            assert answer.status_code == 404, (method, pk, answer.content[:200])


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_every_method_is_answered_in_the_one_shape(route, client):
    for method in ("get", "post", "put", "patch", "delete", "head", "options", "trace"):
        answer = client.generic(method.upper(), route.path(0 if route.words else ""))
        if method != "head":
            assert_no_fault(answer, method)


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_slash_at_the_end_changes_nothing(route, client):
    for method in route.methods():
        without = getattr(client, method)(route.path(0))
        with_slash = getattr(client, method)(f"{route.path(0)}/")
        assert without.status_code == with_slash.status_code
        assert not 300 <= without.status_code < 400


@pytest.mark.parametrize("path", ["/api/nonsense", "/api/barbers/abc", "/api/barbers/²/"])
def test_unknown_address_answers_in_the_one_shape(path, client):
    assert client.get(path).json()["error"]["code"] == "not_found"


def fields_of(route) -> list[str]:
    serializer = getattr(route.view, "serializer_class", None)
    names = list(serializer(context={"view": None}).get_fields()) if serializer else []
    return [*names, "no_such_field"]


def good_body(route, client) -> dict:
    """What a row of this kind looks like when it is read: a body that is nearly right."""
    (listing, *_) = [r for r in list_routes() if r.view is route.view]
    rows.make(route.model, shop=client.shop)
    (shown,) = client.get(listing.path()).json()["results"]
    read = {
        name
        for name, field in route.view.serializer_class().get_fields().items()
        if field.read_only
    }
    return {name: value for name, value in shown.items() if name not in {*read, "external_id"}}
