"""Signed tokens in the links that we send out: opaque, never expiring, impossible to alter.

A token is base64url without padding over: one byte that names its kind, the message's UUID (16
bytes), for clicks the link's id (8 bytes), and the first 16 bytes of an HMAC-SHA-256 over all of
it. A link for friends names no message: two ids of 8 bytes stand in its place. The newest of
``LINK_SIGNING_KEYS`` signs; any of them verifies, so that an old link outlives a change of keys.
"""

import hashlib
import hmac
import uuid
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings

UNSUBSCRIBE = b"u"
CLICK = b"c"
REFERRAL = b"r"
_MAC_BYTES = 16
# Kind byte and UUID; a click adds the id of its link. A referral has two ids.
_BODY_BYTES = {UNSUBSCRIBE: 17, CLICK: 25, REFERRAL: 17}
# Parts the signatures of links from whatever else the same key may come to sign.
_PURPOSE = b"communications.links:"
_LONGEST = 64


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    """A link to the page on which the receiver of one message opts out."""

    communication: uuid.UUID


@dataclass(frozen=True, slots=True)
class Click:
    """A link in one message that leads to a stored target."""

    communication: uuid.UUID
    link_id: int


@dataclass(frozen=True, slots=True)
class Referral:
    """A link that a customer hands on to his friends, and the offer that it speaks of."""

    customer_id: int
    offer_id: int


def unsubscribe_token(communication: uuid.UUID) -> str:
    """Return the token of ``/u/<token>/`` for one message."""
    return _sign(UNSUBSCRIBE + communication.bytes)


def click_token(communication: uuid.UUID, link_id: int) -> str:
    """Return the token of ``/c/<token>/`` for one message and one stored link."""
    return _sign(CLICK + communication.bytes + link_id.to_bytes(8))


def referral_token(customer_id: int, offer_id: int) -> str:
    """Return the token of ``/r/<token>/`` for one customer and one offer."""
    return _sign(REFERRAL + customer_id.to_bytes(8) + offer_id.to_bytes(8))


def read(token: str) -> Unsubscribe | Click | Referral | None:
    """Return what the token says, or None when it is not exactly one that we made."""
    raw = _decode(token)
    size = _BODY_BYTES.get(raw[:1])
    if size is None or len(raw) != size + _MAC_BYTES:
        return None
    body, mac = raw[:size], raw[size:]
    keys = settings.LINK_SIGNING_KEYS
    if not any(hmac.compare_digest(_mac(body, key), mac) for key in keys):
        return None
    if body[:1] == REFERRAL:
        return Referral(int.from_bytes(body[1:9]), int.from_bytes(body[9:]))
    communication = uuid.UUID(bytes=body[1:17])
    if body[:1] == UNSUBSCRIBE:
        return Unsubscribe(communication)
    return Click(communication, int.from_bytes(body[17:]))


def _sign(body: bytes) -> str:
    signed = body + _mac(body, settings.LINK_SIGNING_KEYS[0])
    return urlsafe_b64encode(signed).rstrip(b"=").decode()


def _mac(body: bytes, key: str) -> bytes:
    keyed = _keyed(key).copy()
    keyed.update(body)
    return keyed.digest()[:_MAC_BYTES]


@lru_cache(maxsize=16)
def _keyed(key: str) -> hmac.HMAC:
    return hmac.new(key.encode(), _PURPOSE, hashlib.sha256)


def _decode(token: str) -> bytes:
    """The token's bytes, or none at all when it is not written in its one right way.

    Base64 leaves bits over at the end and Python's decoder skips what it does not know; both
    would let many tokens stand for one.
    """
    if len(token) > _LONGEST or not token.isascii():
        return b""
    try:
        raw = urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except ValueError:
        return b""
    return raw if urlsafe_b64encode(raw).rstrip(b"=").decode() == token else b""
