"""The sandbox itself: routes requests, applies faults, records, and starts the playback."""

import os
import tempfile
import threading
from collections import Counter, OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from . import controls, mail_rules, sendgrid, twilio
from .exchange import Refused, Request, Response
from .faults import Faults
from .messages import Accepted, Message, Text
from .options import SandboxOptions
from .playback import Playback
from .record import Record
from .server import HOST, Server
from .signing import EventSigner
from .twilio_messages import OptedOut, TextStore
from .webhook_bodies import EMAIL_EVENTS, TEXT_EVENTS, inbound_form
from .webhook_post import Outgoing, WebhookPosts

DEFAULT_TWILIO_TOKEN = "sandbox"  # noqa: S105 - signs webhooks to loopback only
SANDBOX_ACCOUNT = "AC" + "0" * 32
# How many messages POST /sandbox/events can still find.
REMEMBERED = 100_000
ACCEPTED_FAULTS = frozenset({"drop_after_accept", "500_after", "slow"})


class Sandbox:
    """Both providers on one port."""

    def __init__(self, options: SandboxOptions, *, port: int = 0):
        self.options = options
        self.faults = Faults(options.faults, seed=options.seed)
        self.record = Record(options.record)
        self._signer = EventSigner.open(options.signing_key)
        token = options.twilio_token or os.environ.get("TWILIO_AUTH_TOKEN", "")
        self.twilio_token = token or DEFAULT_TWILIO_TOKEN
        self._posts = WebhookPosts(
            options=options, signer=self._signer, twilio_token=self.twilio_token
        )
        self._playback = Playback(
            options=options, faults=self.faults, posts=self._posts, hear=self._hear
        )
        self._texts = TextStore()
        self._opted_out = OptedOut()
        self._known: OrderedDict[str, list[Message]] = OrderedDict()
        self._answers: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._server = Server(port, answer=self.answer, max_body=options.max_body)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        )

    def start(self) -> None:
        self._playback.schedule.start()
        self._thread.start()

    def stop(self) -> None:
        """Stop listening, end open connections, finish the webhooks that are under way."""
        self._stopping.set()
        self._server.shutdown()
        self._server.close_connections()
        self._server.server_close()
        self._playback.schedule.stop()
        self._thread.join(5)
        self.record.close()

    @property
    def port(self) -> int:
        return self._server.server_address[1]

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}"

    @property
    def sendgrid_url(self) -> str:
        """For SENDGRID_API_URL."""
        return f"{self.url}/v3/"

    @property
    def twilio_url(self) -> str:
        """For TWILIO_BASE_URL."""
        return self.url

    @property
    def public_key(self) -> str:
        """For SENDGRID_WEBHOOK_PUBLIC_KEYS."""
        return self._signer.public_key

    def accepted(self) -> list[dict[str, Any]]:
        """Return everyone that was accepted, as recorded, oldest first."""
        return self.record.accepted()

    def set_fault(self, mode: str, probability: float = 1.0) -> None:
        self.faults.set(mode, probability)

    def clear_faults(self) -> None:
        self.faults.replace({})

    def settle(self, *, timeout: float = 10.0) -> bool:
        """Wait until every webhook has been played; return whether that was so in time."""
        return self._playback.schedule.settle(timeout=timeout)

    def stats(self) -> dict[str, Any]:
        with self._lock:
            answers = dict(self._answers)
        return {
            "requests": sum(answers.values()),
            "answers": answers,
            "accepted": {"email": 0, "sms": 0, **self.record.counts},
            "faults": dict(self.faults.drawn),
            "webhooks": {"pending": self._playback.schedule.open, **self._playback.counts},
        }

    def inbound(self, *, sender: str, to: str, body: str) -> bool:
        """Play an SMS from a person to our number; return whether anybody can be told."""
        if not self.options.webhook_base:
            return False
        last = self._texts.latest(to=sender)
        self._playback.post(self._reply(last, sender=sender, to=to, body=body))
        return True

    def emit(self, event: str, *, communication: str = "", message_id: str = "", **fields) -> int:
        """Make an event of each message with this id; return how many were told."""
        with self._lock:
            messages = list(self._known.get(communication or message_id, ()))
        fitting = [
            m for m in messages if event in (TEXT_EVENTS if m.kind == "sms" else EMAIL_EVENTS)
        ]
        return sum(self._playback.tell(message, event, fields) for message in fitting)

    def answer(self, request: Request) -> Response:
        """Answer one request of any kind."""
        try:
            response = self._route(request)
        except Refused as refusal:
            response = refusal.response
        with self._lock:
            self._answers["dropped" if response.dropped else str(response.status)] += 1
        return response

    def _route(self, request: Request) -> Response:
        if request.path.startswith("/sandbox/"):
            return controls.answer(request, self)
        if request.path == sendgrid.PATH:
            if request.method != "POST":
                return mail_rules.error("Method Not Allowed", status=405)
            return self._send(sendgrid, sendgrid.receive(request, options=self.options))
        found = twilio.ROUTE.fullmatch(request.path)
        if not found:
            return twilio.not_found(request.path)
        common = {"account": found["account"], "options": self.options}
        if request.method == "POST" and not found["sid"]:
            accepted = twilio.receive(request, opted_out=self._opted_out, **common)
            return self._send(twilio, accepted)
        if request.method != "GET":
            return twilio.error(20004, "Method not allowed", status=405)
        if found["sid"]:
            return twilio.fetch(request, sid=found["sid"], store=self._texts, **common)
        return twilio.listing(request, store=self._texts, **common)

    def _send(self, vendor: ModuleType, accepted: Accepted) -> Response:
        """Accept what the vendor would accept, unless a fault says otherwise."""
        mode = self.faults.draw()
        if mode == "hang":
            self._stopping.wait(self.options.hang_seconds)
            return Response(dropped=True)
        block = self.faults.index(accepted.blocks) if mode == "400_index" else 0
        wrong = vendor.fault(mode, block=block, retry_after=self.options.retry_after)
        if wrong is not None and mode not in ACCEPTED_FAULTS:
            return wrong
        self._remember(accepted)
        tellings = self._playback.tell_early(accepted.messages)
        if mode == "slow":
            self._stopping.wait(self.options.slow_seconds)
        response = wrong or accepted.response
        response.dropped = mode == "drop_after_accept"
        response.after = lambda: self._playback.go_on(tellings)
        return response

    def _remember(self, accepted: Accepted) -> None:
        """Record first: from here on these messages count as sent."""
        self.record.append(accepted.lines)
        with self._lock:
            for message in accepted.messages:
                for key in filter(None, (message.communication, *message.ids)):
                    self._known.setdefault(key, []).append(message)
                    self._known.move_to_end(key)
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        for message in accepted.messages:
            if isinstance(message, Text):
                self._texts.add(message)

    def _hear(self, text: Text, body: str) -> Outgoing:
        return self._reply(text, sender=text.to, to=text.sender, body=body)

    def _reply(self, text: Text | None, *, sender: str, to: str, body: str) -> Outgoing:
        """Return what Twilio posts for a reply, having acted on STOP and START as it does."""
        form = inbound_form(
            account_sid=text.account_sid if text else SANDBOX_ACCOUNT,
            sender=sender,
            to=to,
            body=body,
            service=text.messaging_service_sid if text else "",
            opt_out=self._opted_out.hear(body, person=sender, number=to),
        )
        return self._posts.inbound(form)


@contextmanager
def running_sandbox(*, port: int = 0, record: Path | str | None = None, **options) -> Iterator:
    """Run a sandbox for the length of a `with` block; port 0 picks a free one.

    Without `record` it writes to a file that goes away at the end. `options` are those of
    SandboxOptions.
    """
    with tempfile.TemporaryDirectory(prefix="sandbox-") as folder:
        path = Path(record) if record else Path(folder) / "accepted.jsonl"
        sandbox = Sandbox(SandboxOptions(record=path, **options), port=port)
        sandbox.start()
        try:
            yield sandbox
        finally:
            sandbox.stop()
