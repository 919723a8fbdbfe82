"""Answers by email, by SendGrid's inbound parse: List-Unsubscribe's address, and replies."""

import json

import pytest
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from barbershop.tests.factories import ShopFactory
from communications import links, rendering
from communications.models import InboundMessage, ProviderEvent, Suppression
from communications.tests.answers import (
    BOUNDARY,
    DOMAIN,
    SECRET,
    causes,
    mail,
    outcomes,
    parsed_mail,
    post_mail,
)
from communications.tests.reports import in_call
from communications.webhooks import mail as door
from communications.webhooks.refusals import Malformed
from customers.models import ContactConsent

pytestmark = pytest.mark.django_db

Cause = Suppression.Cause


@pytest.fixture(autouse=True)
def configured(settings):
    settings.SENDGRID_INBOUND_SECRET = SECRET
    settings.SENDGRID_INBOUND_DOMAIN = DOMAIN


@pytest.fixture
def message():
    return in_call(customer__email="sam@example.test")


@pytest.fixture
def intruder(message):
    """The same person, at another shop that has not written to him."""
    from customers.tests.factories import CustomerFactory

    return CustomerFactory(shop=ShopFactory(), email=message.address)


def unsubscribe_address(message) -> str:
    return f"unsubscribe+{links.unsubscribe_token(message.uuid)}@{DOMAIN}"


def test_header_names_the_page_and_the_address(message):
    url = rendering.unsubscribe_url(message.uuid)

    headers = rendering.list_unsubscribe(url)

    address = unsubscribe_address(message)
    assert headers == {
        "List-Unsubscribe": f"<{url}>, <mailto:{address}?subject=unsubscribe>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    assert len(address.partition("@")[0]) <= 64


def test_header_names_the_page_alone_where_no_email_is_received(message, settings):
    settings.SENDGRID_INBOUND_DOMAIN = ""

    url = rendering.unsubscribe_url(message.uuid)

    assert rendering.list_unsubscribe(url)["List-Unsubscribe"] == f"<{url}>"


def test_email_to_the_address_in_the_header_unsubscribes(message, intruder):
    answer = mail(to=unsubscribe_address(message), sender="Sam <other@example.test>")

    consent = ContactConsent.objects.get()
    message.refresh_from_db()
    assert answer.status_code == 200
    assert causes(message.shop, "email") == {Cause.UNSUBSCRIBED}
    assert (consent.customer, consent.decision) == (message.customer, "opted_out")
    assert (consent.topic, consent.source) == ("marketing", "email_reply")
    assert message.unsubscribed_at is not None
    assert causes(intruder.shop, "email") == set()
    assert outcomes(message.shop) == ["stop"]


def test_it_takes_effect_before_the_inbox_is_folded(message):
    post_mail(parsed_mail(to=unsubscribe_address(message), sender="x@example.test"), fold=False)

    assert causes(message.shop, "email") == {Cause.UNSUBSCRIBED}


def test_reminders_go_on_after_an_email_unsubscribe(message):
    from communications.tests.test_compliance import refusal

    mail(to=unsubscribe_address(message), sender="x@example.test")

    assert refusal(message.customer, kind="transactional", channel="email") == ""
    assert refusal(message.customer, kind="marketing", channel="email") == "suppressed"


def test_address_that_was_written_small_unsubscribes_its_sender(message):
    mail(to=unsubscribe_address(message).lower(), sender=message.address)

    assert causes(message.shop, "email") == {Cause.UNSUBSCRIBED}


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("unsubscribe", ""),
        ("Re: Ten percent off", "Stop\r\n\r\nOn Monday, the shop wrote:\r\n> Ten percent off"),
        ("", "please take me off your list"),
    ],
)
def test_reply_that_says_so_unsubscribes_the_sender_where_he_was_written_to(
    message, intruder, subject, body
):
    mail(to=f"hello@{DOMAIN}", sender=f"Sam <{message.address}>", subject=subject, text=body)

    assert causes(message.shop, "email") == {Cause.UNSUBSCRIBED}
    assert causes(intruder.shop, "email") == set()


def test_our_own_words_in_a_quote_stop_nobody(message):
    mail(
        to=f"hello@{DOMAIN}",
        sender=message.address,
        subject="Re: Unsubscribe from winter",
        text="See you Friday!\n\nOn Mon, Nov 2, 2026 at 9:00 AM Shop wrote:\n> Unsubscribe here",
    )

    assert causes(message.shop, "email") == set()
    assert outcomes(message.shop) == ["talk"]


def test_unclear_reply_is_held_for_a_person(message):
    mail(to=f"hello@{DOMAIN}", sender=message.address, text="why do you keep writing to me")

    row = InboundMessage.objects.get()
    assert (row.channel, row.outcome) == ("email", "held")
    assert causes(message.shop, "email") == {Cause.HELD}


