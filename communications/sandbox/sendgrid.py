"""SendGrid's `POST /v3/mail/send`."""

import json
import secrets
import time
import zlib
from datetime import UTC, datetime
from typing import Any

from . import mail_rules
from .exchange import Refused, Request, Response
from .mail_rendering import contents, filler, first_link, unsubscribe_link
from .messages import Accepted, Email
from .options import SandboxOptions

PATH = "/v3/mail/send"


def receive(request: Request, *, options: SandboxOptions, **_) -> Accepted:
    """Read, check and render one mail; raise Refused with SendGrid's answer if it is no good."""
    _authorise(request, options)
    mail = _parse(request, limit=options.max_body)
    mail_rules.check(mail)
    message_id = secrets.token_urlsafe(16)
    now = datetime.now(UTC)
    lines, messages = [], []
    for number, personalization in enumerate(mail["personalizations"]):
        shared = _rendered(mail, personalization)
        for group in ("to", "cc", "bcc"):
            for person in personalization.get(group) or []:
                message = _email(person["email"], shared, message_id, number=number)
                messages.append(message)
                lines.append(_line(message, shared, at=now, bodies=options.store_bodies))
    # SendGrid's 202 has no body; the id is in a header.
    answer = Response(202, b"", {"X-Message-Id": message_id})
    return Accepted(answer, lines, messages, blocks=len(mail["personalizations"]))


def fault(mode: str, *, block: int, retry_after: int) -> Response | None:
    """Return the answer that belongs to a fault, or None. `block` is the one to be named."""
    if mode == "400_index":
        field = f"personalizations.{block}.to.0.email"
        return mail_rules.error("Does not contain a valid address.", field=field)
    if mode == "400_plain":
        return mail_rules.error("Bad Request")
    if mode == "401":
        return _unauthorised()
    if mode == "413":
        return _too_large()
    if mode == "429":
        return mail_rules.error(
            "too many requests",
            status=429,
            **{
                "Retry-After": str(retry_after),
                "X-RateLimit-Limit": "600",
                "X-RateLimit-Remaining": "0",
                "X-RateLimit-Reset": str(int(time.time()) + retry_after),
            },
        )
    if mode in {"500_before", "500_after"}:
        return mail_rules.error("Internal Server Error", status=500)
    return None


def _authorise(request: Request, options: SandboxOptions) -> None:
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    wrong = options.sendgrid_key and key != options.sendgrid_key
    if scheme.lower() != "bearer" or not key.strip() or wrong:
        raise Refused(_unauthorised())


def _unauthorised() -> Response:
    return mail_rules.error(
        "The provided authorization grant is invalid, expired, or revoked", status=401
    )


def _too_large() -> Response:
    return mail_rules.error("Payload too large", status=413)


def _parse(request: Request, *, limit: int) -> Any:
    body = request.body
    if request.headers.get("Content-Encoding", "").lower() == "gzip":
        body = _unzipped(body, limit=limit)
    try:
        return json.loads(body)
    except ValueError:  # also what is no UTF-8
        raise Refused(mail_rules.error("Bad Request")) from None


def _unzipped(body: bytes, *, limit: int) -> bytes:
    """Unpack no more than `limit` bytes: a small body may unpack to gigabytes."""
    unpacker = zlib.decompressobj(wbits=31)
    try:
        plain = unpacker.decompress(body, limit)
    except zlib.error:
        raise Refused(mail_rules.error("Bad Request")) from None
    if unpacker.unconsumed_tail:
        raise Refused(_too_large())
    return plain


def _rendered(mail: dict, personalization: dict) -> dict[str, Any]:
    """Fill in one personalization; all its recipients get the same mail."""
    fill = filler(personalization.get("substitutions") or {}, mail.get("sections") or {})
    text, html = contents(mail)
    sender = personalization.get("from") or mail["from"]
    return {
        "from": sender["email"],
        "from_name": sender.get("name", ""),
        "subject": fill(personalization.get("subject") or mail.get("subject") or ""),
        "text": fill(text),
        "html": fill(html),
        "headers": {**(mail.get("headers") or {}), **(personalization.get("headers") or {})},
        "custom_args": {
            **(mail.get("custom_args") or {}),
            **(personalization.get("custom_args") or {}),
        },
        "categories": mail.get("categories") or [],
    }


def _email(to: str, shared: dict, message_id: str, *, number: int) -> Email:
    return Email(
        to=to,
        from_email=shared["from"],
        subject=shared["subject"],
        message_id=message_id,
        sg_message_id=f"{message_id}.recvd-sandbox-{number}-{secrets.token_hex(4).upper()}.0",
        custom_args=shared["custom_args"],
        categories=shared["categories"],
        link=first_link(shared["html"], shared["text"]),
        unsubscribe_link=unsubscribe_link(shared["headers"]),
    )


def _line(message: Email, shared: dict, *, at: datetime, bodies: bool) -> dict[str, Any]:
    arguments = message.custom_args
    line = {
        "provider": "sendgrid",
        "kind": message.kind,
        "at": at.isoformat(),
        "accepted": True,
        "to": message.to,
        "from": message.from_email,
        "from_name": shared["from_name"],
        "message_id": message.message_id,
        "sg_message_id": message.sg_message_id,
        "communication": arguments.get("communication"),
        "attempt": arguments.get("attempt"),
        "custom_args": arguments,
        "headers": shared["headers"],
        "categories": message.categories,
        "subject": shared["subject"],
    }
    if bodies:
        line |= {"text": shared["text"], "html": shared["html"]}
    return line
