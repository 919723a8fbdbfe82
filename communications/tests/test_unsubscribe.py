import random
import string
import uuid

import pytest
from django.test import Client

from communications import links
from communications.models import CustomerCommunication, Suppression
from communications.tests.factories import CommunicationFactory
from communications.tests.reports import in_call
from customers.models import ContactConsent

pytestmark = pytest.mark.django_db

ONE_CLICK = {"List-Unsubscribe": "One-Click"}
UNSUBSCRIBE = 'action="?confirm"'  # the form with the one button


@pytest.fixture
def message():
    return in_call()


def path(message) -> str:
    return f"/u/{links.unsubscribe_token(message.uuid)}/"


def nothing_changed(message) -> bool:
    message.refresh_from_db()
    kept = Suppression.objects.count() == ContactConsent.objects.count() == 0
    return kept and message.unsubscribed_at is None


@pytest.mark.parametrize("method", ["get", "head"])
@pytest.mark.parametrize("headers", [{}, {"Sec-Purpose": "prefetch"}])
def test_looking_at_the_page_changes_nothing(message, method, headers):
    answer = getattr(Client(headers=headers), method)(path(message))

    assert answer.status_code == 200
    assert nothing_changed(message)


def test_page_names_the_shop_and_has_one_button(message):
    page = Client().get(path(message)).content.decode()

    assert message.shop.name in page
    assert page.count(UNSUBSCRIBE) == 1
    assert page.count("<script") == 0
    assert message.address not in page


def test_one_click_of_a_mail_program_opts_out(message):
    answer = Client(enforce_csrf_checks=True).post(path(message), ONE_CLICK)

    suppression = Suppression.objects.get()
    consent = ContactConsent.objects.get()
    message.refresh_from_db()
    assert answer.status_code == 200
    assert (suppression.shop, suppression.channel) == (message.shop, "email")
    assert suppression.address_hmac == message.address_hmac
    assert suppression.cause == Suppression.Cause.UNSUBSCRIBED
    assert (consent.customer, consent.channel) == (message.customer, "email")
    assert (consent.decision, consent.source) == ("opted_out", "one_click")
    assert message.unsubscribed_at is not None


def test_one_click_as_multipart_opts_out(message):
    body = (
        b'--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n'
        b"--b--\r\n"
    )

    Client().generic("POST", path(message), body, content_type="multipart/form-data; boundary=b")

    assert Suppression.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"List-Unsubscribe=One-Click", "multipart/form-data"),
        (b"List-Unsubscribe=One-Click", "application/x-www-form-urlencoded; charset=utf-16"),
        (b"\xff\x00", "multipart/form-data; boundary=b"),
        (b"a=1&" * 2_000, "application/x-www-form-urlencoded"),
        (b"", ""),
    ],
)
def test_one_click_opts_out_whatever_its_body_is(message, body, content_type):
    answer = Client().generic("POST", path(message), body, content_type=content_type)

    assert answer.status_code == 200
    assert Suppression.objects.count() == 1


def test_button_of_the_page_opts_out_and_says_so(message):
    answer = Client(enforce_csrf_checks=True).post(path(message) + "?confirm")

    assert answer.status_code == 200
    assert "You are unsubscribed" in answer.content.decode()
    assert ContactConsent.objects.get().source == "unsubscribe_page"


def test_opting_out_again_changes_nothing(message):
    for _ in range(3):
        assert Client().post(path(message), ONE_CLICK).status_code == 200

    assert Suppression.objects.count() == 1
    assert ContactConsent.objects.count() == 1


def test_page_of_somebody_who_is_out_has_no_button(message):
    Client().post(path(message), ONE_CLICK)

    page = Client().get(path(message)).content.decode()

    assert page.count(UNSUBSCRIBE) == 0
    assert "You are unsubscribed" in page


def test_answers_set_no_cookie_and_are_not_stored(message):
    for answer in (Client().get(path(message)), Client().post(path(message), ONE_CLICK)):
        assert len(answer.cookies) == 0
        assert answer["Cache-Control"] == "no-store"
        assert answer["Referrer-Policy"] == "no-referrer"


def test_opting_out_leaves_everybody_else_alone(message):
    neighbour = in_call(dispatch=message.dispatch, content=message.content)
    same_person_elsewhere = in_call(customer__email=message.address)

    Client().post(path(message), ONE_CLICK)

    suppressed = Suppression.objects.filter(shop=message.shop)
    assert Suppression.objects.count() == suppressed.count() == 1
    assert neighbour.address_hmac != suppressed.get().address_hmac
    assert same_person_elsewhere.address_hmac == suppressed.get().address_hmac
    assert ContactConsent.objects.exclude(customer=message.customer).count() == 0