@pytest.mark.parametrize(
    "header", ["Auto-Submitted: auto-replied\n", "Precedence: auto_reply\n", "X-Autoreply: yes\n"]
)
def test_absence_note_says_nothing(message, header):
    mail(
        to=f"hello@{DOMAIN}",
        sender=message.address,
        text="I have left; stop writing to this address.",
        more_headers=header,
    )

    assert InboundMessage.objects.count() == Suppression.objects.count() == 0


def test_html_alone_is_read_too(message):
    html = "<style>p {color: red}</style><p>Please <b>unsubscribe</b> me</p>"

    mail(to=f"hello@{DOMAIN}", sender=message.address, text="", html=html)

    assert causes(message.shop, "email") == {Cause.UNSUBSCRIBED}


def test_text_in_another_encoding_is_read(message):
    mail(
        to=f"hello@{DOMAIN}",
        sender=message.address,
        text="Arr\N{LATIN SMALL LETTER E WITH CIRCUMFLEX}tez !".encode("latin-1"),
        charsets='{"text": "iso-8859-1"}',
    )

    assert causes(message.shop, "email") == {Cause.UNSUBSCRIBED}


def test_same_email_posted_five_times_has_one_effect(message):
    body = parsed_mail(to=unsubscribe_address(message), sender="x@example.test")

    for _ in range(5):
        assert post_mail(body).status_code == 200

    assert ProviderEvent.objects.count() == Suppression.objects.count() == 1
    assert ContactConsent.objects.count() == InboundMessage.objects.count() == 1


def test_attachment_is_not_kept(message):
    body = parsed_mail(to=f"hello@{DOMAIN}", sender=message.address, text="stop")
    file = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="attachment1"; filename="a.png"\r\n'
        "Content-Type: image/png\r\n\r\n"
    ).encode() + bytes(range(256)) * 40
    end = f"--{BOUNDARY}--\r\n".encode()

    answer = post_mail(body.removesuffix(end) + file + b"\r\n" + end)

    assert answer.status_code == 200
    stored = ProviderEvent.objects.get().payload
    assert set(stored) == {"to", "from", "subject", "text", "envelope", "headers"}
    assert "Received" not in stored["headers"]


@pytest.mark.parametrize("secret", ["", "wrong", "a-secret-for-test", "\N{SNOWMAN}"])
def test_wrong_secret_is_refused(message, secret):
    body = parsed_mail(to=unsubscribe_address(message), sender="x@example.test")

    answer = post_mail(body, secret=secret)

    assert (answer.status_code, ProviderEvent.objects.count()) == (403, 0)


def test_without_a_secret_of_ours_sendgrid_is_asked_to_try_again(message, settings):
    settings.SENDGRID_INBOUND_SECRET = ""

    answer = post_mail(parsed_mail(to="x@example.test", sender="x@example.test"), secret="")

    assert answer.status_code == 503


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_only_post_is_answered(method):
    path = f"/webhooks/sendgrid/inbound/?secret={SECRET}"

    assert getattr(Client(), method)(path).status_code == 405


def nested(depth: int) -> bytes:
    """A form whose one part holds a message that holds a message that ..."""
    return f"--{BOUNDARY}\r\n".encode() + b"Content-Type: message/rfc822\r\n\r\n" * depth


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"{}", "application/json"),
        (b"", "multipart/form-data"),
        (b"", f"multipart/form-data; boundary={BOUNDARY}"),
        (b"no parts", f"multipart/form-data; boundary={BOUNDARY}"),
        (f"--{BOUNDARY}\r\n\r\n".encode() * 500, f"multipart/form-data; boundary={BOUNDARY}"),
        (parsed_mail(to="x@example.test", sender=""), ""),
        (nested(5_000), f"multipart/form-data; boundary={BOUNDARY}"),
    ],
    ids=["json", "no boundary", "empty", "no parts", "many parts", "no sender", "nested"],
)
def test_what_is_no_email_is_malformed(body, content_type):
    answer = post_mail(body, content_type=content_type)

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "malformed")


def test_too_large_a_form_is_refused(settings):
    settings.WEBHOOK_BODY_LIMIT = 1000

    answer = post_mail(parsed_mail(to="x", sender="x@example.test", text="a" * 2000))

    assert answer.status_code == 413


@examples(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.dictionaries(
        st.sampled_from(
            ["to", "from", "subject", "text", "html", "envelope", "charsets", "headers"]
        ),
        st.one_of(st.binary(max_size=60), st.text(max_size=60).map(str.encode)),
    ),
    st.binary(max_size=40),
)
def test_no_email_gives_a_server_error(fields, tail):
    body = b"".join(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode()
        + value
        + b"\r\n"
        for name, value in fields.items()
    )

    answer = post_mail(body + tail)

    assert answer.status_code in {200, 400}
    assert not ProviderEvent.objects.filter(folded_at=None).exists()


@examples(max_examples=200, deadline=None)
@given(st.binary(max_size=300), st.text(max_size=80))
def test_no_body_breaks_the_parser(body, content_type):
    for declared in (content_type, f"multipart/form-data; boundary={BOUNDARY}"):
        try:
            reported = door.parse(body, content_type=declared)
        except Malformed:
            continue
        json.dumps(reported.payload)
