import gzip
import json

import pytest
import requests
from django.core.mail import EmailMultiAlternatives

from communications.sandbox import running_sandbox
from communications.tests.sandbox_clients import anymail_backend, mail, post_mail

pytestmark = pytest.mark.filterwarnings("ignore::anymail.exceptions.AnymailNotSupportedWarning")


@pytest.fixture
def sandbox():
    with running_sandbox(events=False) as running:
        yield running


def problem(response):
    """The only error in SendGrid's shape."""
    errors = response.json()["errors"]
    assert [set(each) for each in errors] == [{"message", "field", "help"}]
    return errors[0]


def test_accepted_mail_is_answered_with_an_empty_202_and_recorded(sandbox):
    response = post_mail(sandbox, mail("ann@example.com"))

    [line] = sandbox.accepted()
    assert (response.status_code, response.content) == (202, b"")
    assert line["message_id"] == response.headers["X-Message-Id"]
    assert (line["provider"], line["kind"], line["accepted"]) == ("sendgrid", "email", True)
    assert (line["to"], line["from"]) == ("ann@example.com", "shop@example.com")
    assert (line["communication"], line["attempt"]) == ("c-0", "a-1")
    assert line["at"].endswith("+00:00")


def test_anymail_batch_is_recorded_as_each_recipient_reads_it(sandbox):
    message = EmailMultiAlternatives(
        "Hi [[name]]",
        "Dear [[name]], see https://shop.example/c/[[token]]/",
        "shop@example.com",
        ["ann@example.com", "bob@example.com"],
        connection=anymail_backend(sandbox),
    )
    message.attach_alternative("<p>Dear [[name]]</p>", "text/html")
    message.merge_data = {
        "ann@example.com": {"name": "Ann", "token": "t1"},
        "bob@example.com": {"name": "Bob", "token": "t2"},
    }
    message.merge_metadata = {
        "ann@example.com": {"communication": "c-1", "attempt": "a-1"},
        "bob@example.com": {"communication": "c-2", "attempt": "a-1"},
    }
    message.merge_headers = {
        "ann@example.com": {"List-Unsubscribe": "<https://shop.example/u/t1/>"},
        "bob@example.com": {"List-Unsubscribe": "<https://shop.example/u/t2/>"},
    }
    message.send()

    ann, bob = sandbox.accepted()
    assert (ann["subject"], bob["subject"]) == ("Hi Ann", "Hi Bob")
    assert ann["text"] == "Dear Ann, see https://shop.example/c/t1/"
    assert bob["html"] == "<p>Dear Bob</p>"
    assert (ann["communication"], bob["communication"]) == ("c-1", "c-2")
    assert bob["headers"] == {"List-Unsubscribe": "<https://shop.example/u/t2/>"}


def test_section_is_filled_with_the_recipients_own_substitutions(sandbox):
    body = mail(
        "ann@example.com",
        sections={"-greeting-": "Dear -name-,"},
        content=[{"type": "text/plain", "value": "-opening- come in."}],
    )
    body["personalizations"][0]["substitutions"] = {"-opening-": "-greeting-", "-name-": "Ann"}
    post_mail(sandbox, body)

    assert sandbox.accepted()[0]["text"] == "Dear Ann, come in."


def test_substitution_value_is_not_read_for_further_slots(sandbox):
    body = mail("ann@example.com", content=[{"type": "text/plain", "value": "[a] [b]"}])
    body["personalizations"][0]["substitutions"] = {"[a]": "[b]", "[b]": "B"}
    post_mail(sandbox, body)

    assert sandbox.accepted()[0]["text"] == "[b] B"


def test_personal_arguments_win_over_those_of_the_whole_mail(sandbox):
    body = mail("ann@example.com", custom_args={"communication": "all", "shop": "s-1"})
    post_mail(sandbox, body)

    assert sandbox.accepted()[0]["custom_args"] == {
        "communication": "c-0",
        "attempt": "a-1",
        "shop": "s-1",
    }


def _without(key):
    return {name: value for name, value in mail().items() if name != key}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (_without("personalizations"), "personalizations"),
        (mail(personalizations=[]), "personalizations"),
        (_without("from"), "from.email"),
        (mail(**{"from": {"email": "shop"}}), "from.email"),
        (_without("subject"), "subject"),
        (_without("content"), "content"),
        (mail(content=[{"type": "text/plain", "value": ""}]), "content.0.value"),
        (mail(personalizations=[{"to": []}]), "personalizations.0.to"),
        (mail("ann@example.com", "no address"), "personalizations.1.to.0.email"),
        (mail("ann@b\u00fccher.example"), "personalizations.0.to.0.email"),
        (mail(custom_args="text"), "custom_args"),
    ],
)
def test_invalid_mail_is_refused_by_the_name_of_its_field(sandbox, body, field):
    response = post_mail(sandbox, body)

    assert response.status_code == 400
    assert problem(response)["field"] == field
    assert sandbox.accepted() == []


