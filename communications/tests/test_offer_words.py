"""What an offer is worth and until when, in the reader's language."""

import pytest

from communications import blocks, languages, offer_words, rendering
from communications.tests.drafted import draft, row, shop
from communications.visit_facts import Reader

OFFER = {
    "offer_discount": "20%",
    "offer_in_words": "percent 20",
    "offer_code": "AB-12",
    "offer_expires_on": "2026-12-22",
}


def said(given: str, language: str) -> str:
    return offer_words.in_words(given, {"customer__language": language}, Reader(shop()))


@pytest.mark.parametrize(
    ("given", "english", "spanish", "french"),
    [
        ("percent 20", "20% off", "20% de descuento", "20% de réduction"),
        ("amount 500 USD", "$5 off", "$5 de descuento", "5 $ de réduction"),
        ("amount 105050 USD", "$1,050.50 off", "$1,050.50 de descuento", "1 050,50 $ de"),
        ("amount 550 EUR", "€5.50 off", "5,50 € de descuento", "5,50 € de réduction"),
        ("amount 500 JPY", "JPY 500 off", "JPY 500 de descuento", "500 JPY de réduction"),
        ("service Beard trim", "Free Beard trim", "Beard trim gratis", "Offert : Beard trim"),
    ],
)
def test_worth_is_said_in_each_language(given, english, spanish, french):
    assert said(given, "en") == english
    assert said(given, "es") == spanish
    assert said(given, "fr").startswith(french)


@pytest.mark.parametrize("words", [languages.YOUR_CODE, languages.UNTIL, languages.FREE_TIMES])
def test_words_around_an_offer_are_known_in_every_language(words):
    assert set(words) == set(languages.LANGUAGES)


@pytest.mark.parametrize(
    ("language", "off", "code", "until", "plain"),
    [
        ("", "20% off", "Your code", "Until December 22", "20% off - AB-12 (December 22)"),
        (
            "es-MX",
            "20% de descuento",
            "Su código",
            "Hasta el 22 de diciembre",
            "20% de descuento - AB-12 (22 de diciembre)",
        ),
        (
            "fr",
            "20% de réduction",
            "Votre code",
            "Jusqu&#x27;au 22 décembre",
            "20% de réduction - AB-12 (22 décembre)",
        ),
    ],
)
def test_offer_block_speaks_the_readers_language(language, off, code, until, plain):
    block = ({"type": "offer"},)
    made = draft(blocks.text_of_blocks(block), blocks=block, subject="{{ offer_expires_on }}")

    mail = rendering.render_email(made, row(values=OFFER, customer__language=language))

    assert f">{off}</p>" in mail.html
    assert f"{code}: <strong>AB-12</strong>" in mail.html
    assert f">{until}</p>" in mail.html
    assert mail.text.strip().startswith(f"{plain}\n")
    assert mail.subject == plain.partition("(")[2].rstrip(")")


def test_reader_without_a_language_reads_the_shops():
    made = draft("Fin: {{ offer_expires_on }}", at=shop(language="fr"), channel="sms")

    text = rendering.render_sms(made, row(values=OFFER, customer__language="de"))

    assert text.startswith("Main Street: Fin: 22 décembre ")


@pytest.mark.parametrize(
    ("given", "shown"), [("2026-12-22", "22.12."), ("December 22", "December 22")]
)
def test_last_day_may_be_written_by_a_filter_and_one_of_an_older_message_stays(given, shown):
    made = draft("{{ offer_expires_on | date: '%d.%m.' }}", channel="sms")

    text = rendering.render_sms(made, row(values={"offer_expires_on": given}))

    assert text.startswith(f"Main Street: {shown} ")
