"""The words on a page that somebody has open, brought back by its form as they were shown.

A shop may change its name, or we the words, while the page is open. The form carries what it shows,
signed, so that nobody can have agreed to words of his own making.
"""

from collections.abc import Iterable

from django.core import signing

from barbershop.models import Barbershop
from customers.channels import Channel
from customers.disclosures import Disclosure, shown

_SALT = "communications.shown_words"


def carried(*, shop: Barbershop, language: str) -> str:
    """The words of every channel, for a hidden field."""
    found = [shown(shop=shop, channel=channel, language=language) for channel in Channel]
    facts = [[d.channel, d.language, d.version, d.text] for d in found]
    return signing.dumps([shop.pk, facts], salt=_SALT, compress=True)


def brought_back(value: str, *, shop: Barbershop) -> dict[str, Disclosure]:
    """By channel what was shown; nothing when this did not come from a page of the shop."""
    try:
        pk, facts = signing.loads(value, salt=_SALT)
    except signing.BadSignature:
        return {}
    return dict(_disclosures(facts)) if pk == shop.pk else {}


def _disclosures(facts: Iterable[list[str]]) -> Iterable[tuple[str, Disclosure]]:
    for channel, language, version, text in facts:
        yield channel, Disclosure(channel=channel, language=language, version=version, text=text)
