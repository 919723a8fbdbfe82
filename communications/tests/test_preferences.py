"""The page behind the link in a message: what he gets, and changing it without a sign-in."""

import pytest
from django.test import Client

from communications import links
from communications.models import CustomerCommunication, Suppression
from communications.tests.reports import in_call
from customers import consent
from customers.models import ContactConsent, Customer, OptInRequest
from customers.tests.consents import opt_in
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db

ALL = ["email:marketing", "email:appointments", "sms:marketing", "sms:appointments"]


@pytest.fixture
def message():
    """An email to somebody who also allows texts; a neighbour has said the same."""
    message = in_call()
    neighbour = CustomerFactory(shop=message.shop)
    for person in (message.customer, neighbour):
        opt_in(person, "sms")
    return message


def path(message) -> str:
    return f"/u/{links.unsubscribe_token(message.uuid)}/"


def page(message, **extra) -> str:
    return Client().get(path(message), extra).content.decode()


def save(message, *wanted, offered=ALL, **more):
    data = {"offered": offered, "wanted": wanted, "do": "save"} | more
    return Client(enforce_csrf_checks=True).post(f"{path(message)}?preferences", data)


def ticked(message) -> list[str]:
    boxes = page(message).split('type="checkbox"')[1:]
    found = [
        (box.split('value="')[1].split('"')[0], " checked" in box.split(">")[0]) for box in boxes
    ]
    return [key for key, is_on in found if is_on]


def said(customer) -> dict[str, str]:
    latest = ContactConsent.objects.filter(customer=customer).latest()
    return {f"{entry.channel}:{entry.topic}": entry.decision for entry in latest}


def active(shop) -> set[tuple[str, str]]:
    rows = Suppression.objects.for_shop(shop).active()
    return set(rows.values_list("channel", "cause"))


def test_page_shows_what_he_gets_now(message):
    assert ticked(message) == ALL


def test_page_shows_no_address_and_no_name(message):
    shown = page(message)

    person = message.customer
    for secret in (person.email, person.phone, person.last_name):
        assert secret not in shown


@pytest.mark.parametrize("method", ["get", "head"])
@pytest.mark.parametrize("headers", [{}, {"Sec-Purpose": "prefetch"}])
def test_looking_changes_nothing_also_with_the_pages_own_query(message, method, headers):
    before = ContactConsent.objects.count()
    for _ in range(2):
        for query in ("", "?confirm", "?preferences", "?preferences&do=nothing"):
            answer = getattr(Client(headers=headers), method)(path(message) + query)
            assert answer.status_code == 200
            assert b"Saved." not in answer.content

    assert ContactConsent.objects.count() == before
    assert not Suppression.objects.exists()


def test_saving_what_is_ticked_changes_nothing(message):
    answer = save(message, *ALL)

    assert (answer.status_code, len(answer.cookies)) == (200, 0)
    assert "Saved." in answer.content.decode()
    assert said(message.customer) == {"sms:marketing": "opted_in"}
    assert not Suppression.objects.exists()


def test_one_topic_of_one_channel_is_taken_back_and_the_others_stay(message):
    save(message, "email:marketing", "email:appointments", "sms:appointments")

    assert ticked(message) == ["email:marketing", "email:appointments", "sms:appointments"]
    assert active(message.shop) == {("sms", "unsubscribed")}
    assert said(message.customer) == {"sms:marketing": "opted_out"}
    entry = ContactConsent.objects.get(decision="opted_out")
    assert (entry.source, entry.detail.ip) == ("preference_page", "127.0.0.1")


def test_reminders_alone_are_taken_back_without_suppressing_the_address(message):
    save(message, "email:marketing", "sms:marketing", "sms:appointments")

    assert said(message.customer)["email:appointments"] == "opted_out"
    assert active(message.shop) == set()
    assert ticked(message) == ["email:marketing", "sms:marketing", "sms:appointments"]


def test_offers_taken_back_on_the_messages_channel_count_as_an_unsubscription_from_it(message):
    save(message, "sms:marketing")

    message.refresh_from_db()
    assert message.unsubscribed_at is not None
    assert active(message.shop) == {("email", "unsubscribed")}


def test_everything_stops_with_one_button(message):
    save(message, *ALL, do="nothing")

    assert ticked(message) == []
    assert said(message.customer) == dict.fromkeys(ALL, "opted_out")
    assert active(message.shop) == {("email", "unsubscribed"), ("sms", "unsubscribed")}
    neighbour = Customer.objects.for_shop(message.shop).exclude(pk=message.customer_id).get()
    assert said(neighbour) == {"sms:marketing": "opted_in"}


def test_what_he_allows_again_for_this_address_counts_at_once_with_the_words_shown(message):
    Client().post(path(message))
    words = page(message)
    save(message, "email:marketing")

    entry = ContactConsent.objects.filter(channel="email").latest().get(topic="marketing")
    assert (entry.decision, entry.source) == ("opted_in", "preference_page")
    assert entry.detail.disclosure_text in words
    assert entry.disclosure_version.startswith("email/")
    assert ("email", "unsubscribed") not in active(message.shop)
    assert "email:marketing" in ticked(message)


