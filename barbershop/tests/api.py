"""Clients that ask the API the way integrations and people do."""

from django.conf import settings
from rest_framework.test import APIClient

from barbershop.models import ApiToken, Membership
from barbershop.tests.factories import MembershipFactory

ALL_SCOPES = ("read", "write", "send")


def token_client(shop, scopes=ALL_SCOPES, **kwargs) -> APIClient:
    """An integration of one shop. Faults come back as 500s instead of being raised."""
    _, plain = ApiToken.issue(shop=shop, name="test", scopes=scopes, **kwargs)
    client = APIClient(raise_request_exception=False)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {plain}")
    return client


def person_client(shop, role=Membership.Role.OWNER, *, csrf=False) -> APIClient:
    """A person who has signed in."""
    client = APIClient(raise_request_exception=False, enforce_csrf_checks=csrf)
    client.force_login(
        MembershipFactory(shop=shop, role=role).user, backend=settings.AUTHENTICATION_BACKENDS[-1]
    )
    return client


def post_json(client, path: str, raw: str | bytes, **extra):
    """POST a body exactly as written."""
    return client.post(path, data=raw, content_type="application/json", **extra)
