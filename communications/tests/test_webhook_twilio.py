"""The signed requests are those of twilio-python's own tests (MIT), or signed by its validator."""

import pytest
from django.conf import settings as project
from django.http import QueryDict
from django.test import Client

from communications.models import ProviderEvent
from communications.tests.reports import (
    FORM,
    in_call,
    inbound_form,
    post_twilio,
    status_form,
    status_path,
)
from communications.webhooks import twilio
from communications.webhooks.refusals import BadSignature, NoKey

URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
CALL = (
    "CallSid=CA1234567890ABCDE&Digits=1234&From=%2B14158675309&To=%2B18005551212"
    "&Caller=%2B14158675309"
)
INBOUND = "/webhooks/twilio/inbound/"
STOP = (
    "ToCountry=US&ToState=NJ&SmsMessageSid=SM11111111111111111111111111111111&NumMedia=0&ToCity="
    "&FromZip=&SmsSid=SM11111111111111111111111111111111&FromState=NJ&SmsStatus=received&FromCity="
    "&Body=STOP&FromCountry=US&To=%2B12015550199"
    "&MessagingServiceSid=MG22222222222222222222222222222222&ToZip=&NumSegments=1&OptOutType=STOP"
    "&MessageSid=SM11111111111111111111111111111111&AccountSid=ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    "&From=%2B12015550123&ApiVersion=2010-04-01"
)
UNDELIVERED = (
    "AccountSid=ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa&From=%2B12015550199"
    "&MessageSid=SM33333333333333333333333333333333&MessageStatus=undelivered"
    "&SmsSid=SM33333333333333333333333333333333&SmsStatus=undelivered&To=%2B12015550123"
    "&ApiVersion=2010-04-01&ErrorCode=30005&RawDlrDoneDate=2607171206"
    "&MessagingServiceSid=MG22222222222222222222222222222222"
)
PUBLISHED = [
    (URL, CALL, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
    (URL, "Sid=CA123&SidAccount=AC123&Digits=5678&Digits=1234", "IK+Dwps556ElfBT0I3Rgjkr1wJU="),
    (
        URL.replace("https", "http").replace(".com", ".com:1234"),
        CALL,
        "Zmvh+3yNM1Phv2jhDCwEM3q5ebU=",
    ),
    (URL, CALL, "kvajT1Ptam85bY51eRf/AJRuM3w="),
    (URL.replace("https", "http"), CALL, "0ZXoZLH/DfblKGATFgpif+LLRf4="),
    ("https://shop.example/webhooks/twilio/inbound", STOP, "ZAOw5moGgfdJ1WIjhOUVOzsd+cU="),
    ("https://shop.example/webhooks/twilio/status", UNDELIVERED, "74EV0Ps2pvlWwCk8FpbDTWdBPS8="),
]


@pytest.mark.parametrize(("url", "body", "signature"), PUBLISHED)
def test_published_request_is_verified(url, body, signature):
    twilio.verify(twilio.read_form(body.encode()), url=url, signature=signature, token="12345")


@pytest.mark.parametrize(("url", "body", "signature"), PUBLISHED)
def test_published_request_is_refused_once_altered(url, body, signature):
    changed = [
        (url, body + "&Extra=1", signature, "12345"),
        (url + "&baz=3", body, signature, "12345"),
        (url, body, signature[::-1], "12345"),
        (url, body, "", "12345"),
        (url, body, signature, "54321"),
    ]
    for other_url, other_body, other_signature, token in changed:
        form = twilio.read_form(other_body.encode())
        with pytest.raises(BadSignature):
            twilio.verify(form, url=other_url, signature=other_signature, token=token)


def test_without_a_token_nothing_is_verified():
    with pytest.raises(NoKey):
        twilio.verify(QueryDict("a=1"), url=URL, signature="", token="")


@pytest.mark.django_db
def test_status_keeps_our_ids_and_is_stored_once():
    message = in_call(channel="sms")
    form = status_form("delivered", sid="SM1", RawDlrDoneDate="2607171206")

    first, second = (post_twilio(status_path(message), form) for _ in range(2))

    event = ProviderEvent.objects.get()
    assert (first.status_code, second.status_code) == (200, 200)
    assert event.event_key == "SM1:delivered"
    assert event.kind == "delivered"
    assert event.communication_uuid == message.uuid
    assert event.attempt_uuid == message.attempt.uuid


@pytest.mark.django_db
def test_next_status_of_the_same_text_is_another_event():
    path = status_path(in_call(channel="sms"))

    post_twilio(path, status_form("sent", sid="SM1"))
    post_twilio(path, status_form("delivered", sid="SM1"))

    assert ProviderEvent.objects.count() == 2


@pytest.mark.django_db
def test_address_that_is_signed_is_the_public_one_and_not_the_host_header():
    path = status_path(in_call(channel="sms"))

    answer = post_twilio(path, status_form("sent"), base="http://testserver")

    assert answer.status_code == 403
    assert ProviderEvent.objects.count() == 0


@pytest.mark.django_db
def test_ids_in_the_query_are_signed_too():
    mine, other = in_call(channel="sms"), in_call(channel="sms")
    form = status_form("failed")
    signed = post_twilio(status_path(mine), form)
    stolen = Client().post(
        status_path(other),
        data="&".join(f"{k}={v}" for k, v in form.items()),
        content_type=FORM,
        headers={twilio.SIGNATURE: "c2lnbmF0dXJl"},
    )

    assert (signed.status_code, stolen.status_code) == (200, 403)


@pytest.mark.django_db
def test_answer_with_empty_and_repeated_values_is_verified():
    form = inbound_form("", sender="+12125550123", MediaUrl=["b", "a", "b"])

    answer = post_twilio(INBOUND, form)

    assert answer.status_code == 200
    assert ProviderEvent.objects.get().payload["MediaUrl"] == ["b", "a", "b"]


@pytest.mark.django_db
def test_answer_by_text_is_answered_with_silence():
    answer = post_twilio(INBOUND, inbound_form("STOP", sender="+12125550123"))

    assert answer["Content-Type"] == "text/xml"
    assert answer.content == b'<?xml version="1.0" encoding="UTF-8"?><Response/>'
    assert ProviderEvent.objects.get().kind == "inbound"


@pytest.mark.django_db
@pytest.mark.parametrize("path", [INBOUND, "/webhooks/twilio/status/"])
def test_bad_signature_is_refused(path):
    answer = post_twilio(path, status_form("sent"), token="somebody else's")

    assert answer.status_code == 403


@pytest.mark.django_db
@pytest.mark.parametrize("path", [INBOUND, "/webhooks/twilio/status/"])
def test_without_a_token_twilio_is_asked_to_try_again(path, settings):
    form = status_form("sent")
    settings.TWILIO_AUTH_TOKEN = ""

    assert post_twilio(path, form, token="any").status_code == 503


@pytest.mark.django_db
@pytest.mark.parametrize("path", [INBOUND, "/webhooks/twilio/status/"])
def test_signed_form_without_the_needed_fields_is_malformed(path):
    assert post_twilio(path, {"AccountSid": "AC1"}).status_code == 400


@pytest.mark.django_db
def test_json_is_no_form():
    answer = Client().post(INBOUND, b"{}", content_type="application/json")

    assert answer.status_code == 400


@pytest.mark.django_db
def test_form_with_too_many_fields_is_malformed():
    fields = {f"f{n}": "1" for n in range(project.DATA_UPLOAD_MAX_NUMBER_FIELDS + 1)}

    assert post_twilio(INBOUND, fields).status_code == 400


@pytest.mark.django_db
def test_text_with_nul_is_stored():
    answer = post_twilio(INBOUND, inbound_form("a\x00b", sender="+12125550123"))

    assert answer.status_code == 200
    assert ProviderEvent.objects.get().payload["Body"] == "a\ufffdb"


@pytest.mark.parametrize("path", [INBOUND, "/webhooks/twilio/status/"])
def test_only_post_is_answered(path):
    assert Client().get(path).status_code == 405


@pytest.mark.parametrize("path", [INBOUND, "/webhooks/twilio/status/"])
def test_address_without_slash_is_not_redirected(path):
    answer = Client().post(path.rstrip("/"), b"a=1", content_type=FORM)

    assert answer.status_code == 403
