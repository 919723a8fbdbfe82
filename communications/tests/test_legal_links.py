"""The shop's terms and privacy policy stand where people agree, and the shop hears what lacks."""

import re

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from barbershop.models import Barbershop
from barbershop.tests.factories import MembershipFactory, ShopFactory
from communications import links
from communications.tests.reports import in_call

pytestmark = pytest.mark.django_db
LINKS = {
    "terms_url": "https://corner.example.test/terms?a=1&b=2",
    "privacy_url": "https://corner.example.test/privacy",
}


@pytest.fixture
def message():
    return in_call(dispatch__shop=ShopFactory(name="Corner Cuts", slug="corner"))


def shown(path: str) -> list[tuple[str, str]]:
    """The links out of the site, as ``(address, words)``."""
    html = Client().get(path).content.decode()
    return re.findall(r'<a href="(https://corner[^"]*)" rel="noreferrer">([^<]*)</a>', html)


@pytest.mark.parametrize(
    ("lang", "terms", "privacy"),
    [
        ("en", "Terms of Corner Cuts", "Privacy policy of Corner Cuts"),
        ("es", "Condiciones de Corner Cuts", "Política de privacidad de Corner Cuts"),
        ("fr", "Conditions de Corner Cuts", "Politique de confidentialité de Corner Cuts"),
    ],
)
def test_links_stand_on_the_sign_up_and_the_preference_page(message, lang, terms, privacy):
    pages = ("/join/corner/", f"/u/{links.unsubscribe_token(message.uuid)}/")
    assert [shown(f"{page}?lang={lang}") for page in pages] == [[], []]

    Barbershop.objects.filter(pk=message.shop_id).update(**LINKS)

    for page in pages:
        assert shown(f"{page}?lang={lang}") == [
            ("https://corner.example.test/terms?a=1&amp;b=2", terms),
            ("https://corner.example.test/privacy", privacy),
        ]


def test_sign_up_page_of_the_shop_says_which_link_is_missing(client, message):
    shop = message.shop
    client.force_login(MembershipFactory(shop=shop).user)
    said = {}
    for given in ((), ("terms_url",), ("terms_url", "privacy_url")):
        Barbershop.objects.filter(pk=shop.pk).update(**{name: LINKS[name] for name in given})
        said[len(given)] = client.get(reverse("customers-sign-up")).context["missing_links"]

    start, end = "Carriers look for a link to ", " beside these words"
    assert said[0].partition(end)[0] == f"{start}the shop's terms and the shop's privacy policy"
    assert said[1].partition(end)[0] == f"{start}the shop's privacy policy"
    assert said[2] == ""


@pytest.mark.parametrize("address", ["http://a.example/x", "javascript:alert(1)", "a.example"])
def test_link_that_is_not_https_is_refused_by_the_form(message, address):
    for name in LINKS:
        shop = Barbershop(**{name: address})
        with pytest.raises(ValidationError) as caught:
            shop.clean_fields()
        assert (
            "It must be a web address that begins with https://."
            in (caught.value.message_dict[name])
        )
