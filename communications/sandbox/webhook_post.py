"""One webhook on its way out: what is posted where, with which signature."""

import json
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from .options import SandboxOptions
from .signing import (
    SENDGRID_SIGNATURE,
    SENDGRID_TIMESTAMP,
    TWILIO_SIGNATURE,
    EventSigner,
    twilio_signature,
)
from .webhook_bodies import PERSON_AGENT

FORM = "application/x-www-form-urlencoded"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass
class Outgoing:
    """An HTTP request the sandbox still has to make."""

    method: str
    url: str
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    tries: int = 0
    # A person who clicks does not try again; a provider does.
    retried: bool = True


class WebhookPosts:
    """Makes the requests of one sandbox. Knows the keys; sends nothing."""

    def __init__(self, *, options: SandboxOptions, signer: EventSigner, twilio_token: str):
        self._options = options
        self._signer = signer
        self._token = twilio_token

    def events(self, events: list[dict[str, Any]]) -> Outgoing:
        """Return one batch of SendGrid events, signed as it is sent."""
        # SendGrid's bodies end in a line break, which belongs to what is signed.
        body = (json.dumps(events, ensure_ascii=False) + "\r\n").encode()
        timestamp = str(int(time.time()))
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "SendGrid Event API",
            SENDGRID_TIMESTAMP: timestamp,
            SENDGRID_SIGNATURE: self._signer.sign(timestamp=timestamp, body=body),
        }
        return Outgoing("POST", self._local("/webhooks/sendgrid/"), body, headers)

    def status(self, callback: str, form: dict[str, str]) -> Outgoing | None:
        """Return a status callback, or None if nobody on this machine can be told."""
        url = self.reachable(callback)
        return self._signed_form(url, signed_for=callback, form=form) if url else None

    def inbound(self, form: dict[str, str]) -> Outgoing:
        """Return a person's reply."""
        path = "/webhooks/twilio/inbound/"
        signed_for = f"{self._options.signed_base}{path}"
        return self._signed_form(self._local(path), signed_for=signed_for, form=form)

    def visit(self, link: str) -> Outgoing | None:
        """Return a person's click on a link in a mail."""
        url = self.reachable(link)
        headers = {"User-Agent": PERSON_AGENT, "Accept": "text/html"}
        return Outgoing("GET", url, headers=headers, retried=False) if url else None

    def one_click_unsubscribe(self, link: str) -> Outgoing | None:
        """Return what a mail program posts to List-Unsubscribe (RFC 8058)."""
        url = self.reachable(link)
        if not url:
            return None
        headers = {"Content-Type": FORM, "User-Agent": PERSON_AGENT}
        body = b"List-Unsubscribe=One-Click"
        return Outgoing("POST", url, body, headers, retried=False)

    def reachable(self, url: str) -> str:
        """Return where to find `url` without leaving the machine, or ''.

        The application names itself by its public address. As a proxy would, the sandbox asks
        for the same path at the webhook base.
        """
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.path:
            return ""
        if self._options.webhook_base:
            base = urlsplit(self._options.webhook_base)
            return urlunsplit((base.scheme, base.netloc, parts.path, parts.query, ""))
        return url if parts.hostname in LOOPBACK else ""

    def _local(self, path: str) -> str:
        return self._options.webhook_base.rstrip("/") + path

    def _signed_form(self, url: str, *, signed_for: str, form: dict[str, str]) -> Outgoing:
        signature = twilio_signature(token=self._token, url=signed_for, params=form)
        headers = {
            "Content-Type": FORM,
            "User-Agent": "TwilioProxy/1.1",
            TWILIO_SIGNATURE: signature,
        }
        return Outgoing("POST", url, urlencode(form).encode(), headers)
