"""What one recipient reads, from the stored content to the last character."""

import re
from types import SimpleNamespace

import pytest

from barbershop.tests.factories import BarberFactory, ShopFactory
from communications import outbox, rendering
from communications.models import CustomerCommunication, Dispatch
from communications.required_words import STOP_FIELD
from communications.tests.factories import DispatchFactory
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db

HOSTILE = "{{discount}}<b>\"'&"


def prepared(*, channel="email", text, subject="Hello", dispatch=None):
    dispatch = dispatch or DispatchFactory(
        shop=ShopFactory(name="Main Street", booking_url="https://book.example.test/")
    )
    content = outbox.add_content(
        dispatch=dispatch, channel=channel, subject=subject, text=text, variant_label="A"
    )
    return rendering.prepare(content.pk, dispatch=dispatch)


def row_of(prepared, customer):
    communication = SimpleNamespace(pk=1)
    found = CustomerFactory._meta.model.objects.filter(pk=customer.pk).values(
        *[path.removeprefix("customer__") for path in prepared.paths], "id"
    )[0]
    row = {f"customer__{name}": value for name, value in found.items()}
    uuid = CustomerCommunication._meta.get_field("uuid").get_default()
    return row | {"uuid": uuid, "values": {}, "customer_id": customer.pk, "pk": communication.pk}


def full(compiled, prepared, row, *, html=False):
    values = [prepared.value(slot, row) for slot in compiled.slots]
    return compiled.join([rendering.escaped(v) for v in values] if html else values)


def test_values_come_from_the_customer_his_barber_and_the_shop():
    made = prepared(text="Hi {{ customer_first_name }}, {{ barber_first_name }} at {{shop_name}}")
    barber = BarberFactory(first_name="Ana")
    customer = CustomerFactory(shop=barber.shop, first_name="Sam", preferred_barber=barber)

    text = full(made.text, made, row_of(made, customer))

    assert text.startswith("Hi Sam, Ana at Main Street\n\n--\n")


def test_an_empty_value_falls_back_to_the_owners_word_then_to_ours():
    made = prepared(text="{{ customer_first_name | default: 'friend' }} {{ barber_first_name }}")
    customer = CustomerFactory(first_name="")

    assert full(made.text, made, row_of(made, customer)).startswith("friend your barber")


def test_a_hostile_name_is_escaped_in_html_and_literal_in_text_and_never_expanded():
    made = prepared(subject="For {{ customer_first_name }}", text="Hi {{ customer_first_name }}!")
    row = row_of(made, CustomerFactory(first_name=HOSTILE))

    assert full(made.subject, made, row) == f"For {HOSTILE}"
    assert full(made.text, made, row).startswith(f"Hi {HOSTILE}!")
    html = full(made.html, made, row, html=True)
    assert "Hi {{discount}}&lt;b&gt;&quot;&#x27;&amp;!" in html
    assert "<b>" not in html


def test_line_breaks_in_a_value_cannot_reach_the_subject():
    made = prepared(subject="For {{ customer_first_name }}", text="x")
    row = row_of(made, CustomerFactory(first_name="Sam\r\nBcc: a@b.example\u2028x"))

    assert full(made.subject, made, row) == "For Sam Bcc: a@b.example x"


def test_addresses_in_a_text_become_tracked_links_once_each():
    made = prepared(
        text="Book: {{ booking_link }} or https://shop.example.test/a?b=1&c=2, again "
        "https://shop.example.test/a?b=1&c=2."
    )
    row = row_of(made, CustomerFactory())

    text = full(made.text, made, row)
    html = full(made.html, made, row, html=True)

    assert len(made.link_ids) == 2
    tracked = re.findall(r"https://shop\.example\.test/c/[\w-]+/", text)
    assert len(tracked) == 3
    assert tracked[1] == tracked[2] != tracked[0]
    assert f'<a href="{tracked[1]}">https://shop.example.test/a?b=1&amp;c=2</a>' in html


def test_an_address_that_a_field_completes_is_left_as_written():
    made = prepared(text="https://x.example.test/?code={{ offer_code }} now")
    row = row_of(made, CustomerFactory()) | {"values": {"offer_code": "A1"}}

    assert made.link_ids == ()
    assert full(made.text, made, row).startswith("https://x.example.test/?code=A1 now")


def test_marketing_email_ends_with_address_and_unsubscribe_link():
    made = prepared(text="Hello")
    row = row_of(made, CustomerFactory())

    text = full(made.text, made, row)

    assert "1 Test Street, Springfield, NY 10001" in text
    assert rendering.unsubscribe_url(row["uuid"]) in text
    assert rendering.unsubscribe_url(row["uuid"]) in full(made.html, made, row, html=True)


