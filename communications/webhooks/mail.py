"""SendGrid's inbound parse: a form of many parts with the fields of one email.

It is not signed; the address that SendGrid is told to post to carries a shared secret instead.
Messages are told apart by their Message-ID: SendGrid posts again until it is answered.
https://www.twilio.com/docs/sendgrid/for-developers/parsing-email/setting-up-the-inbound-parse-webhook
"""

import hashlib
import hmac
import json
import re
from email.message import Message
from email.parser import BytesParser

from communications.events import Reported, words
from communications.inbound import mail
from communications.webhooks.json_values import plain_text
from communications.webhooks.refusals import BadSignature, Malformed, NoKey

FORM = "multipart/form-data"
MOST_PARTS = 200
_BOUNDARY = re.compile(r"boundary=\"?([!-~ ]{1,200}?)\"?\s*(?:;|\Z)", re.IGNORECASE)
# The only headers that are asked for; the others are nobody's business here.
_KEPT_HEADERS = re.compile(
    r"(?im)^(?:message-id|auto-submitted|precedence|x-auto[a-z-]*):[^\r\n]{0,1000}"
)


def verify(*, given: str, secret: str) -> None:
    """Return when the secret in the address is ours.

    Raises:
        NoKey: without one nothing can be verified; SendGrid keeps the mail and tries again.
        BadSignature: when it is another.
    """
    if not secret:
        raise NoKey("SENDGRID_INBOUND_SECRET is not set.")
    if not hmac.compare_digest(given.encode("utf-8", "replace"), secret.encode()):
        raise BadSignature("The secret in the address is not ours.")


def parse(body: bytes, *, content_type: str) -> Reported:
    """Return the email as an answer; attachments are left out.

    Raises:
        Malformed: when it is no such form, or names no sender.
    """
    fields = _fields(body, content_type=content_type)
    charsets = _charsets(fields.get("charsets", b""))
    payload = {
        name: plain_text(_text(fields[name], charset=charsets.get(name, "")), length=mail.LONGEST)
        for name in mail.FIELDS
        if name in fields
    }
    if not payload.get("from"):
        raise Malformed("The form names no sender.")
    if payload.get("text"):
        payload.pop("html", None)
    # Read from the whole: what is asked for may stand behind many others.
    headers = _text(fields.get("headers", b""), charset="")
    payload["headers"] = plain_text("\n".join(_KEPT_HEADERS.findall(headers)), length=mail.LONGEST)
    return Reported(key=_key(payload), kind=words.INBOUND, payload=payload)


def _key(payload: dict[str, str]) -> str:
    same = mail.message_id(payload) or json.dumps(payload, sort_keys=True)
    return f"{words.INBOUND}:{hashlib.sha256(same.encode()).hexdigest()}"


def _fields(body: bytes, *, content_type: str) -> dict[str, bytes]:
    """The fields of the form that are no files; of one that is repeated, the first."""
    found = _BOUNDARY.search(content_type)
    is_form = content_type.partition(";")[0].strip().lower() == FORM
    if not is_form or found is None:
        raise Malformed(f"The body is not {FORM}.")
    if body.count(f"--{found[1]}".encode()) > MOST_PARTS:
        raise Malformed("The form has too many parts.")
    head = f'Content-Type: {FORM}; boundary="{found[1]}"\r\n\r\n'
    try:
        form = BytesParser().parsebytes(head.encode() + body)
    except RecursionError:
        raise Malformed("The form is nested too deeply.") from None
    if not form.is_multipart():
        raise Malformed("The form has no parts.")
    fields: dict[str, bytes] = {}
    for part in form.get_payload():
        name = _parameter(part, "name")
        if name and not _parameter(part, "filename") and not part.is_multipart():
            fields.setdefault(name, part.get_payload(decode=True) or b"")
    return fields


def _parameter(part: Message, name: str) -> str:
    value = part.get_param(name, "", header="content-disposition")
    return value if isinstance(value, str) else ""


def _charsets(raw: bytes) -> dict[str, str]:
    """``{field: encoding}``; the fields that SendGrid leaves as they were sent."""
    try:
        found = json.loads(raw or b"{}")
    except (ValueError, RecursionError):
        return {}
    items = found.items() if isinstance(found, dict) else ()
    return {name: charset for name, charset in items if isinstance(charset, str)}


def _text(raw: bytes, *, charset: str) -> str:
    try:
        return raw.decode(charset or "utf-8", "replace")
    except (LookupError, UnicodeError, ValueError):  # an encoding that does not exist, or is none
        return raw.decode("utf-8", "replace")
