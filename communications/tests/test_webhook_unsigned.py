"""Whatever comes without a signature: an answer below 500, and no row."""

import json
import random
import time

import pytest
from django.test import Client

from communications.models import ProviderEvent
from communications.tests.published import SENDGRID, SENDGRID_EVENTS, TWILIO_FORMS, encoded
from communications.tests.reports import FORM, PUBLIC_KEY
from communications.webhooks import counts, sendgrid, twilio

pytestmark = pytest.mark.django_db

DOORS = [f"{path}/" for path in counts.DOORS]
EACH = 5_000 // len(DOORS)
SEED = 20_261_122
TYPES = [
    "application/json",
    FORM,
    f"{FORM}; charset=utf-16",
    f"{FORM}; charset=none",
    "multipart/form-data; boundary=b",
    "multipart/form-data",
    "text/xml",
    "",
    "a/b; c=" + "d" * 500,
]
QUERIES = [
    "",
    "communication=x&attempt=y",
    "secret=guess-guess-guess-guess",
    "secret=%ff",
    "%00=%ff",
    "&" * 50,
    "a=" + "b" * 2000,
    "?",
    "a&a=1&a=2",
]
SEEDS = [
    SENDGRID["payload"].encode(),
    json.dumps(SENDGRID_EVENTS).encode(),
    *(encoded(case["params"]) for case in TWILIO_FORMS),
    b"[" * 3000,
    b'[{"event":"delivered","timestamp":1e400}]',
    b"\xff\xfe\x00",
    b"",
]


def body(chance: random.Random) -> bytes:
    """One of the known bodies with some of its bytes changed, cut, doubled, or nothing of it."""
    if chance.random() < 0.2:
        return chance.randbytes(chance.randrange(300))
    found = bytearray(chance.choice(SEEDS))
    for _ in range(chance.randrange(6)):
        at = chance.randrange(len(found) + 1)
        match chance.randrange(4):
            case 0:
                found[at : at + 1] = chance.randbytes(1)
            case 1:
                del found[at : at + chance.randrange(40)]
            case 2:
                found[at:at] = found[: chance.randrange(40)]
            case _:
                found[at:at] = chance.choice(
                    [b"\x00", b"\\ud800", b"%00", b"&", b'"', b"}]", b"\n"]
                )
    return bytes(found)


def text(chance: random.Random) -> str:
    """What a header may hold: printable, of Latin 1, of any length; or a published signature."""
    known = ["", SENDGRID["signature"], *(case["signature"] for case in TWILIO_FORMS), "Zm9v", "="]
    if chance.random() < 0.5:
        return chance.choice(known)
    return "".join(chr(chance.randrange(32, 256)) for _ in range(chance.randrange(120)))


def headers(chance: random.Random) -> dict[str, str]:
    now = int(time.time())
    times = [str(now), str(-now), "9" * 400, "\u0661", "1e9", SENDGRID["timestamp"], text(chance)]
    found = {
        sendgrid.SIGNATURE: text(chance),
        sendgrid.TIMESTAMP: chance.choice(times),
        twilio.SIGNATURE: text(chance),
        "X-Forwarded-Host": text(chance),
        "Authorization": text(chance),
    }
    return {name: value for name, value in found.items() if chance.random() < 0.8}


@pytest.fixture(autouse=True)
def keys(settings):
    settings.SENDGRID_WEBHOOK_PUBLIC_KEYS = [PUBLIC_KEY, SENDGRID["public_key"]]
    settings.SENDGRID_INBOUND_SECRET = "s" * 24


@pytest.mark.parametrize("door", DOORS)
def test_unsigned_request_is_below_500_and_leaves_no_row(door, caplog, django_assert_num_queries):
    caplog.set_level("CRITICAL")  # thousands of lines about refusals
    chance = random.Random(f"{SEED} {door}")
    client = Client(raise_request_exception=False)

    with django_assert_num_queries(0):
        seen = {
            client.generic(
                "POST",
                f"{door}?{chance.choice(QUERIES)}",
                body(chance),
                content_type=chance.choice(TYPES),
                headers=headers(chance),
            ).status_code
            for _ in range(EACH)
        }

    assert seen <= {400, 403}
    assert 403 in seen
    assert ProviderEvent.objects.count() == 0


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("length", ["-1", "x", "9" * 30, "", "1048577"])
def test_strange_length_is_refused_in_order(door, length):
    answer = Client(raise_request_exception=False).generic(
        "POST", door, b"a=1", content_type=FORM, CONTENT_LENGTH=length
    )

    assert answer.status_code in {400, 403, 413}
    assert ProviderEvent.objects.count() == 0
