"""The vendors' own examples, from ``vectors/``; its README names their sources."""

import json
from pathlib import Path
from urllib.parse import urlencode

_FOLDER = Path(__file__).parent / "vectors"


def _read(name: str) -> dict:
    return json.loads((_FOLDER / name).read_text())


SENDGRID = _read("sendgrid_signature.json")
SENDGRID_EVENTS = _read("sendgrid_events.json")["events"]
TWILIO = _read("twilio_signatures.json")
TWILIO_CASES = TWILIO["cases"]
TWILIO_FORMS = [case for case in TWILIO_CASES if "params" in case]


def encoded(params: list[list[str]]) -> bytes:
    return urlencode([tuple(pair) for pair in params]).encode()
