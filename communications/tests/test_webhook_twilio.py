"""Twilio's two doors: what they take, what they refuse, and what stands in the inbox afterwards."""

import pytest
from django.conf import settings as project
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

INBOUND = "/webhooks/twilio/inbound/"


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
