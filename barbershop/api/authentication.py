"""``Authorization: Bearer <token>``."""

import datetime as dt

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed

from barbershop.models import ApiToken, digest_of

REFUSED = "The token is missing, wrong, expired or revoked."
NOTED_EVERY = dt.timedelta(minutes=1)


class TokenAuthentication(BaseAuthentication):
    """The token is ``request.auth``, its shop ``request.shop``; the user stays anonymous.

    Tokens are found by the digest of 32 random bytes: the time it takes says nothing about how
    near a guess was.
    """

    def authenticate(self, request):
        words = get_authorization_header(request).split()
        if not words or words[0].lower() != b"bearer":
            return None
        if len(words) != 2:
            raise AuthenticationFailed(REFUSED)
        try:
            digest = digest_of(words[1].decode("ascii"))
        except UnicodeDecodeError:
            raise AuthenticationFailed(REFUSED) from None
        now = timezone.now()
        usable = ApiToken.objects.usable(now=now).select_related("shop")
        token = usable.filter(digest=digest).first()
        if token is None:
            raise AuthenticationFailed(REFUSED)
        note_use(token, now=now)
        request._request.shop = token.shop
        return AnonymousUser(), token

    def authenticate_header(self, request) -> str:
        return 'Bearer realm="api"'


def note_use(token: ApiToken, *, now: dt.datetime) -> None:
    """Remember when a token was used, at most once a minute."""
    if token.last_used_at is None or token.last_used_at < now - NOTED_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
