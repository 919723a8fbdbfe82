"""In which language a message speaks, and the word on which one clicks to get no more."""

import re

import pytest
from django.utils import timezone

from barbershop.tests.factories import ShopFactory
from communications import languages, rendering, sms_segments
from communications.tests.drafted import draft
from customers.models import Customer
from customers.tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("known", "own", "spoken"),
    [
        ("fr-CA", "es", "fr"),
        ("ES_mx", "en", "es"),
        ("", "es-MX", "es"),
        ("de", "fr", "fr"),
        ("de", "pl", "en"),
        ("en-GB", "fr", "en"),
    ],
)
def test_message_speaks_the_readers_language_then_the_shops(known, own, spoken):
    assert languages.of_person(known, shop=ShopFactory(language=own)) == spoken


@pytest.mark.parametrize(
    ("his", "own", "word", "notice"),
    [
        ("", "en", "Unsubscribe", "Reply STOP to opt out."),
        ("", "es-MX", "Darse de baja", "Responda STOP para darse de baja."),
        ("fr", "en", "Se désabonner", "R\xe9pondez STOP pour ne plus rien recevoir."),
        ("de", "es", "Darse de baja", "Responda STOP para darse de baja."),
    ],
)
def test_the_way_out_is_said_in_the_readers_language(his, own, word, notice):
    shop = ShopFactory(name="Al", language=own)
    email, sms = (draft("Hello", at=shop, channel=channel) for channel in ("email", "sms"))
    someone = Customer.objects.filter(pk=CustomerFactory(shop=shop, language=his).pk)
    (row,) = rendering.rows([email, sms], someone, now=timezone.now())

    letter = rendering.render_email(email, row)

    assert re.findall(r'color:#5a5a5a;">([^<]*)</a>', letter.html) == [word]
    assert f"\n{word}: {rendering.unsubscribe_url(row['uuid'])}" in letter.text
    assert rendering.render_sms(sms, row) == f"Al: Hello {notice}"


def test_words_are_there_in_every_language_and_texts_keep_their_short_alphabet():
    assert set(languages.UNSUBSCRIBE) == set(languages.HOW_TO_STOP) == set(languages.LANGUAGES)
    assert {sms_segments.count(said).encoding for said in languages.HOW_TO_STOP.values()} == {
        "GSM-7"
    }
