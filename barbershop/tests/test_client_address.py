import pytest
from django.test import RequestFactory

from barbershop.client_address import client_ip


@pytest.mark.parametrize(
    ("direct", "forwarded", "expected"),
    [
        ("8.8.8.8", "", "8.8.8.8"),
        ("8.8.8.8", "1.1.1.1", "8.8.8.8"),  # nobody from outside says who he is
        ("10.0.0.5", "9.9.9.9, 8.8.4.4", "8.8.4.4"),  # what our proxy wrote, not what it was told
        ("127.0.0.1", "2606:4700::1111", "2606:4700::1111"),
        ("10.0.0.5", "nonsense", "10.0.0.5"),
        ("10.0.0.5", "fe80::1%" + "a" * 300, "fe80::1"),
        ("fe80::1%eth0", "", "fe80::1"),
        ("10.0.0.5", "", "10.0.0.5"),
        ("", "8.8.8.8", None),
    ],
)
def test_caller_is_who_asked_our_proxy_and_nobody_can_pretend(direct, forwarded, expected):
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    request = RequestFactory().get("/", headers=headers, REMOTE_ADDR=direct)

    assert client_ip(request) == expected
