"""The public pages and messages speak every language whole."""

import pytest
from django.utils import translation
from django.utils.translation import gettext

from communications import confirmations, sms_segments
from communications.tests.public_words import sentences
from customers.models import OptInRequest

LANGUAGES = ("es", "fr")


def test_sentences_are_found_in_templates_and_modules():
    found = sentences()

    assert len(found) > 50
    assert "You are unsubscribed" in found
    assert "%(shop_name)s has what you sent." in found
    assert "Choose texts, emails, or both." in found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_said_in_every_language(language):
    with translation.override(language):
        left = [sentence for sentence in sentences() if gettext(sentence) == sentence]

    assert left == []


@pytest.mark.parametrize("language", ["en", *LANGUAGES])
def test_text_that_asks_to_confirm_fits_the_alphabet_of_texts(language):
    with translation.override(language):
        _, text = confirmations._words(OptInRequest(channel="sms"))

    counted = sms_segments.count(text.replace("{{ shop_name }}", "Cedar Street Barbers"))
    assert (counted.encoding, counted.segments <= 2) == ("GSM-7", True)
    for word in ("YES", "STOP", "HELP"):
        assert word in text
