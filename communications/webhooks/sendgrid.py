"""SendGrid's Event Webhook: its signature, and its events in our words.

Signature: ECDSA P-256 with SHA-256 over timestamp and raw body, line break at the end included.
https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event
"""

import base64
import datetime as dt
import hashlib
import json
import logging
from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from communications.events import Reported, words
from communications.webhooks.json_values import plain_text, read_json
from communications.webhooks.refusals import BadSignature, Malformed, NoKey

logger = logging.getLogger(__name__)

SIGNATURE = "X-Twilio-Email-Event-Webhook-Signature"
TIMESTAMP = "X-Twilio-Email-Event-Webhook-Timestamp"
# SendGrid tries for 24 hours to deliver a batch.
OLDEST = dt.timedelta(hours=26)
FURTHEST_AHEAD = dt.timedelta(minutes=10)
LONGEST_ID = 150  # characters; it shares its column with the kind
_EARLIEST = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)


def verify(
    body: bytes, *, signature: str, timestamp: str, public_keys: Sequence[str], now: dt.datetime
) -> None:
    """Return when the batch was signed by one of the keys, and lately.

    Args:
        public_keys: base64 of DER, as SendGrid shows them; several while they are exchanged.

    Raises:
        NoKey: when no key is usable, so that nothing can be verified.
        BadSignature: when it was not, is too old, or lies in the future.
    """
    keys = [key for text in public_keys if (key := _public_key(text))]
    if not keys:
        raise NoKey("No public key of SendGrid's event webhook is set.")
    signed = timestamp.encode("utf-8", "replace") + body
    raw = _decoded(signature)
    if not any(_signed(key, raw, signed) for key in keys):
        raise BadSignature("The signature does not fit the body.")
    at = _time(timestamp if timestamp.isascii() and timestamp.isdigit() else None)
    if at is None or not now - OLDEST <= at <= now + FURTHEST_AHEAD:
        raise BadSignature("The signature is too old, or of a time to come.")


def _decoded(signature: str) -> bytes:
    try:
        raw = base64.b64decode(signature, validate=True)
    except ValueError:
        raw = b""
    # Several texts decode to the same bytes; only one of them is the signature.
    if not raw or base64.b64encode(raw).decode() != signature:
        raise BadSignature("The signature is not base64.")
    return raw


def _signed(key: ec.EllipticCurvePublicKey, signature: bytes, data: bytes) -> bool:
    try:
        key.verify(signature, data, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


@lru_cache(maxsize=16)
def _public_key(text: str) -> ec.EllipticCurvePublicKey | None:
    try:
        key = serialization.load_der_public_key(base64.b64decode(text, validate=True))
    except ValueError:
        key = None
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        return key
    logger.error("A key in SENDGRID_WEBHOOK_PUBLIC_KEYS is not a P-256 public key in base64.")
    return None


def parse(body: bytes) -> list[Reported]:
    """Return the events of one batch.

    Raises:
        Malformed: when the body is not a JSON array, or nothing in it is an object. What is none
            among others that are is stored as unreadable: refusing it would lose the others.
    """
    events = read_json(body)
    if not isinstance(events, list):
        raise Malformed("The body is not a JSON array of events.")
    if events and not any(isinstance(event, dict) for event in events):
        raise Malformed("The body holds no event.")
    return [_reported(event) for event in events]


def _reported(event: Any) -> Reported:
    if not isinstance(event, dict):
        return _unreadable({"value": event}, "It is no object.")
    if not isinstance(event.get("event"), str) or not event["event"]:
        return _unreadable(event, "It does not say what happened.")
    return Reported(
        key=_key(event),
        kind=_kind(event),
        payload=event,
        communication=_uuid(event.get("communication")),
        # SendGrid's own "attempt" of a deferred event is a number and hides ours.
        attempt=_uuid(event.get("attempt")),
        occurred_at=_time(event.get("timestamp")),
    )


def _unreadable(payload: dict[str, Any], why: str) -> Reported:
    return Reported(
        key=_hashed(payload), kind=words.UNREADABLE, payload=payload, error=f"Unreadable: {why}"
    )


def _key(event: dict[str, Any]) -> str:
    """SendGrid's id, and the kind: in its own examples a bounce and a block share one id."""
    given = event.get("sg_event_id")
    if isinstance(given, str) and 0 < len(given) <= LONGEST_ID:
        return f"{given}:{_kind(event)}"
    return _hashed(event)


def _hashed(event: dict[str, Any]) -> str:
    canonical = json.dumps(event, sort_keys=True).encode()
    return f"sha256:{hashlib.sha256(canonical).hexdigest()}"


def _kind(event: dict[str, Any]) -> str:
    told = event["event"]
    if told == "bounce" and event.get("type") == "blocked":
        return "soft_bounced"
    if told == "open" and event.get("sg_machine_open") is True:
        return "machine_opened"
    return words.SENDGRID.get(told) or plain_text(told, length=40)


def _uuid(value: Any) -> UUID | None:
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _time(value: Any) -> dt.datetime | None:
    """A Unix time; nothing for what cannot be one."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        at = dt.datetime.fromtimestamp(float(value), tz=dt.UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return at if at >= _EARLIEST else None
