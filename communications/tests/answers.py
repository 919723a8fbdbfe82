"""Answers in the inbox of the shop, and emails as SendGrid's inbound parse posts them."""

import itertools
import json

from django.test import Client

from communications import events
from communications.models import InboundMessage, Suppression
from communications.tests.reports import reply
from communications.tests.texts import PERSON, text

SECRET = "a-secret-for-tests"
DOMAIN = "replies.example.test"
BOUNDARY = "xYzZY"
_numbers = itertools.count(1)
UNCLEAR = "why do you keep texting"


def held(shop=None, *, body=UNCLEAR, **kwargs) -> InboundMessage:
    """An unclear answer to a text of the shop."""
    message = text(shop, **kwargs)
    reply(body, sender=kwargs.get("phone", PERSON))
    return InboundMessage.objects.get(shop=message.shop, outcome="held", decided_at=None)


def outcomes(shop) -> list[str]:
    rows = InboundMessage.objects.for_shop(shop).order_by("pk")
    return list(rows.values_list("outcome", flat=True))


def causes(shop, channel: str) -> set[str]:
    active = Suppression.objects.for_shop(shop).active().filter(channel=channel)
    return set(active.values_list("cause", flat=True))


def parsed_mail(*, to: str, sender: str, subject: str = "", text: str = "", **fields) -> bytes:
    """The form that SendGrid posts, parts in its order."""
    message_id = fields.pop("message_id", f"<mail-{next(_numbers)}@mail.example.test>")
    extra = fields.pop("more_headers", "")
    parts = {
        "headers": f"Received: by mx.example.test\nMessage-ID: {message_id}\n{extra}",
        "dkim": "{@example.test : pass}",
        "to": to,
        "from": sender,
        "subject": subject,
        "text": text,
        "sender_ip": "203.0.113.7",
        "envelope": json.dumps({"to": [to], "from": sender}),
        "attachments": "0",
        "charsets": '{"to":"UTF-8","subject":"UTF-8","from":"UTF-8","text":"UTF-8"}',
        "SPF": "pass",
        **fields,
    }
    body = b""
    for name, value in parts.items():
        raw = value if isinstance(value, bytes) else value.encode()
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'
        body += head.encode() + raw + b"\r\n"
    return body + f"--{BOUNDARY}--\r\n".encode()


def post_mail(body: bytes, *, secret: str = SECRET, content_type: str = "", fold: bool = True):
    answer = Client(raise_request_exception=False).post(
        f"/webhooks/sendgrid/inbound/?secret={secret}",
        data=body,
        content_type=content_type or f"multipart/form-data; boundary={BOUNDARY}",
    )
    if fold:
        events.fold()
    return answer


def mail(**fields):
    """Receive one email and fold it."""
    return post_mail(parsed_mail(**fields))
