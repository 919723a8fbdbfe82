"""Run the provider sandbox."""

import signal
import threading
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from communications.sandbox import FAULT_MODES, Sandbox, SandboxOptions
from communications.sandbox.faults import parse_fault
from communications.sandbox.server import PortTakenError


class Command(BaseCommand):
    help = (
        "Run an emulator of SendGrid and Twilio on 127.0.0.1: it records who was accepted, plays "
        "signed webhooks back, and misbehaves on demand. No message leaves the machine."
    )
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--port", type=int, default=8025, help="0 picks a free port")
        parser.add_argument("--record", type=Path, help="JSON-lines file of accepted recipients")
        parser.add_argument(
            "--webhook-base", default="", help="where webhooks go, e.g. http://127.0.0.1:8000"
        )
        parser.add_argument(
            "--public-base",
            default="",
            help="the application's PUBLIC_BASE_URL, if it is not the webhook base",
        )
        parser.add_argument(
            "--fault",
            action="append",
            default=[],
            metavar="MODE=PROBABILITY",
            help=f"repeatable; modes: {', '.join(FAULT_MODES)}",
        )
        parser.add_argument(
            "--outcome",
            action="append",
            default=[],
            metavar="ADDRESS=OUTCOME",
            help="repeatable; force what one address does, e.g. +12015550123=stop",
        )
        parser.add_argument("--seed", type=int, default=0, help="of faults and of behaviour")
        parser.add_argument(
            "--speed", type=float, default=60.0, help="seconds the story of a message takes"
        )
        parser.add_argument("--no-events", action="store_true", help="send no webhooks")
        parser.add_argument("--no-bodies", action="store_true", help="record no texts")
        parser.add_argument(
            "--follow-links",
            action="store_true",
            help="clicks and one-click unsubscribes visit the mail's links, as people do",
        )
        parser.add_argument("--sendgrid-key", default="", help="the only API key to accept")
        parser.add_argument(
            "--twilio-token",
            default="",
            help="the only token to accept; signs webhooks (else TWILIO_AUTH_TOKEN or 'sandbox')",
        )
        parser.add_argument("--signing-key", type=Path, help="PEM file, made if it is absent")
        parser.add_argument("--slow-seconds", type=float, default=2.0)
        parser.add_argument("--hang-seconds", type=float, default=120.0)
        parser.add_argument("--retry-after", type=int, default=1, help="seconds, for 429")

    def handle(self, **given):
        try:
            sandbox = Sandbox(_options(given), port=given["port"])
        except (PortTakenError, ValueError, OverflowError, OSError) as error:
            raise CommandError(str(error)) from error
        stopping = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopping.set())
        sandbox.start()
        self.stdout.write(
            f"Provider sandbox at {sandbox.url}\n"
            f"  SENDGRID_API_URL={sandbox.sendgrid_url}\n"
            f"  TWILIO_BASE_URL={sandbox.twilio_url}\n"
            f"  SENDGRID_WEBHOOK_PUBLIC_KEYS={sandbox.public_key}\n"
            f"  recording to {given['record'] or 'nothing'}, "
            f"webhooks to {given['webhook_base'] or 'nobody'}"
        )
        self.stdout.flush()
        stopping.wait()
        sandbox.stop()
        accepted = sandbox.stats()["accepted"]
        self.stdout.write(f"Stopped. Accepted: {accepted['email']} emails, {accepted['sms']} SMS.")


def _options(given: dict) -> SandboxOptions:
    same = (
        "record webhook_base public_base seed speed follow_links sendgrid_key twilio_token "
        "signing_key slow_seconds hang_seconds retry_after"
    )
    return SandboxOptions(
        **{name: given[name] for name in same.split()},
        faults=dict(parse_fault(text) for text in given["fault"]),
        outcomes=dict(_outcome(text) for text in given["outcome"]),
        events=not given["no_events"],
        store_bodies=not given["no_bodies"],
    )


def _outcome(text: str) -> tuple[str, str]:
    address, separator, outcome = text.rpartition("=")
    if not separator or not address:
        raise ValueError(f"{text!r}: write address=outcome, such as +12015550123=stop")
    return address, outcome
