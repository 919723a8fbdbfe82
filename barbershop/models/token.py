"""How other systems sign in, and how their repeated requests are recognised."""

import hashlib
import secrets

from django.db import models
from django.db.models import Q
from django.utils import timezone

from barbershop.models.owned import ShopOwned, ShopQuerySet

PREFIX_LENGTH = 8


def digest_of(token: str) -> str:
    """SHA-256 in hex. A token is 32 random bytes: no salt or stretching is needed."""
    return hashlib.sha256(token.encode()).hexdigest()


class ApiTokenQuerySet(ShopQuerySet):
    def usable(self, *, now=None):
        now = now or timezone.now()
        return self.filter(Q(expires_at__isnull=True) | Q(expires_at__gt=now), revoked_at=None)


class ApiToken(ShopOwned):
    """A bearer token of one shop. Only its digest is stored; the token is shown once."""

    name = models.CharField(max_length=120)
    prefix = models.CharField(max_length=PREFIX_LENGTH)
    digest = models.CharField(max_length=64, unique=True)
    scopes = models.CharField(
        max_length=300, default="read write", help_text="Space-separated: read, write, send."
    )
    created_by = models.ForeignKey(
        "barbershop.User", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        db_table = "api_tokens"
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @classmethod
    def issue(cls, *, shop, name, scopes, by=None, expires_at=None) -> tuple["ApiToken", str]:
        """Make a token; the second value is its only plain copy."""
        plain = f"bs_{secrets.token_urlsafe(32)}"
        token = cls.objects.create(
            shop=shop,
            name=name,
            prefix=plain[:PREFIX_LENGTH],
            digest=digest_of(plain),
            scopes=" ".join(sorted(scopes)),
            created_by=by,
            expires_at=expires_at,
        )
        return token, plain

    @property
    def scope_set(self) -> frozenset[str]:
        return frozenset(self.scopes.split())


class IdempotencyKey(ShopOwned):
    """The answer that a repeated POST gets again instead of a second effect."""

    key = models.CharField(max_length=255)
    method = models.CharField(max_length=8)
    path = models.CharField(max_length=255)
    body_digest = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    status_code = models.PositiveSmallIntegerField(null=True, blank=True)
    response_body = models.TextField(blank=True)

    class Meta:
        db_table = "idempotency_keys"
        constraints = [
            models.UniqueConstraint(fields=["shop", "key"], name="idempotency_key_once_per_shop")
        ]

    def __str__(self) -> str:
        return self.key
