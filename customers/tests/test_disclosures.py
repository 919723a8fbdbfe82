"""The words people agree to: complete, in every language, and never changed in silence."""

import hashlib

import pytest

from barbershop.tests.factories import ShopFactory
from customers.disclosures import LANGUAGES, shown, spoken

pytestmark = pytest.mark.django_db

# SHA-256 of each text with the shop "X". A new text needs a new date, and then a new line here.
KNOWN = {
    "sms/2026-11-22/en": "697a8c7e42cb30d4",
    "sms/2026-11-22/es": "8e02b91691589762",
    "sms/2026-11-22/fr": "5ae6aba9b3d6966c",
    "email/2026-11-22/en": "77edb76cab1e4592",
    "email/2026-11-22/es": "1e049ffb66b8af53",
    "email/2026-11-22/fr": "c25483fc68ee3576",
}


def words(channel, language, name="X") -> str:
    return shown(shop=ShopFactory(name=name), channel=channel, language=language).text


@pytest.mark.parametrize(
    "needed",
    [
        "Cedar Street may send me",
        "automated marketing text messages",
        "at the mobile number I gave",
        "not a condition of any purchase",
        "Message frequency varies",
        "Message and data rates may apply",
        "STOP",
        "HELP",
        "I sign and agree",
    ],
)
def test_text_for_texts_holds_what_the_law_asks(needed):
    assert needed in words("sms", "en", name="Cedar Street")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("channel", ["sms", "email"])
def test_text_names_the_shop_and_its_own_version(channel, language):
    shop = ShopFactory(name="{braces} & <b>")
    found = shown(shop=shop, channel=channel, language=language)

    assert found.text.count("{braces} & <b>") == 1
    assert "{shop}" not in found.text
    assert found.version.split("/")[::2] == [channel, language]
    assert len(found.version) <= 40


@pytest.mark.parametrize("language", LANGUAGES)
def test_text_for_texts_says_stop_and_help_in_every_language(language):
    assert "STOP" in words("sms", language)
    assert "HELP" in words("sms", language)


def test_text_that_changed_has_a_new_version():
    found = {
        shown(
            shop=ShopFactory(name="X"), channel=channel, language=language
        ).version: hashlib.sha256(words(channel, language).encode()).hexdigest()[:16]
        for channel in ("sms", "email")
        for language in LANGUAGES
    }

    assert found == KNOWN


@pytest.mark.parametrize(
    ("asked", "language"),
    [("es-MX", "es"), ("FR_ca", "fr"), ("en", "en"), ("de", "en"), ("", "en")],
)
def test_nearest_language_is_spoken(asked, language):
    assert spoken(asked) == language