def test_link_works_when_the_customer_was_erased(message):
    hmac = message.address_hmac
    CustomerCommunication.objects.filter(pk=message.pk).update(address="", customer=None)

    answer = Client().post(path(message), ONE_CLICK)

    assert answer.status_code == 200
    assert Suppression.objects.get().address_hmac == hmac


def test_who_unsubscribes_from_a_reminder_wants_no_advertisements_either():
    message = in_call(topic="appointments")

    Client().post(path(message), ONE_CLICK)

    topics = ContactConsent.objects.values_list("topic", flat=True)
    assert sorted(topics) == ["appointments", "marketing"]


def test_link_in_a_text_opts_out_of_texts():
    message = in_call(channel="sms")

    Client().post(path(message))

    assert Suppression.objects.get().channel == "sms"
    assert ContactConsent.objects.get().channel == "sms"


def test_altered_and_foreign_tokens_are_not_found(message):
    token = links.unsubscribe_token(message.uuid)
    others = [
        token[:-1] + ("A" if token[-1] != "A" else "B"),
        token[:10],
        "x",
        links.click_token(message.uuid, 1),
        links.unsubscribe_token(uuid.uuid4()),
    ]

    for other in others:
        assert Client().get(f"/u/{other}/").status_code == 404
        assert Client().post(f"/u/{other}/", ONE_CLICK).status_code == 404
    assert nothing_changed(message)


def test_link_without_its_slash_acts_without_a_redirect(message):
    answer = Client().post(path(message).rstrip("/"), ONE_CLICK)

    assert answer.status_code == 200
    assert Suppression.objects.count() == 1


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods_are_not_allowed(message, method):
    assert getattr(Client(), method)(path(message)).status_code == 405
    assert nothing_changed(message)


def test_unsent_message_can_be_unsubscribed_from():
    message = CommunicationFactory()

    assert Client().post(path(message), ONE_CLICK).status_code == 200
    assert Suppression.objects.count() == 1


def test_page_of_a_reminder_still_offers_what_only_offers_were_taken_back_from():
    offer = in_call()
    reminder = in_call(customer=offer.customer, dispatch__shop=offer.shop, topic="appointments")
    Client().post(path(offer), ONE_CLICK)

    before = Client().get(path(reminder)).content.decode()
    Client().post(path(reminder), ONE_CLICK)
    after = Client().get(path(reminder)).content.decode()

    assert before.count(UNSUBSCRIBE) == 1
    assert "no more emails with reminders, offers and news" in before
    assert after.count(UNSUBSCRIBE) == 0


@pytest.mark.parametrize("broken", ["/u/abc/", "/u/", "/u/a.b)", f"/u/{'x' * 90}", "/c/abc/"])
def test_broken_link_says_what_its_receiver_can_do(broken):
    answer = Client().get(broken)

    page = answer.content.decode()
    assert answer.status_code == 404
    assert "Please open it from the message again" in page
    assert "reply STOP" in page
    assert "Home" not in page
    assert answer["Cache-Control"] == "no-store"


def mutations(token: str, number: int):
    """Tokens that differ from a real one in every way that a mail program or a person makes."""
    chance = random.Random(8_058)
    letters = string.ascii_letters + string.digits + "-_"
    made = set()
    while len(made) < number:
        place, letter = chance.randrange(len(token)), chance.choice(letters)
        other = chance.randrange(len(token))
        mutated = chance.choice(
            [
                token[:place] + letter + token[place + 1 :],
                token[:place] + token[place + 1 :],
                token[:place] + letter + token[place:],
                token[:place] + token[other] + token[place + 1 :],
                token[:place] + letter + token[place + 1 : other] + letter + token[other + 1 :],
                token[:place].swapcase() + token[place:],
                "".join(chance.choices(letters, k=len(token))),
                token + letter * chance.randrange(1, 5),
            ]
        )
        if mutated != token:
            made.add(mutated)
    return sorted(made)


def test_of_ten_thousand_mutated_tokens_none_works(message):
    token = links.unsubscribe_token(message.uuid)
    mutated = mutations(token, 10_000)

    assert [bad for bad in mutated if links.read(bad) is not None] == []
    for bad in mutated[::50]:
        assert Client().post(f"/u/{bad}/", ONE_CLICK).status_code == 404
    assert links.read(token) is not None
    assert nothing_changed(message)