def test_a_marketing_text_names_the_shop_and_how_to_stop():
    shop = ShopFactory(name="Main Street")

    assert (
        rendering.sms_text("20% off", shop=shop, kind=Dispatch.Kind.MARKETING)
        == f"Main Street: 20% off {STOP_FIELD}"
    )
    said = "Main Street says 20% off. Text STOP to end."
    assert rendering.sms_text(said, shop=shop, kind=Dispatch.Kind.MARKETING) == said


def test_the_way_to_stop_is_said_once():
    shop = ShopFactory(name="Main Street")

    text = rendering.sms_text("20% off", shop=shop, kind=Dispatch.Kind.MARKETING)

    assert text == f"Main Street: 20% off {STOP_FIELD}"
    assert rendering.sms_text(text, shop=shop, kind=Dispatch.Kind.MARKETING) == text


@pytest.mark.parametrize(
    "said",
    [
        "Our sale is on",
        "Book at https://al.example.test/ now",
        "Book at https://x.example.test/?shop={{ shop_name }} now",
        "We shop_name you",
        '{{ barber_first_name | default: "Al" }} misses you',
    ],
)
def test_letters_within_a_word_or_an_address_name_nobody(said):
    text = rendering.sms_text(said, shop=ShopFactory(name="Al"), kind=Dispatch.Kind.MARKETING)

    assert text == f"Al: {said} {STOP_FIELD}"


@pytest.mark.parametrize("said", ["AL says hi", "At Al's: 20%", "{{ shop_name }}: hi", "Hi, Al!"])
def test_a_shop_that_names_itself_is_not_named_twice(said):
    text = rendering.sms_text(said, shop=ShopFactory(name="Al"), kind=Dispatch.Kind.MARKETING)

    assert text == f"{said} {STOP_FIELD}"


def test_a_transactional_text_is_left_as_written():
    shop = ShopFactory(name="Main Street")

    said = rendering.sms_text("See you at 3.", shop=shop, kind=Dispatch.Kind.TRANSACTIONAL)

    assert said == "See you at 3."


def test_a_test_message_shows_the_example_values():
    made = prepared(text="Hi {{ customer_first_name }}, code {{ offer_code }}")
    row = {"uuid": row_of(made, CustomerFactory())["uuid"], "values": {}, "customer_id": None}

    assert full(made.text, made, row).startswith("Hi Sam, code SUMMER-7K2Q")


@pytest.mark.parametrize(
    "said",
    [
        "Stop by for a fresh cut this week!",
        "Our non-stop summer sale",
        "We sent a text. Stop by!",
        "Reply now, stop waiting",
        "STOP THE PRESS",
        'Hi {{ customer_first_name | default: "you, reply STOP to end" }}',
    ],
)
def test_the_word_stop_alone_is_no_way_to_stop(said):
    shop = ShopFactory(name="Main Street")

    text = rendering.sms_text(said, shop=shop, kind=Dispatch.Kind.MARKETING)

    assert text == f"Main Street: {said} {STOP_FIELD}"


@pytest.mark.parametrize(
    "said",
    [
        "Reply STOP to end",
        "text 'STOP' to end",
        "Reply with \u201cSTOP\u201d",
        "Txt STOP 2 end",
        "Responda STOP para salir",
        "Envoyez STOP pour ne plus en recevoir",
    ],
)
def test_a_way_to_stop_is_not_said_twice(said):
    shop = ShopFactory(name="Main Street")

    text = rendering.sms_text(said, shop=shop, kind=Dispatch.Kind.MARKETING)

    assert text == f"Main Street: {said}"


def test_a_value_inside_an_address_cannot_add_to_the_address():
    made = prepared(
        text="https://x.example.test/{{ customer_first_name }}?n={{ customer_last_name }}&s="
        "{{ shop_name }}#end {{ customer_first_name }}"
    )
    row = row_of(made, CustomerFactory(first_name="A/é b", last_name="T&admin=1"))

    text = full(made.text, made, row)

    address = "https://x.example.test/A%2F%C3%A9%20b?n=T%26admin%3D1&s=Main%20Street#end"
    assert text.startswith(f"{address} A/é b\n")
    assert f"{address.replace('&', '&amp;')} A/é b" in full(made.html, made, row, html=True)


def test_a_link_field_after_an_address_stays_a_link():
    made = prepared(text="https://x.example.test/{{ referral_link }}")
    row = row_of(made, CustomerFactory()) | {"values": {"referral_link": "https://r.example/a"}}

    assert full(made.text, made, row).startswith("https://x.example.test/https://r.example/a\n")


def test_line_breaks_in_the_shops_own_words_cannot_reach_the_subject():
    shop = ShopFactory(postal_address="1 Main Street\r\nBcc: a@b.example")
    made = prepared(subject="At {{ shop_address }}", text="x", dispatch=DispatchFactory(shop=shop))

    subject = full(made.subject, made, row_of(made, CustomerFactory()))

    assert subject == "At 1 Main Street Bcc: a@b.example"