def test_one_bad_recipient_refuses_the_whole_request_and_is_named(sandbox):
    response = post_mail(sandbox, mail("a@example.com", "b@example.com", "c+invalid@example.com"))

    assert problem(response)["field"] == "personalizations.2.to.0.email"
    assert sandbox.accepted() == []


def test_poisonous_recipient_is_refused_without_a_name(sandbox):
    response = post_mail(sandbox, mail("a@example.com", "b+poison@example.com"))

    assert problem(response) == {"message": "Bad Request", "field": None, "help": None}


def test_recipient_twice_in_one_personalization_is_refused(sandbox):
    body = mail("ann@example.com")
    body["personalizations"][0]["cc"] = [{"email": "ANN@example.com"}]
    response = post_mail(sandbox, body)

    assert problem(response)["field"] == "personalizations.0"
    assert "should be unique" in problem(response)["message"]


def test_custom_argument_that_is_no_string_is_refused_without_a_hint(sandbox):
    body = mail("ann@example.com")
    body["personalizations"][0]["custom_args"]["communication"] = 7

    assert problem(post_mail(sandbox, body))["message"] == "Bad Request"


@pytest.mark.parametrize(("size", "status"), [(9_997, 202), (9_998, 400)])
def test_substitutions_of_a_recipient_may_have_ten_thousand_bytes(sandbox, size, status):
    body = mail("ann@example.com")
    body["personalizations"][0]["substitutions"] = {"[a]": "x" * size}

    assert post_mail(sandbox, body).status_code == status


@pytest.mark.parametrize(("people", "status"), [(1000, 202), (1001, 400)])
def test_request_holds_up_to_a_thousand_personalizations(sandbox, people, status):
    response = post_mail(sandbox, mail(*(f"p{n}@example.com" for n in range(people))))

    assert response.status_code == status
    assert len(sandbox.accepted()) == (people if status == 202 else 0)


@pytest.mark.parametrize("body", [b"{", b"\xff", b"[]", b"null", b""])
def test_body_that_is_no_mail_is_a_bad_request(sandbox, body):
    response = requests.post(
        f"{sandbox.sendgrid_url}mail/send",
        data=body,
        headers={"Authorization": "Bearer SG.any"},
        timeout=10,
    )

    assert (response.status_code, problem(response)["message"]) == (400, "Bad Request")


def test_request_without_a_key_is_unauthorised(sandbox):
    assert post_mail(sandbox, mail(), key="").status_code == 401
    assert sandbox.accepted() == []


def test_enforced_key_refuses_all_others():
    with running_sandbox(events=False, sendgrid_key="SG.right") as sandbox:
        assert post_mail(sandbox, mail(), key="SG.wrong").status_code == 401
        assert post_mail(sandbox, mail(), key="SG.right").status_code == 202


def test_zipped_mail_is_read(sandbox):
    response = requests.post(
        f"{sandbox.sendgrid_url}mail/send",
        data=gzip.compress(json.dumps(mail()).encode()),
        headers={"Authorization": "Bearer SG.any", "Content-Encoding": "gzip"},
        timeout=10,
    )

    assert response.status_code == 202


def test_too_large_body_is_answered_with_413_zipped_or_not():
    with running_sandbox(events=False, max_body=100_000) as sandbox:
        large = json.dumps(mail(subject="x" * 100_000)).encode()
        url, headers = f"{sandbox.sendgrid_url}mail/send", {"Authorization": "Bearer SG.any"}
        plain = requests.post(url, data=large, headers=headers, timeout=10)
        zipped = requests.post(
            url,
            data=gzip.compress(large),
            headers={**headers, "Content-Encoding": "gzip"},
            timeout=10,
        )

        assert (plain.status_code, zipped.status_code) == (413, 413)
        assert sandbox.accepted() == []


def test_bodies_can_be_left_out_of_the_record():
    with running_sandbox(events=False, store_bodies=False) as sandbox:
        post_mail(sandbox, mail())

        assert {"text", "html"}.isdisjoint(sandbox.accepted()[0])
