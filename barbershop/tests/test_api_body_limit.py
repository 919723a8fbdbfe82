import io
import json

import pytest
from django.test import RequestFactory

from barbershop.api.body_limit import BodyLimitMiddleware, limit_of

API, HOOK, CSV = 100, 50, 200


@pytest.fixture(autouse=True)
def small_limits(settings):
    settings.API_BODY_LIMIT, settings.WEBHOOK_BODY_LIMIT, settings.CSV_BODY_LIMIT = API, HOOK, CSV


def send(path: str, body: bytes, **meta):
    """What the middleware answers, or the body that the view behind it has read."""
    request = RequestFactory().generic("POST", path, body, "application/json", **meta)
    return BodyLimitMiddleware(lambda r: r.read())(request)


def send_chunked(path: str, body: bytes, *, terminated=True):
    source = io.BytesIO(body)
    request = RequestFactory().generic("POST", path, b"", "application/json")
    request.META |= {
        "HTTP_TRANSFER_ENCODING": "chunked",
        "wsgi.input_terminated": terminated,
        "wsgi.input": source,
    }
    return BodyLimitMiddleware(lambda r: r.read())(request), source


@pytest.mark.parametrize(
    ("path", "limit"),
    [
        ("/api/campaigns/create", API),
        ("/api/customers/import", CSV),
        ("/api/customers/import/", CSV),
        ("/webhooks/sendgrid/", HOOK),
        ("/login/", None),
    ],
)
def test_limit_depends_on_the_address(path, limit):
    assert limit_of(path) == limit


def test_body_at_the_limit_is_read_and_one_above_it_is_refused():
    assert send("/api/x", b"x" * API) == b"x" * API
    answer = send("/api/x", b"x" * (API + 1))

    assert answer.status_code == 413
    assert json.loads(answer.content)["error"]["code"] == "too_large"


def test_declared_length_is_enough_to_refuse():
    assert send("/api/x", b"x", CONTENT_LENGTH=str(API + 1)).status_code == 413


@pytest.mark.parametrize("length", ["abc", "-1", "²"])
def test_length_that_is_no_number_is_refused(length):
    assert send("/api/x", b"", CONTENT_LENGTH=length).status_code == 400


def test_chunked_body_is_read_like_any_other():
    assert send_chunked("/api/x", b"x" * API)[0] == b"x" * API


def test_chunked_body_is_read_no_further_than_the_limit():
    answer, source = send_chunked("/api/x", b"x" * 10_000_000)

    assert answer.status_code == 413
    assert source.tell() <= 64 * 1024


def test_chunked_body_that_the_server_cannot_bound_needs_a_length():
    assert send_chunked("/api/x", b"x", terminated=False)[0].status_code == 411


def test_other_addresses_are_left_to_django():
    assert send("/login/", b"x" * 1000) == b"x" * 1000
