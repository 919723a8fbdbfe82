import io

import pytest
from django.core.management import call_command
from django.test import Client
from drf_spectacular.generators import SchemaGenerator

from barbershop.tests.api import token_client
from barbershop.tests.factories import ShopFactory


@pytest.fixture(scope="module")
def document() -> dict:
    return SchemaGenerator().get_schema(request=None, public=True)


def test_document_is_valid_and_made_without_a_warning():
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=io.StringIO())


def test_paths_are_unslashed_below_api(document):
    assert "/api/barbers/{id}" in document["paths"]
    assert all(path.startswith("/api/") for path in document["paths"])
    assert not any(path.endswith("/") for path in document["paths"])


def test_every_operation_shows_the_error_shape(document):
    for operations in document["paths"].values():
        for operation in operations.values():
            refused = operation["responses"]["401"]["content"]["application/json"]["schema"]
            assert refused == {"$ref": "#/components/schemas/Error"}


def test_every_post_takes_an_idempotency_key(document):
    posts = [
        operations["post"] for operations in document["paths"].values() if "post" in operations
    ]

    assert posts
    for operation in posts:
        assert "Idempotency-Key" in [p["name"] for p in operation["parameters"]]


@pytest.mark.django_db
def test_a_yes_or_no_in_other_words_is_refused_by_every_list(document):
    """Taken for no filter at all, "maybe" would answer with all rows."""
    client, asked = token_client(ShopFactory()), []

    for path, operations in document["paths"].items():
        words = operations.get("get", {}).get("parameters", ())
        words = [word for word in words if word["in"] == "query"]
        for word in words if "{" not in path else ():
            if word["schema"].get("type") == "boolean":
                name = word["name"]
                asked.append(f"{path}?{name}")
                refused = client.get(f"{path}?{name}=maybe")
                assert client.get(f"{path}?{name}=2").status_code == 400, asked[-1]
                assert (refused.status_code, refused.json()["error"]["fields"]) == (
                    400,
                    {name: ["Write true or false."]},
                ), asked[-1]
                for fine in ("true", "False", "1", "0"):
                    assert client.get(f"{path}?{name}={fine}").status_code == 200, asked[-1]

    assert {"/api/barbers?is_active", "/api/replies?waiting"} <= set(asked)
    assert len(asked) >= 10


def test_document_says_that_tokens_are_borne(document):
    scheme = document["components"]["securitySchemes"]["token"]

    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
    assert {"token": []} in document["paths"]["/api/barbers"]["get"]["security"]


@pytest.mark.parametrize("path", ["/api/schema", "/api/schema/", "/api/docs", "/api/docs/"])
def test_document_and_its_page_are_open_with_and_without_slash(path):
    assert Client().get(path).status_code == 200


@pytest.mark.parametrize("path", ["/api", "/api/"])
def test_root_leads_a_stranger_to_docs_and_document(path):
    index = Client().get(path)

    assert index.status_code == 200
    assert [Client().get(index.json()[name]).status_code for name in ("docs", "schema")] == [
        200
    ] * 2


def test_words_that_do_nothing_in_a_list_are_not_documented(document):
    def words(path):
        return {each["name"] for each in document["paths"][path]["get"]["parameters"]}

    assert words("/api/services") >= {"page", "search", "ordering"}
    assert not words("/api/communications") & {"page", "search", "ordering"}


def test_docs_page_needs_nothing_that_the_content_policy_forbids():
    page = Client().get("/api/docs/")
    html = page.content.decode()

    assert page.headers["Content-Security-Policy"]
    assert "<script>" not in html
    assert 'src="http' not in html
    assert Client().get("/api/docs/?script=").headers["Content-Type"].startswith("application/")


def test_bulk_call_takes_a_list_of_what_the_single_call_takes(document):
    def body(path):
        content = document["paths"][path]["post"]["requestBody"]["content"]
        return content["application/json"]["schema"]

    plain, wrapped = body("/api/services/bulk")["oneOf"]
    assert plain["items"] == body("/api/services")
    assert wrapped["properties"]["items"] == plain
