"""Twilio's callbacks: their signature, delivery states and answers by text in our words.

Twilio signs the public URL and the form, and gives neither time nor event id: an event is the
same when message and status are. https://www.twilio.com/docs/usage/security
"""

from uuid import UUID

from django.core.exceptions import TooManyFieldsSent
from django.http import QueryDict
from twilio.request_validator import RequestValidator

from communications.events import Reported, words
from communications.webhooks.json_values import plain_text
from communications.webhooks.refusals import BadSignature, Malformed, NoKey

SIGNATURE = "X-Twilio-Signature"
FORM = "application/x-www-form-urlencoded"


def read_form(body: bytes) -> QueryDict:
    """Return the form with empty and repeated values, as Twilio signs it."""
    try:
        return QueryDict(body, encoding="utf-8")
    except (TooManyFieldsSent, ValueError):
        raise Malformed("The body is not a form.") from None


def verify(form: QueryDict | str, *, url: str, signature: str, token: str) -> None:
    """Return when Twilio signed this form for this URL.

    Args:
        form: or the text of a body that is none; its SHA-256 stands in the address then.
        url: the address as Twilio knows it, from ``PUBLIC_BASE_URL`` and never from the Host
            header.

    Raises:
        NoKey: without an auth token nothing can be verified.
        BadSignature: when it did not.
    """
    if not token:
        raise NoKey("TWILIO_AUTH_TOKEN is not set.")
    try:
        is_signed = RequestValidator(token).validate(url, form, signature)
    except (TypeError, ValueError):  # no address, or a text whose SHA-256 does not stand there
        is_signed = False
    if not is_signed:
        raise BadSignature("The signature does not fit the address and the form.")


def parse_status(form: QueryDict, *, query: QueryDict) -> Reported:
    """Return a delivery state; our own ids are in the query of the callback's address."""
    sid, status = form.get("MessageSid", ""), form.get("MessageStatus", "")
    if not sid or not status:
        raise Malformed("MessageSid and MessageStatus are needed.")
    status = plain_text(status, length=40)
    return Reported(
        key=f"{plain_text(sid, length=150)}:{status}",
        kind=words.TWILIO.get(status.lower(), status),
        payload=_payload(form),
        communication=_uuid(query.get("communication", "")),
        attempt=_uuid(query.get("attempt", "")),
    )


def parse_inbound(form: QueryDict) -> Reported:
    """Return an answer by text."""
    sid = form.get("MessageSid", "")
    if not sid or not form.get("From") or not form.get("To"):
        raise Malformed("MessageSid, From and To are needed.")
    return Reported(
        key=f"{words.INBOUND}:{plain_text(sid, length=150)}",
        kind=words.INBOUND,
        payload=_payload(form),
    )


def _payload(form: QueryDict) -> dict:
    values = ((key, [plain_text(v) for v in form.getlist(key)]) for key in form)
    return {plain_text(key): v[0] if len(v) == 1 else v for key, v in values}


def _uuid(value: str) -> UUID | None:
    try:
        return UUID(value)
    except ValueError:
        return None
