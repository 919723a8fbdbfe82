"""Who is answered at ``/metrics``: the one with the token, or without any this machine."""

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db
TOKEN = "scrape-" + "s" * 20


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("127.0.0.1", {"X-Forwarded-For": "203.0.113.9"}, 403),
        ("127.0.0.1", {"X-Forwarded-Proto": "https"}, 403),
        ("127.0.0.1", {"Forwarded": "for=127.0.0.1"}, 403),
        ("203.0.113.9", {}, 403),
        ("10.0.0.1", {"Authorization": "Bearer "}, 403),
        ("", {}, 403),
    ],
)
def test_without_a_token_only_this_machine_is_answered(address, headers, status):
    answer = Client(REMOTE_ADDR=address).get("/metrics", headers=headers)

    assert answer.status_code == status


@pytest.mark.parametrize(
    ("given", "status"),
    [
        (f"Bearer {TOKEN}", 200),
        (f"Bearer {TOKEN}x", 401),
        (f"Bearer {TOKEN[:-1]}", 401),
        (f"bearer {TOKEN}é", 401),
        (TOKEN, 401),
        ("", 401),
    ],
)
def test_with_a_token_whoever_has_it_is_answered(settings, given, status):
    settings.METRICS_TOKEN = TOKEN

    answer = Client(REMOTE_ADDR="203.0.113.9").get("/metrics", headers={"Authorization": given})

    assert answer.status_code == status
    if status == 401:
        assert answer["WWW-Authenticate"].startswith("Bearer")
        assert b"barbershop_" not in answer.content


def test_token_counts_on_this_machine_too(settings):
    settings.METRICS_TOKEN = TOKEN

    assert Client().get("/metrics").status_code == 401


@pytest.mark.parametrize("path", ["/metrics", "/metrics/"])
def test_plain_http_is_answered_where_people_are_redirected(settings, path):
    settings.SECURE_SSL_REDIRECT = True

    assert Client().get(path).status_code == 200
    assert Client().post(path).status_code == 405


def test_prometheus_may_ask_for_openmetrics():
    answer = Client().get("/metrics", headers={"Accept": "application/openmetrics-text"})

    assert answer["Content-Type"].startswith("application/openmetrics-text")
    assert answer.content.endswith(b"# EOF\n")
