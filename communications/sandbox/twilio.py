"""Twilio's Messages resource: create, list and fetch."""

import base64
import binascii
import re
import secrets
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlencode, urlsplit

from communications import published_prices, sms_segments

from .exchange import Refused, Request, Response, json_response
from .messages import Accepted, Text
from .options import SandboxOptions
from .twilio_messages import OptedOut, TextStore, resource

ROUTE = re.compile(r"/2010-04-01/Accounts/(?P<account>[^/]+)/Messages(?:/(?P<sid>[^/.]+))?\.json")
# The pool number that a messaging service of the sandbox sends from.
POOL_NUMBER = "+15005550006"
MAX_BODY_CHARACTERS = 1600
MAX_VALIDITY_SECONDS = 36_000

_ACCOUNT = re.compile(r"AC[0-9a-fA-F]{32}")
_SERVICE = re.compile(r"MG[0-9a-fA-F]{32}")
_E164 = re.compile(r"\+[1-9]\d{6,14}")

# https://www.twilio.com/docs/iam/test-credentials: numbers that always give the same error.
MAGIC_RECIPIENTS = {
    "+15005550001": (21211, "Invalid 'To' Phone Number: {to}"),
    "+15005550002": (21612, "The 'To' phone number {to} is not currently reachable via SMS"),
    "+15005550003": (21408, "Permission to send an SMS has not been enabled for the region"),
    "+15005550004": (21610, "Attempt to send to unsubscribed recipient"),
    "+15005550009": (21614, "'To' number {to} is not a valid mobile number"),
}
MAGIC_SENDERS = {
    "+15005550001": (21212, "The 'From' number {sender} is not a valid phone number"),
    "+15005550007": (21606, "The 'From' phone number {sender} is not a valid, SMS-capable number"),
    "+15005550008": (
        21611,
        "This 'From' number has exceeded the maximum number of queued messages",
    ),
}


def error(code: int, message: str, *, status: int = 400, **headers) -> Response:
    """Return Twilio's error body."""
    more_info = f"https://www.twilio.com/docs/errors/{code}"
    problem = {"code": code, "message": message, "more_info": more_info, "status": status}
    return json_response(problem, status=status, headers=headers)


def receive(
    request: Request, *, account: str, options: SandboxOptions, opted_out: OptedOut
) -> Accepted:
    """Read and check one message; raise Refused with Twilio's answer if it is no good."""
    authorise(request, account=account, options=options)
    form = _form(request)
    sender, service = _sender(form)
    _check_recipient(form.get("To", ""), sender=sender, opted_out=opted_out)
    _check_body(form.get("Body", ""))
    _check_settings(form)
    callback = form.get("StatusCallback", "")
    segments = sms_segments.count(form["Body"]).segments
    cost = published_prices.sms_cost(to=form["To"], segments=segments)
    text = Text(
        sid=f"SM{secrets.token_hex(16)}",
        account_sid=account,
        to=form["To"],
        sender=sender,
        body=form["Body"],
        created_at=datetime.now(UTC),
        segments=segments,
        base_micros=cost.base_micros if cost else None,
        messaging_service_sid=service,
        status_callback=callback,
        callback_arguments=dict(parse_qsl(urlsplit(callback).query)),
    )
    response = json_response(resource(text, new=True), status=201)
    return Accepted(response, [_line(text, cost, form, options)], [text])


def listing(request: Request, *, account: str, options: SandboxOptions, store: TextStore):
    """Return one page of messages, newest first."""
    authorise(request, account=account, options=options)
    wanted = request.arguments()
    size = min(max(_whole(wanted.pop("PageSize", ""), default=50), 1), 1000)
    page = max(_whole(wanted.pop("Page", ""), default=0), 0)
    after = wanted.pop("PageToken", "").removeprefix("PA")
    try:
        found, last = store.page(wanted, account=account, size=size, after=after)
    except ValueError as problem:
        raise Refused(error(20001, str(problem))) from None

    def uri(number: int, token: str = "") -> str:
        paging = {"PageSize": size, "Page": number} | ({"PageToken": f"PA{token}"} if token else {})
        return f"{request.path}?{urlencode({**wanted, **paging})}"

    here = f"{request.path}?{request.query}" if request.query else request.path
    return json_response(
        {
            "first_page_uri": uri(0),
            # Where there is more, a token rather than a number: new messages do not shift it.
            "next_page_uri": None if last else uri(page + 1, found[-1].sid),
            "previous_page_uri": None,
            "uri": here,
            "page": page,
            "page_size": size,
            "start": page * size,
            "end": page * size + max(len(found) - 1, 0),
            "messages": [resource(text) for text in found],
        }
    )


def fetch(request: Request, *, account: str, sid: str, options: SandboxOptions, store: TextStore):
    """Return one message as it stands now."""
    authorise(request, account=account, options=options)
    text = store.get(sid)
    if text is None or text.account_sid != account:
        return not_found(request.path)
    return json_response(resource(text))


