"""What the vendors published verifies; with any byte of it changed it does not."""

import datetime as dt

import pytest
from django.http import QueryDict

from communications.tests.published import SENDGRID, TWILIO, TWILIO_CASES, TWILIO_FORMS, encoded
from communications.webhooks import sendgrid, twilio
from communications.webhooks.refusals import BadSignature, NoKey

BODY = SENDGRID["payload"].encode()
SIGNED_AT = dt.datetime.fromtimestamp(int(SENDGRID["timestamp"]), tz=dt.UTC)
OTHER_KEY = SENDGRID["negatives"]["bad_key"]


def verify(body: bytes = BODY, **changed) -> None:
    given = {
        "signature": SENDGRID["signature"],
        "timestamp": SENDGRID["timestamp"],
        "public_keys": [SENDGRID["public_key"]],
        "now": SIGNED_AT + dt.timedelta(minutes=1),
    }
    sendgrid.verify(body, **{**given, **changed})


def verify_twilio(case: dict, **changed) -> None:
    case = {**case, **changed}
    form = twilio.read_form(encoded(case["params"])) if "params" in case else case["body"]
    token = case.get("token", TWILIO["auth_token"])
    twilio.verify(form, url=case["url"], signature=case["signature"], token=token)


def is_refused(check, *args, **kwargs) -> bool:
    try:
        check(*args, **kwargs)
    except BadSignature:
        return True
    return False


def altered(text: str) -> list[str]:
    """The text with each of its characters changed, taken out, and doubled."""
    found = []
    for n, char in enumerate(text):
        found.append(text[:n] + chr(ord(char) ^ 1) + text[n + 1 :])
        found.append(text[:n] + text[n + 1 :])
        found.append(text[:n] + char + text[n:])
    return [other for other in found if other != text]


def named(case: dict) -> str:
    return case["name"]


def test_sendgrids_batch_is_verified():
    verify()


def test_either_of_two_keys_verifies():
    verify(public_keys=[OTHER_KEY, SENDGRID["public_key"]])
    verify(public_keys=[SENDGRID["public_key"], OTHER_KEY])


@pytest.mark.parametrize(
    "changed",
    [
        {"public_keys": [OTHER_KEY]},
        {"signature": SENDGRID["negatives"]["bad_signature"]},
        {"timestamp": SENDGRID["negatives"]["bad_timestamp"]},
        {"body": SENDGRID["negatives"]["bad_payload"].encode()},
        {"body": BODY.removesuffix(b"\r\n")},
        {"body": b""},
        {"signature": ""},
        {"signature": "no base64 at all"},
        {"signature": "Zm9v"},
        {"signature": "ä"},
        {"signature": f" {SENDGRID['signature']}"},
        {"timestamp": ""},
        {"timestamp": "\ud800"},
        {"now": SIGNED_AT + dt.timedelta(hours=26, seconds=1)},
        {"now": SIGNED_AT - dt.timedelta(minutes=10, seconds=1)},
    ],
)
def test_what_sendgrid_did_not_sign_lately_is_refused(changed):
    assert is_refused(verify, **changed)


def test_each_changed_bit_of_the_body_is_refused():
    bodies = [
        BODY[:n] + bytes([byte ^ 1 << bit]) + BODY[n + 1 :]
        for n, byte in enumerate(BODY)
        for bit in range(8)
    ]

    assert [body for body in bodies if not is_refused(verify, body)] == []


def test_each_byte_more_or_less_in_the_body_is_refused():
    bodies = [BODY[:n] + BODY[n + 1 :] for n in range(len(BODY))]
    bodies += [BODY[:n] + b" " + BODY[n:] for n in range(len(BODY) + 1)]

    assert [body for body in bodies if body != BODY and not is_refused(verify, body)] == []


@pytest.mark.parametrize("name", ["timestamp", "signature"])
def test_each_changed_character_of_sendgrids_headers_is_refused(name):
    texts = altered(SENDGRID[name])

    assert [text for text in texts if not is_refused(verify, **{name: text})] == []


def test_signature_of_the_same_bytes_in_another_writing_is_refused():
    """Base64 has unused bits at its end: four texts stand for the bytes of this signature."""
    whole = SENDGRID["signature"]

    others = [f"{whole[:-2]}{char}=" for char in "NOP"]

    assert whole.endswith("M=")
    assert [text for text in others if not is_refused(verify, signature=text)] == []


def test_batch_is_taken_until_it_is_26_hours_old():
    verify(now=SIGNED_AT + dt.timedelta(hours=26))


@pytest.mark.parametrize("keys", [[], ["not a key"], ["Zm9v"]])
def test_without_a_usable_key_nothing_is_verified(keys):
    with pytest.raises(NoKey):
        verify(public_keys=keys)


@pytest.mark.parametrize("case", TWILIO_CASES, ids=named)
def test_twilios_request_is_verified(case):
    verify_twilio(case)


@pytest.mark.parametrize("case", TWILIO_CASES, ids=named)
def test_each_changed_character_of_twilios_address_is_refused(case):
    assert [u for u in altered(case["url"]) if not is_refused(verify_twilio, case, url=u)] == []


@pytest.mark.parametrize("case", TWILIO_CASES, ids=named)
def test_each_changed_character_of_twilios_signature_is_refused(case):
    texts = [*altered(case["signature"]), "", "ä", case["signature"][::-1]]

    assert [t for t in texts if not is_refused(verify_twilio, case, signature=t)] == []


@pytest.mark.parametrize("case", TWILIO_FORMS, ids=named)
def test_each_changed_character_of_each_field_is_refused(case):
    params = case["params"]
    forms = [
        [*params[:n], *replaced, *params[n + 1 :]]
        for n, (name, value) in enumerate(params)
        for replaced in [
            [],
            *([[other, value]] for other in altered(name)),
            *([[name, other]] for other in [*altered(value), f"{value} "]),
        ]
    ]

    assert len(forms) > 100
    assert [form for form in forms if not is_refused(verify_twilio, case, params=form)] == []


@pytest.mark.parametrize("case", TWILIO_FORMS, ids=named)
def test_form_with_a_field_more_is_refused(case):
    assert is_refused(verify_twilio, case, params=[*case["params"], ["Extra", "1"]])


def test_each_changed_character_of_a_hashed_body_is_refused():
    (case,) = [case for case in TWILIO_CASES if "body" in case]

    bodies = altered(case["body"])

    assert [body for body in bodies if not is_refused(verify_twilio, case, body=body)] == []


@pytest.mark.parametrize("case", TWILIO_CASES, ids=named)
def test_another_token_verifies_nothing(case):
    assert is_refused(verify_twilio, case, token="54321")


def test_address_that_is_none_is_refused():
    case = {**TWILIO_FORMS[0], "url": "https://mycompany.com:port/myapp.php"}

    assert is_refused(verify_twilio, case)


def test_without_a_token_nothing_is_verified():
    with pytest.raises(NoKey):
        twilio.verify(QueryDict("a=1"), url="https://a.example/", signature="", token="")
