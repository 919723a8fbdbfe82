"""Messages that a provider took, and what providers report about them, really signed."""

import base64
import itertools
import json
import time
import uuid
from urllib.parse import urlencode

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.http import QueryDict
from django.test import Client
from django.utils import timezone
from twilio.request_validator import RequestValidator

from communications import events
from communications.models import DeliveryAttempt
from communications.tests.factories import CommunicationFactory
from communications.webhooks import sendgrid, twilio

KEY = ec.generate_private_key(ec.SECP256R1())
PUBLIC_KEY = base64.b64encode(
    KEY.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
).decode()
FORM = "application/x-www-form-urlencoded"
_numbers = itertools.count(1)


def in_call(*, state="accepted", **kwargs):
    """A message in a call of this state."""
    message = CommunicationFactory(**kwargs)
    now = timezone.now()
    begun = {} if state == "claimed" else {"sending_at": now, "call_deadline": now}
    message.attempt = DeliveryAttempt.objects.create(
        shop=message.shop,
        dispatch=message.dispatch,
        channel=message.channel,
        state=state,
        message_count=1,
        claimed_at=now,
        lease_until=now,
        **begun,
    )
    message.send_state = "in_call"
    message.save()
    return message


def email_event(message, event: str, **fields) -> dict:
    """One SendGrid event about a message, as SendGrid writes it."""
    ids = {"communication": str(message.uuid)}
    if message.attempt_id:
        ids["attempt"] = str(message.attempt.uuid)
    return {
        **ids,
        "email": message.address,
        "timestamp": int(time.time()),
        "event": event,
        "sg_event_id": f"event-{next(_numbers)}",
        "sg_message_id": "message.filter0001",
        **fields,
    }


def fold_email(*reported: dict, now=None) -> None:
    """Store and fold SendGrid events without HTTP."""
    now = now or timezone.now()
    events.record("sendgrid", sendgrid.parse(json.dumps(reported).encode()), now=now)
    events.fold(now=now)


def post_sendgrid(body: bytes | list, *, key=KEY, at: int | None = None, **extra):
    """POST a signed batch."""
    if isinstance(body, list):
        body = (json.dumps(body) + "\r\n").encode()
    timestamp = str(int(time.time()) if at is None else at)
    signature = key.sign(timestamp.encode() + body, ec.ECDSA(hashes.SHA256()))
    headers = {
        sendgrid.SIGNATURE: base64.b64encode(signature).decode(),
        sendgrid.TIMESTAMP: timestamp,
        **extra,
    }
    return Client(raise_request_exception=False).post(
        "/webhooks/sendgrid/", data=body, content_type="application/json", headers=headers
    )


def post_twilio(path: str, form: dict, *, token: str | None = None, base: str | None = None):
    """POST a signed form; ``base`` is the address that is signed, by default the public one."""
    signed = (base or settings.PUBLIC_BASE_URL) + path
    body = urlencode(form, doseq=True)
    params = QueryDict(body) if len(form) < 100 else form
    signature = RequestValidator(token or settings.TWILIO_AUTH_TOKEN).compute_signature(
        signed, params
    )
    return Client(raise_request_exception=False).post(
        path,
        data=body,
        content_type=FORM,
        headers={twilio.SIGNATURE: signature},
    )


def status_path(message) -> str:
    return f"/webhooks/twilio/status/?communication={message.uuid}&attempt={message.attempt.uuid}"


def status_form(status: str, *, sid: str = "", **fields) -> dict:
    return {
        "AccountSid": "AC" + "0" * 32,
        "MessageSid": sid or f"SM{uuid.uuid4().hex}",
        "MessageStatus": status,
        "SmsStatus": status,
        "To": "+12125550123",
        "From": "+15005550006",
        "ApiVersion": "2010-04-01",
        **fields,
    }


def inbound_form(body: str, *, sender: str, to: str = "+15005550006", **fields) -> dict:
    sid = f"SM{uuid.uuid4().hex}"
    return {
        "AccountSid": "AC" + "0" * 32,
        "MessageSid": sid,
        "SmsSid": sid,
        "Body": body,
        "From": sender,
        "To": to,
        "FromCity": "",
        "FromZip": "",
        "NumMedia": "0",
        **fields,
    }


def reply(body: str, *, sender: str, now=None, **fields) -> None:
    """Answer by text: post it, signed, and fold it."""
    answer = post_twilio("/webhooks/twilio/inbound/", inbound_form(body, sender=sender, **fields))
    assert answer.status_code == 200
    events.fold(now=now)
