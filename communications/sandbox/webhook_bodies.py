"""The webhooks as the vendors write them: SendGrid's events, Twilio's callbacks and replies."""

import secrets
from datetime import UTC, datetime
from typing import Any

from communications import sms_segments

from .messages import Email, Text

PERSON_AGENT = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1"
)
# Apple's mail proxy names itself with no more than this.
MACHINE_AGENT = "Mozilla/5.0"
DOCUMENTATION_IP = "192.0.2.10"

DELIVERY_EVENTS = frozenset({"processed", "deferred", "delivered", "bounce", "dropped"})
ENGAGEMENT_EVENTS = frozenset(
    {"open", "click", "unsubscribe", "spamreport", "group_unsubscribe", "group_resubscribe"}
)
EMAIL_EVENTS = DELIVERY_EVENTS | ENGAGEMENT_EVENTS
TEXT_EVENTS = frozenset({"queued", "sending", "sent", "delivered", "undelivered", "failed"})


def email_event(email: Email, event: str, *, at: float, fields: dict[str, Any]) -> dict[str, Any]:
    """Return one SendGrid event of one recipient; `at` is a Unix time.

    SendGrid lays the custom arguments beside its own fields, and its own win: an argument called
    "attempt" is lost on a deferred event.
    """
    own: dict[str, Any] = {
        "email": email.to,
        "timestamp": int(at),
        "event": event,
        "sg_event_id": secrets.token_urlsafe(16),
        "sg_message_id": email.sg_message_id,
    }
    if email.categories:
        # One category comes as a plain string.
        single = len(email.categories) == 1
        own["category"] = email.categories[0] if single else email.categories
    if event in DELIVERY_EVENTS:
        own["smtp-id"] = f"<{email.message_id}@geopod-ismtpd-sandbox>"
    if event in {"open", "click"}:
        machine = fields.get("sg_machine_open")
        own |= {
            "ip": DOCUMENTATION_IP,
            "useragent": MACHINE_AGENT if machine else PERSON_AGENT,
        }
    if event == "open":
        own.setdefault("sg_machine_open", False)
    if event == "click":
        own |= {"url": email.link, "url_offset": {"index": 0, "type": "html"}}
    return {**email.custom_args, **own, **fields}


def status_form(text: Text, status: str) -> dict[str, str]:
    """Return Twilio's status callback for a text that has got as far as `status`."""
    form = {
        "AccountSid": text.account_sid,
        "ApiVersion": "2010-04-01",
        "From": text.sender,
        "MessageSid": text.sid,
        "MessageStatus": status,
        "SmsSid": text.sid,
        "SmsStatus": status,
        "To": text.to,
    }
    if text.messaging_service_sid:
        form["MessagingServiceSid"] = text.messaging_service_sid
    if status in {"delivered", "undelivered"}:
        form["RawDlrDoneDate"] = datetime.now(UTC).strftime("%y%m%d%H%M")
    if status in {"undelivered", "failed"} and text.error_code:
        form["ErrorCode"] = str(text.error_code)
    return form


def inbound_form(
    *, account_sid: str, sender: str, to: str, body: str, service: str, opt_out: str
) -> dict[str, str]:
    """Return what Twilio posts when `sender` has written to our number `to`."""
    sid = f"SM{secrets.token_hex(16)}"
    form = {
        "AccountSid": account_sid,
        "ApiVersion": "2010-04-01",
        "Body": body,
        "From": sender,
        "FromCity": "",
        "FromCountry": "US",
        "FromState": "",
        "FromZip": "",
        "MessageSid": sid,
        "NumMedia": "0",
        "NumSegments": str(sms_segments.count(body).segments),
        "SmsMessageSid": sid,
        "SmsSid": sid,
        "SmsStatus": "received",
        "To": to,
        "ToCity": "",
        "ToCountry": "US",
        "ToState": "",
        "ToZip": "",
    }
    if service:
        form["MessagingServiceSid"] = service
        if opt_out:  # Twilio says so only where Advanced Opt-Out of a service has acted.
            form["OptOutType"] = opt_out
    return form