def fault(mode: str, *, block: int, retry_after: int) -> Response | None:
    """Return the answer that belongs to a fault, or None. A text has one recipient to name."""
    if mode == "400_index":
        return error(21211, "Invalid 'To' Phone Number")
    if mode == "400_plain":
        return error(20001, "Unknown parameters")
    if mode == "401":
        return _unauthorised()
    if mode == "413":
        return error(20413, "Payload Too Large", status=413)
    if mode == "429":
        headers = {"Retry-After": str(retry_after)}
        return error(20429, "Too Many Requests", status=429, **headers)
    if mode in {"500_before", "500_after"}:
        return error(20500, "Internal Server Error", status=500)
    return None


def not_found(path: str) -> Response:
    return error(20404, f"The requested resource {path} was not found", status=404)


def authorise(request: Request, *, account: str, options: SandboxOptions) -> None:
    """Raise Refused unless the basic credentials fit the account."""
    scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
    try:
        user, _, token = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise Refused(_unauthorised()) from None
    # An API key (SK...) may stand in for the account's own sid.
    known = _ACCOUNT.fullmatch(account) and (user == account or user.startswith("SK"))
    wrong = options.twilio_token and token != options.twilio_token
    if scheme.lower() != "basic" or not known or not token or wrong:
        raise Refused(_unauthorised())


def _unauthorised() -> Response:
    return error(20003, "Authenticate", status=401)


def _form(request: Request) -> dict[str, str]:
    try:
        pairs = parse_qsl(request.body.decode(), keep_blank_values=True, errors="strict")
    except ValueError:
        raise Refused(error(20001, "The body is not a form in UTF-8")) from None
    return dict(pairs)


def _sender(form: dict[str, str]) -> tuple[str, str]:
    """Return the number the message leaves from, and the messaging service if one is used."""
    service, sender = form.get("MessagingServiceSid", ""), form.get("From", "")
    if service:
        if not _SERVICE.fullmatch(service):
            raise Refused(error(21701, f"The Messaging Service {service} does not exist"))
        return sender or POOL_NUMBER, service
    if not sender:
        raise Refused(error(21603, "A 'From' phone number is required."))
    if not _E164.fullmatch(sender):
        raise Refused(error(21212, f"The 'From' number {sender} is not a valid phone number"))
    if sender in MAGIC_SENDERS:
        code, message = MAGIC_SENDERS[sender]
        raise Refused(error(code, message.format(sender=sender)))
    return sender, ""


def _check_recipient(to: str, *, sender: str, opted_out: OptedOut) -> None:
    if not to:
        raise Refused(error(21604, "A 'To' phone number is required."))
    if not _E164.fullmatch(to):
        raise Refused(error(21211, f"Invalid 'To' Phone Number: {to}"))
    if to in MAGIC_RECIPIENTS:
        code, message = MAGIC_RECIPIENTS[to]
        raise Refused(error(code, message.format(to=to)))
    if to == sender:
        raise Refused(error(21266, "'To' and 'From' number cannot be the same"))
    if opted_out.includes(to=to, sender=sender):
        raise Refused(error(21610, "Attempt to send to unsubscribed recipient"))


def _check_body(body: str) -> None:
    if not body:
        raise Refused(error(21602, "Message body is required."))
    if len(body) > MAX_BODY_CHARACTERS:
        raise Refused(
            error(21617, "The concatenated message body exceeds the 1600 character limit")
        )


def _check_settings(form: dict[str, str]) -> None:
    callback, validity = form.get("StatusCallback"), form.get("ValidityPeriod")
    if callback and urlsplit(callback).scheme not in {"http", "https"}:
        raise Refused(error(21609, f"The StatusCallback URL {callback} is not a valid URL"))
    seconds = _whole(validity or "", default=0)
    if validity is not None and not 1 <= seconds <= MAX_VALIDITY_SECONDS:
        raise Refused(error(20001, f"ValidityPeriod {validity} is not from 1 to 36000"))


def _whole(text: str, *, default: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else default


def _line(
    text: Text, cost: published_prices.SmsCost | None, form: dict, options: SandboxOptions
) -> dict:
    arguments = text.callback_arguments
    line = {
        "provider": "twilio",
        "kind": text.kind,
        "at": text.created_at.isoformat(),
        "accepted": True,
        "to": text.to,
        "from": text.sender,
        "message_id": text.sid,
        "communication": arguments.get("communication"),
        "attempt": arguments.get("attempt"),
        "status_callback": text.status_callback,
        "messaging_service_sid": text.messaging_service_sid,
        "validity_period": form.get("ValidityPeriod"),
        "segments": text.segments,
        "price_micros": cost.total_micros if cost else None,
        "base_micros": cost.base_micros if cost else None,
        "carrier_fee_micros": cost.carrier_fee_micros if cost else None,
    }
    if options.store_bodies:
        line["body"] = text.body
    return line