def test_what_he_allows_on_another_channel_has_to_be_confirmed_from_there(message):
    save(message, "email:marketing")
    save(message, "email:marketing", "sms:marketing")

    assert said(message.customer)["sms:marketing"] == "opted_out"
    asked = OptInRequest.objects.get()
    assert (asked.customer, asked.channel, asked.confirmed_at) == (message.customer, "sms", None)
    sent = CustomerCommunication.objects.get(channel="sms")
    assert (sent.address, sent.dispatch.kind) == (message.customer.phone, "transactional")


@pytest.mark.parametrize("cause", ["complained", "bounced", "provider", "erased", "manual"])
def test_what_only_the_shop_can_change_cannot_be_ticked(message, cause):
    Suppression.objects.create(
        shop=message.shop, channel="email", address_hmac=message.address_hmac, cause=cause
    )

    shown = page(message)
    save(message, *ALL)

    assert "Only the shop can change this." in shown
    # Whoever was erased gets no offers at his other addresses either.
    offers = [] if cause == "erased" else ["sms:marketing"]
    assert ticked(message) == [*offers, "sms:appointments"]
    assert active(message.shop) == {("email", cause)}
    assert "email:marketing" not in said(message.customer)


def test_who_stopped_texts_is_told_to_text_start(message, settings):
    customer = message.customer
    Suppression.objects.create(
        shop=message.shop, channel="sms", address_hmac=customer.phone_hmac, cause="stop"
    )

    shown = page(message)
    save(message, *ALL)

    assert f"text START to {settings.TWILIO_PHONE_NUMBER}" in shown
    assert active(message.shop) == {("sms", "stop")}


def test_link_in_a_text_gives_texts_back_after_a_stop(message):
    text = in_call(channel="sms", customer=message.customer, dispatch__shop=message.shop)
    Suppression.objects.create(
        shop=text.shop, channel="sms", address_hmac=text.address_hmac, cause="stop"
    )

    save(text, "sms:marketing", offered=["sms:marketing"])

    assert active(text.shop) == set()


def changed_address(message, email="new@example.test"):
    """The customer's address is another one now; the link is in a message to the old one."""
    customer = message.customer
    customer.email = email
    customer.save()
    return customer


def test_link_to_an_old_address_allows_nothing_for_the_new_one_unconfirmed(message):
    customer = changed_address(message)
    save(message)
    before = said(customer)

    save(message, "email:marketing")

    assert said(customer) == before
    assert before["email:marketing"] == "opted_out"
    assert [asked.address_hmac for asked in OptInRequest.objects.all()] == [customer.email_hmac]


def test_who_reads_an_old_address_takes_that_one_back_too(message):
    reminder = in_call(customer=message.customer, dispatch__shop=message.shop, topic="appointments")
    customer = changed_address(reminder)

    save(reminder, "email:appointments", "sms:marketing", "sms:appointments")

    rows = Suppression.objects.for_shop(customer.shop).active().filter(channel="email")
    hmacs = set(rows.values_list("address_hmac", flat=True))
    assert hmacs == {reminder.address_hmac, customer.email_hmac}


def test_body_that_is_no_form_is_not_said_to_be_saved(message):
    answer = Client().generic(
        "POST", f"{path(message)}?preferences", b"x", content_type="text/plain"
    )

    assert answer.status_code == 200
    assert "Saved." not in answer.content.decode()


def test_who_was_asked_too_often_is_told_so(message):
    changed_address(message)
    save(message)

    pages = [save(message, "email:marketing").content.decode() for _ in range(4)]

    assert ["Saved." in page for page in pages] == [True, True, True, False]
    assert "several times already" in pages[-1]
    assert OptInRequest.objects.count() == 3


def test_box_that_was_not_on_the_page_is_not_taken_for_unticked(message):
    save(message, offered=["email:appointments"])

    assert said(message.customer) == {
        "sms:marketing": "opted_in",
        "email:appointments": "opted_out",
    }


@pytest.mark.parametrize("nonsense", ["fax:marketing", "email", "", "email:marketing:x", "\x00"])
def test_words_that_nobody_offered_change_nothing(message, nonsense):
    answer = save(message, nonsense, offered=[nonsense])

    assert answer.status_code == 200
    assert said(message.customer) == {"sms:marketing": "opted_in"}


def test_person_who_was_erased_can_still_stop_and_sees_no_boxes(message):
    CustomerCommunication.objects.filter(pk=message.pk).update(address="", customer=None)

    shown = page(message)
    answer = save(message, do="nothing")

    assert 'type="checkbox"' not in shown
    assert answer.status_code == 200
    assert active(message.shop) == {("email", "unsubscribed")}


def test_page_speaks_the_customers_language_or_the_chosen_one(message):
    message.customer.language = "es-MX"
    message.customer.save()

    spanish, french = page(message), page(message, lang="fr")

    assert "Ofertas y novedades por correo" in spanish
    assert "Offres et nouvelles par e-mail" in french
    assert '<html lang="fr">' in french


def test_words_of_the_language_shown_are_the_words_stored(message):
    Client().post(path(message))
    save(message, "email:marketing", lang="es")

    entry = ContactConsent.objects.filter(channel="email").latest().get(topic="marketing")
    assert entry.disclosure_version.endswith("/es")
    assert consent.verify(message.customer)
